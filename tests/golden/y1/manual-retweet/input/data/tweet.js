window.YTD.tweet.part0 = [ {
  "tweet" : {
    "id" : "11344020894646272",
    "id_str" : "11344020894646272",
    "created_at" : "Sun Dec 05 09:00:00 +0000 2010",
    "full_text" : "RT @ferry_club the keeper tells floods as others tell films",
    "entities" : {
      "hashtags" : [],
      "symbols" : [],
      "user_mentions" : [
        {
          "screen_name" : "ferry_club",
          "name" : "Ferry_Club",
          "id_str" : "88",
          "id" : "88",
          "indices" : [
            "3",
            "14"
          ]
        }
      ],
      "urls" : []
    },
    "display_text_range" : [
      "0",
      "59"
    ],
    "favorite_count" : "3",
    "retweet_count" : "1",
    "favorited" : false,
    "retweeted" : false,
    "truncated" : false,
    "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
    "lang" : "en"
  }
}, {
  "tweet" : {
    "id" : "22578044728246273",
    "id_str" : "22578044728246273",
    "created_at" : "Wed Jan 05 09:00:00 +0000 2011",
    "full_text" : "So true! RT: @ferry_club “no tide, no tale”",
    "entities" : {
      "hashtags" : [],
      "symbols" : [],
      "user_mentions" : [
        {
          "screen_name" : "ferry_club",
          "name" : "Ferry_Club",
          "id_str" : "88",
          "id" : "88",
          "indices" : [
            "13",
            "24"
          ]
        }
      ],
      "urls" : []
    },
    "display_text_range" : [
      "0",
      "43"
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
