window.YTD.deleted_tweets.part0 = [
  {
    "tweet" : {
      "id" : "1783420683678646272",
      "id_str" : "1783420683678646272",
      "created_at" : "Thu Apr 25 09:00:00 +0000 2024",
      "full_text" : "Did not stay.",
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
      "lang" : "en",
      "deleted_at" : "2024-04-26T09:00:00.000Z"
    }
  }
]
