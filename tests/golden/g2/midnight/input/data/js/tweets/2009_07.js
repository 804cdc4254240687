Grailbird.data.tweets_2009_07 = 
 [
  {
    "source" : "\u003Ca href=\"https:\/\/example.org\" rel=\"nofollow\"\u003EDemo Client\u003C\/a\u003E",
    "entities" : {
      "urls" : [],
      "user_mentions" : [],
      "hashtags" : [],
      "media" : []
    },
    "geo" : {},
    "id_str" : "2500100002",
    "id" : 2500100002,
    "text" : "Second of the day",
    "created_at" : "2009-07-04 00:00:00 +0000",
    "user" : {
      "name" : "Mus\u00E9e de d\u00E9monstration",
      "screen_name" : "museum_demo",
      "id_str" : "4242",
      "id" : 4242
    }
  },
  {
    "source" : "\u003Ca href=\"https:\/\/example.org\" rel=\"nofollow\"\u003EDemo Client\u003C\/a\u003E",
    "entities" : {
      "urls" : [],
      "user_mentions" : [],
      "hashtags" : [],
      "media" : []
    },
    "geo" : {},
    "id_str" : "2500000001",
    "id" : 2500000001,
    "text" : "First of the day",
    "created_at" : "2009-07-04 00:00:00 +0000",
    "user" : {
      "name" : "Mus\u00E9e de d\u00E9monstration",
      "screen_name" : "museum_demo",
      "id_str" : "4242",
      "id" : 4242
    }
  }
]
