window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1447532430750646272",
      "id_str" : "1447532430750646272",
      "created_at" : "Mon Oct 11 12:00:00 +0000 2021",
      "full_text" : "RT @ferry_club: Ten years of rowing, two oars lost: we celebrate on the left bank, then the right one, and then, if the tide is with us, in th…",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [
          {
            "screen_name" : "ferry_club",
            "name" : "Ferry_Club",
            "id_str" : "88",
            "id" : "88",
            "indices" : [
              "3",
              "14"
            ]
          }
        ],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "143"
      ],
      "favorite_count" : "0",
      "retweet_count" : "12",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en"
    }
  }
]
