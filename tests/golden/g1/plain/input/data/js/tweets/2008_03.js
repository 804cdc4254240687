Grailbird.data.tweets_2008_03 = 
 [
  {
    "source" : "web",
    "entities" : {
      "urls" : [],
      "user_mentions" : [],
      "hashtags" : [],
      "media" : []
    },
    "geo" : {},
    "id_str" : "771234567",
    "id" : 771234567,
    "text" : "First words from the bridge: café &lt;3 & tea",
    "created_at" : "Fri Mar 14 10:15:30 +0000 2008",
    "user" : {
      "name" : "Musée de démonstration",
      "screen_name" : "museum_demo",
      "id_str" : "4242",
      "id" : 4242
    }
  }
]
