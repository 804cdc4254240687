window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1752980102968246272",
      "id_str" : "1752980102968246272",
      "created_at" : "Thu Feb 01 09:00:00 +0000 2024",
      "full_text" : "Every plank has a name, and every name a story that the keeper tells when it rains. Every plank has a name, and every name a story that the keeper tells when it rains. Every plank has a name, and every name a story that the keeper tells when it rains. Every plank has a name, and every name a story that the keeper tells when it rains. Every plank has a name, and every name a story that the keeper tells when it rains. Every plank has a name, and every name a story that the keeper tells when it rains. Every plank has a name, and every name a story that the keeper tells when it rains. https://t.co/aaaaaaaaaa",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [
          {
            "url" : "https://t.co/aaaaaaaaaa",
            "expanded_url" : "https://museum.example/planks",
            "display_url" : "museum.example/planks",
            "indices" : [
              "588",
              "611"
            ]
          }
        ]
      },
      "display_text_range" : [
        "0",
        "611"
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
