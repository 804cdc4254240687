Grailbird.data.tweets_2011_05 = 
 [
  {
    "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
    "entities" : {
      "urls" : [],
      "user_mentions" : [],
      "hashtags" : [],
      "media" : []
    },
    "geo" : {},
    "id_str" : "70000000000000000",
    "id" : 70000000000000000,
    "text" : "He said &quot;http://old.example/a?b=1&c=2&quot; &#8211; d&eacute;j&agrave; vu",
    "created_at" : "Sun May 15 10:00:00 +0000 2011",
    "user" : {
      "name" : "Musée de démonstration",
      "screen_name" : "museum_demo",
      "id_str" : "4242",
      "id" : 4242
    }
  }
]
