window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "684675774673846272",
      "id_str" : "684675774673846272",
      "created_at" : "Wed Jan 06 10:00:00 +0000 2016",
      "full_text" : "And so it stayed. 3/3",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "21"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en",
      "in_reply_to_status_id" : "684299545605046272",
      "in_reply_to_status_id_str" : "684299545605046272",
      "in_reply_to_user_id" : "4242",
      "in_reply_to_user_id_str" : "4242",
      "in_reply_to_screen_name" : "museum_demo"
    }
  },
  {
    "tweet" : {
      "id" : "684299545605046272",
      "id_str" : "684299545605046272",
      "created_at" : "Tue Jan 05 09:05:00 +0000 2016",
      "full_text" : "@museum_demo They built it twice, the second time by night. 2/3",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [
          {
            "screen_name" : "museum_demo",
            "name" : "Museum_Demo",
            "id_str" : "4242",
            "id" : "4242",
            "indices" : [
              "0",
              "12"
            ]
          }
        ],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "63"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en",
      "in_reply_to_status_id" : "684298287313846272",
      "in_reply_to_status_id_str" : "684298287313846272",
      "in_reply_to_user_id" : "4242",
      "in_reply_to_user_id_str" : "4242",
      "in_reply_to_screen_name" : "museum_demo"
    }
  },
  {
    "tweet" : {
      "id" : "684298287313846272",
      "id_str" : "684298287313846272",
      "created_at" : "Tue Jan 05 09:00:00 +0000 2016",
      "full_text" : "Why our bridge has two ends. 1/3",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "32"
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
