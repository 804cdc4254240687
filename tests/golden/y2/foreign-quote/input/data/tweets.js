window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1366674638238646272",
      "id_str" : "1366674638238646272",
      "created_at" : "Tue Mar 02 09:00:00 +0000 2021",
      "full_text" : "We said yes before reading to the end. https://t.co/aaaaaaaaaa",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [
          {
            "url" : "https://t.co/aaaaaaaaaa",
            "expanded_url" : "https://twitter.com/ferry_club/status/1366762718622650514?s=20",
            "display_url" : "twitter.com/ferry_club",
            "indices" : [
              "39",
              "62"
            ]
          }
        ]
      },
      "display_text_range" : [
        "0",
        "62"
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
