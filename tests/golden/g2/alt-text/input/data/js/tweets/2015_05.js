Grailbird.data.tweets_2015_05 = 
 [
  {
    "source" : "\u003Ca href=\"https:\/\/example.org\" rel=\"nofollow\"\u003EDemo Client\u003C\/a\u003E",
    "entities" : {
      "urls" : [],
      "user_mentions" : [],
      "hashtags" : [],
      "media" : [
        {
          "id_str" : "594788484510646271",
          "id" : "594788484510646271",
          "url" : "https:\/\/t.co\/pppppppppp",
          "indices" : [
            16,
            39
          ],
          "media_url" : "http:\/\/pbs.twimg.com\/media\/Fabc.jpg",
          "media_url_https" : "https:\/\/pbs.twimg.com\/media\/Fabc.jpg",
          "expanded_url" : "https:\/\/twitter.com\/museum_demo\/status\/594788484510646272\/photo\/1",
          "display_url" : "pic.twitter.com\/abc",
          "sizes" : [
            {
              "w" : 1200,
              "h" : 800,
              "resize" : "fit"
            }
          ],
          "media_alt" : "A blue door with a brass knocker"
        }
      ]
    },
    "geo" : {},
    "id_str" : "594788484510646272",
    "id" : 594788484510646272,
    "text" : "A blue door \u2014 \uD83D\uDEAA https:\/\/t.co\/pppppppppp",
    "created_at" : "2015-05-03 09:00:00 +0000",
    "user" : {
      "name" : "Mus\u00E9e de d\u00E9monstration",
      "screen_name" : "museum_demo",
      "id_str" : "4242",
      "id" : 4242
    }
  }
]
