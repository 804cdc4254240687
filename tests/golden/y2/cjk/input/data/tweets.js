window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1178957723857846272",
      "id_str" : "1178957723857846272",
      "created_at" : "Tue Oct 01 09:00:00 +0000 2019",
      "full_text" : "橋の博物館です。今日は三番目の板を直しました。写真はこちらhttps://t.co/aaaaaaaaaa #橋 を渡る人へ、@ferry_clubより",
      "entities" : {
        "hashtags" : [
          {
            "text" : "橋",
            "indices" : [
              "53",
              "55"
            ]
          }
        ],
        "symbols" : [],
        "user_mentions" : [
          {
            "screen_name" : "ferry_club",
            "name" : "Ferry_Club",
            "id_str" : "88",
            "id" : "88",
            "indices" : [
              "62",
              "73"
            ]
          }
        ],
        "urls" : [
          {
            "url" : "https://t.co/aaaaaaaaaa",
            "expanded_url" : "https://museum.example/橋",
            "display_url" : "museum.example/橋",
            "indices" : [
              "29",
              "52"
            ]
          }
        ]
      },
      "display_text_range" : [
        "0",
        "75"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "ja"
    }
  }
]
