Grailbird.data.tweets_2015_05 = 
 [
  {
    "source" : "\u003Ca href=\"https:\/\/example.org\" rel=\"nofollow\"\u003EDemo Client\u003C\/a\u003E",
    "entities" : {
      "urls" : [],
      "user_mentions" : [
        {
          "screen_name" : "ferry_club",
          "name" : "Ferry_Club",
          "id_str" : "88",
          "id" : "88",
          "indices" : [
            3,
            14
          ]
        }
      ],
      "hashtags" : [],
      "media" : []
    },
    "geo" : {},
    "id_str" : "595150872376246272",
    "id" : 595150872376246272,
    "text" : "RT @ferry_club: Ten years of rowing, two oars lost &amp; three found. We do not understand either; the tide does, and the tide\u2026",
    "created_at" : "2015-05-04 09:00:00 +0000",
    "user" : {
      "name" : "Mus\u00E9e de d\u00E9monstration",
      "screen_name" : "museum_demo",
      "id_str" : "4242",
      "id" : 4242
    },
    "retweeted_status" : {
      "source" : "\u003Ca href=\"https:\/\/example.org\" rel=\"nofollow\"\u003EDemo Client\u003C\/a\u003E",
      "entities" : {
        "urls" : [],
        "user_mentions" : [],
        "hashtags" : [],
        "media" : []
      },
      "geo" : {},
      "id_str" : "595135772881846272",
      "id" : 595135772881846272,
      "text" : "Ten years of rowing, two oars lost &amp; three found. We do not understand either; the tide does, and the tide will not say.",
      "created_at" : "2015-05-04 08:00:00 +0000",
      "user" : {
        "name" : "Ferry",
        "screen_name" : "ferry_club",
        "id_str" : "88",
        "id" : 88
      }
    }
  }
]
