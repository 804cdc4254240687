window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1212297407493046272",
      "id_str" : "1212297407493046272",
      "created_at" : "Wed Jan 01 09:00:00 +0000 2020",
      "full_text" : "Selamat datang di jembatan",
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
      "lang" : "in"
    }
  },
  {
    "tweet" : {
      "id" : "1212659795358646272",
      "id_str" : "1212659795358646272",
      "created_at" : "Thu Jan 02 09:00:00 +0000 2020",
      "full_text" : "OK 42",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "5"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "und"
    }
  },
  {
    "tweet" : {
      "id" : "1213022183224246272",
      "id_str" : "1213022183224246272",
      "created_at" : "Fri Jan 03 09:00:00 +0000 2020",
      "full_text" : "#bridge",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "7"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "qht"
    }
  },
  {
    "tweet" : {
      "id" : "1213384571089846272",
      "id_str" : "1213384571089846272",
      "created_at" : "Sat Jan 04 09:00:00 +0000 2020",
      "full_text" : "https",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "5"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "zxx"
    }
  },
  {
    "tweet" : {
      "id" : "1213746958955446272",
      "id_str" : "1213746958955446272",
      "created_at" : "Sun Jan 05 09:00:00 +0000 2020",
      "full_text" : "Bem-vindos",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "10"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "pt"
    }
  }
]
