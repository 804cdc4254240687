window.YTD.tweet.part0 = [ {
  "tweet" : {
    "id" : "1245274703262646272",
    "id_str" : "1245274703262646272",
    "created_at" : "Wed Apr 01 09:00:00 +0000 2020",
    "full_text" : "Closed. The bridge is not.",
    "entities" : {
      "hashtags" : [],
      "symbols" : [],
      "user_mentions" : [],
      "urls" : []
    },
    "display_text_range" : [
      "0",
      "26"
    ],
    "favorite_count" : "3",
    "retweet_count" : "1",
    "favorited" : false,
    "retweeted" : false,
    "truncated" : false,
    "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
    "lang" : "en"
  }
} ]
