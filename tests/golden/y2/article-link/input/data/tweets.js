window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1774723374904246272",
      "id_str" : "1774723374904246272",
      "created_at" : "Mon Apr 01 09:00:00 +0000 2024",
      "full_text" : "https://t.co/aaaaaaaaaa",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [
          {
            "url" : "https://t.co/aaaaaaaaaa",
            "expanded_url" : "https://x.com/i/article/1790000000000000001",
            "display_url" : "x.com/i/article/179000",
            "indices" : [
              "0",
              "23"
            ]
          }
        ]
      },
      "display_text_range" : [
        "0",
        "23"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "zxx"
    }
  }
]
