window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1387330746577846272",
      "id_str" : "1387330746577846272",
      "created_at" : "Wed Apr 28 09:00:00 +0000 2021",
      "full_text" : "Should the cat have a label of its own?",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "39"
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
