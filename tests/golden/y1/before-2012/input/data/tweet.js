window.YTD.tweet.part0 = [ {
  "tweet" : {
    "id" : "1234567890",
    "id_str" : "1234567890",
    "created_at" : "Sat Mar 14 10:00:00 +0000 2009",
    "full_text" : "Museum &lt;3 &quot;http://old.example/a?b=1&c=2&quot; AT&T",
    "entities" : {
      "urls" : [],
      "user_mentions" : [],
      "hashtags" : [],
      "symbols" : []
    },
    "display_text_range" : [
      "0",
      "58"
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
