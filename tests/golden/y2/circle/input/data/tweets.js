window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1609836896056246272",
      "id_str" : "1609836896056246272",
      "created_at" : "Mon Jan 02 09:00:00 +0000 2023",
      "full_text" : "Public words.",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "13"
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
