window.YTD.tweet.part0 = [
  {
    "id" : "1002474833310646272",
    "id_str" : "1002474833310646272",
    "created_at" : "Fri Jun 01 09:00:00 +0000 2018",
    "full_text" : "Flat files, no wrapper: the first download of all.",
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
]
