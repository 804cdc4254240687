window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "684298287313846272",
      "id_str" : "684298287313846272",
      "created_at" : "Tue Jan 05 09:00:00 +0000 2016",
      "full_text" : "Why our bridge has two ends.",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "28"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en"
    }
  },
  {
    "tweet" : {
      "id" : "1213746958955446272",
      "id_str" : "1213746958955446272",
      "created_at" : "Sun Jan 05 09:00:00 +0000 2020",
      "full_text" : "Four years ago already: https://t.co/aaaaaaaaaa",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [
          {
            "url" : "https://t.co/aaaaaaaaaa",
            "expanded_url" : "https://twitter.com/museum_demo/status/684298287313846272?s=20",
            "display_url" : "twitter.com/museum_dem",
            "indices" : [
              "24",
              "47"
            ]
          }
        ]
      },
      "display_text_range" : [
        "0",
        "47"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en"
    }
  },
  {
    "tweet" : {
      "id" : "1214109346821046272",
      "id_str" : "1214109346821046272",
      "created_at" : "Mon Jan 06 09:00:00 +0000 2020",
      "full_text" : "As told in https://t.co/bbbbbbbbbb, it creaks.",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [
          {
            "url" : "https://t.co/bbbbbbbbbb",
            "expanded_url" : "https://twitter.com/museum_demo/status/684298287313846272?s=20",
            "display_url" : "twitter.com/museum_dem",
            "indices" : [
              "11",
              "34"
            ]
          }
        ]
      },
      "display_text_range" : [
        "0",
        "46"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en"
    }
  }
]
