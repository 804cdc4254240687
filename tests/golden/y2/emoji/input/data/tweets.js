window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1274613020881846272",
      "id_str" : "1274613020881846272",
      "created_at" : "Sun Jun 21 08:00:00 +0000 2020",
      "full_text" : "👨‍👩‍👧‍👦🇫🇷 Famille, café, é : voir https://t.co/aaaaaaaaaa #Été 🌉",
      "entities" : {
        "hashtags" : [
          {
            "text" : "Été",
            "indices" : [
              "58",
              "62"
            ]
          }
        ],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [
          {
            "url" : "https://t.co/aaaaaaaaaa",
            "expanded_url" : "https://museum.example/ete",
            "display_url" : "museum.example/ete",
            "indices" : [
              "34",
              "57"
            ]
          }
        ]
      },
      "display_text_range" : [
        "0",
        "64"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "fr"
    }
  }
]
