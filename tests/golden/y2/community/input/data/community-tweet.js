window.YTD.community_tweet.part0 = [
  {
    "tweet" : {
      "id" : "1610561671787446272",
      "id_str" : "1610561671787446272",
      "created_at" : "Wed Jan 04 09:00:00 +0000 2023",
      "full_text" : "To the small museums here: who lends a lantern?",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "47"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en",
      "community_id" : "55",
      "community_id_str" : "55",
      "scopes" : {
        "followers" : false
      }
    }
  }
]
