window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1635566434513846272",
      "id_str" : "1635566434513846272",
      "created_at" : "Tue Mar 14 09:00:00 +0000 2023",
      "full_text" : "A short guide to labels, since the guild asks.\n\nRule one: the visitor is standing. Rule two: so is the object, mostly. Rule three: a date is a promise. Rule one: the visitor is standing. Rule two: so is the object, mostly. Rule three: a date is a promise. Rule one: the… https://t.co/ssssssssss",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [
          {
            "url" : "https://t.co/ssssssssss",
            "expanded_url" : "https://twitter.com/i/web/status/1635566434513846272",
            "display_url" : "twitter.com/i/web/stat",
            "indices" : [
              "271",
              "294"
            ]
          }
        ]
      },
      "display_text_range" : [
        "0",
        "294"
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
