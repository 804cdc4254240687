window.YTD.tweet.part0 = [
  {
    "id" : "1002837221176246272",
    "id_str" : "1002837221176246272",
    "created_at" : "Sat Jun 02 09:00:00 +0000 2018",
    "full_text" : "Open day https://t.co/pppppppppp",
    "entities" : {
      "hashtags" : [],
      "symbols" : [],
      "user_mentions" : [],
      "urls" : [],
      "media" : [
        {
          "id_str" : "1002837221176246271",
          "id" : "1002837221176246271",
          "url" : "https://t.co/pppppppppp",
          "indices" : [
            "9",
            "32"
          ],
          "media_url" : "http://pbs.twimg.com/media/Fabc.jpg",
          "media_url_https" : "https://pbs.twimg.com/media/Fabc.jpg",
          "expanded_url" : "https://twitter.com/museum_demo/status/1002837221176246272/photo/1",
          "display_url" : "pic.twitter.com/abc",
          "sizes" : {
            "large" : {
              "w" : "1200",
              "h" : "800",
              "resize" : "fit"
            }
          },
          "type" : "photo"
        }
      ]
    },
    "display_text_range" : [
      "0",
      "32"
    ],
    "favorite_count" : "3",
    "retweet_count" : "1",
    "favorited" : false,
    "retweeted" : false,
    "truncated" : false,
    "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
    "lang" : "en",
    "extended_entities" : {
      "media" : [
        {
          "id_str" : "1002837221176246271",
          "id" : "1002837221176246271",
          "url" : "https://t.co/pppppppppp",
          "indices" : [
            "9",
            "32"
          ],
          "media_url" : "http://pbs.twimg.com/media/Fabc.jpg",
          "media_url_https" : "https://pbs.twimg.com/media/Fabc.jpg",
          "expanded_url" : "https://twitter.com/museum_demo/status/1002837221176246272/photo/1",
          "display_url" : "pic.twitter.com/abc",
          "sizes" : {
            "large" : {
              "w" : "1200",
              "h" : "800",
              "resize" : "fit"
            }
          },
          "type" : "photo"
        }
      ]
    }
  }
]
