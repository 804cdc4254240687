window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1179320111723446272",
      "id_str" : "1179320111723446272",
      "created_at" : "Wed Oct 02 09:00:00 +0000 2019",
      "full_text" : "المتحف مفتوح اليوم حتى السادسة، انظر https://t.co/aaaaaaaaaa #جسر",
      "entities" : {
        "hashtags" : [
          {
            "text" : "جسر",
            "indices" : [
              "61",
              "65"
            ]
          }
        ],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [
          {
            "url" : "https://t.co/aaaaaaaaaa",
            "expanded_url" : "https://museum.example/ar",
            "display_url" : "museum.example/ar",
            "indices" : [
              "37",
              "60"
            ]
          }
        ]
      },
      "display_text_range" : [
        "0",
        "65"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "ar"
    }
  },
  {
    "tweet" : {
      "id" : "1179682499589046272",
      "id_str" : "1179682499589046272",
      "created_at" : "Thu Oct 03 09:00:00 +0000 2019",
      "full_text" : "המוזיאון פתוח ‏(עד שש)",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "22"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "iw"
    }
  }
]
