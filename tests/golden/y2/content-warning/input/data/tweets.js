window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1496771881989046272",
      "id_str" : "1496771881989046272",
      "created_at" : "Thu Feb 24 09:00:00 +0000 2022",
      "full_text" : "Letters from the war, room 2.",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "29"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en"
    }
  },
  {
    "tweet" : {
      "id" : "1497134269854646272",
      "id_str" : "1497134269854646272",
      "created_at" : "Fri Feb 25 09:00:00 +0000 2022",
      "full_text" : "太平洋戦争展を開催します。",
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
      "lang" : "ja"
    }
  },
  {
    "tweet" : {
      "id" : "1497496657720246272",
      "id_str" : "1497496657720246272",
      "created_at" : "Sat Feb 26 09:00:00 +0000 2022",
      "full_text" : "Warm bread, postwar recipes.",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "28"
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
