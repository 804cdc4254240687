window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "440818940113846272",
      "id_str" : "440818940113846272",
      "created_at" : "Tue Mar 04 12:00:00 +0000 2014",
      "full_text" : ".@ferry_club rows tonight, everybody come",
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
              "1",
              "12"
            ]
          }
        ],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "41"
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
