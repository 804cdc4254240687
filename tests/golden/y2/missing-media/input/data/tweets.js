window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1439167310853046272",
      "id_str" : "1439167310853046272",
      "created_at" : "Sat Sep 18 10:00:00 +0000 2021",
      "full_text" : "The piano goes into the garden. https://t.co/pppppppppp",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [],
        "media" : [
          {
            "id_str" : "1439167310853046271",
            "id" : "1439167310853046271",
            "url" : "https://t.co/pppppppppp",
            "indices" : [
              "32",
              "55"
            ],
            "media_url" : "http://pbs.twimg.com/media/Fa.jpg",
            "media_url_https" : "https://pbs.twimg.com/media/Fa.jpg",
            "expanded_url" : "https://twitter.com/museum_demo/status/1439167310853046272/photo/1",
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
        "55"
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
            "id_str" : "1439167310853046271",
            "id" : "1439167310853046271",
            "url" : "https://t.co/pppppppppp",
            "indices" : [
              "32",
              "55"
            ],
            "media_url" : "http://pbs.twimg.com/media/Fa.jpg",
            "media_url_https" : "https://pbs.twimg.com/media/Fa.jpg",
            "expanded_url" : "https://twitter.com/museum_demo/status/1439167310853046272/photo/1",
            "display_url" : "pic.twitter.com/abc",
            "sizes" : {
              "large" : {
                "w" : "1200",
                "h" : "800",
                "resize" : "fit"
              }
            },
            "type" : "photo"
          },
          {
            "id_str" : "1439167310853046271",
            "id" : "1439167310853046271",
            "url" : "https://t.co/pppppppppp",
            "indices" : [
              "32",
              "55"
            ],
            "media_url" : "http://pbs.twimg.com/media/Fb.jpg",
            "media_url_https" : "https://pbs.twimg.com/media/Fb.jpg",
            "expanded_url" : "https://twitter.com/museum_demo/status/1439167310853046272/photo/1",
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
  }
]
