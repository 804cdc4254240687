window.YTD.twitter_circle_tweet.part0 = [
  {
    "tweet" : {
      "id" : "1610199283921846272",
      "id_str" : "1610199283921846272",
      "created_at" : "Tue Jan 03 09:00:00 +0000 2023",
      "full_text" : "Only for the friends of the house.",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "34"
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
