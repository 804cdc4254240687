window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1124244705899446272",
      "id_str" : "1124244705899446272",
      "created_at" : "Fri May 03 09:30:00 +0000 2019",
      "full_text" : "The footbridge opens at ten. Mind the third plank.",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "50"
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
