window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1455504963793846272",
      "id_str" : "1455504963793846272",
      "created_at" : "Tue Nov 02 12:00:00 +0000 2021",
      "full_text" : "Three ways: https://t.co/aaaaaaaaaa https://t.co/bbbbbbbbbb https://t.co/cccccccccc and one lost: https://t.co/dddddddddd",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [
          {
            "url" : "https://t.co/aaaaaaaaaa",
            "expanded_url" : "https://museum.example/visit?utm_source=twitter&utm_medium=social&lang=en",
            "display_url" : "museum.example/visit?u",
            "indices" : [
              "12",
              "35"
            ]
          },
          {
            "url" : "https://t.co/bbbbbbbbbb",
            "expanded_url" : "https://press.example/a?id=7;utm_campaign=x&fbclid=abc#top",
            "display_url" : "press.example/a?id=7;u",
            "indices" : [
              "36",
              "59"
            ]
          },
          {
            "url" : "https://t.co/cccccccccc",
            "expanded_url" : "https://x.com/search?q=bridge&s=20&t=xyz",
            "display_url" : "x.com/search?q=bridge&",
            "indices" : [
              "60",
              "83"
            ]
          }
        ]
      },
      "display_text_range" : [
        "0",
        "121"
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
