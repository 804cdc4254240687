window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1650424337003446272",
      "id_str" : "1650424337003446272",
      "created_at" : "Mon Apr 24 09:00:00 +0000 2023",
      "full_text" : "Workshop on Saturday: mend a paper boat. 2 pm.",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "46"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en",
      "edit_info" : {
        "initial" : {
          "editTweetIds" : [
            "1650424337003446272",
            "1650427356902326272"
          ],
          "editableUntil" : "2023-01-01T00:00:00.000Z"
        }
      }
    }
  },
  {
    "tweet" : {
      "id" : "1650427356902326272",
      "id_str" : "1650427356902326272",
      "created_at" : "Mon Apr 24 09:12:00 +0000 2023",
      "full_text" : "Workshop on Saturday: mend a paper boat. 2.30 pm.",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "49"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en",
      "edit_info" : {
        "edit" : {
          "initialTweetId" : "1650424337003446272",
          "editControlInitial" : {
            "editTweetIds" : [
              "1650424337003446272",
              "1650427356902326272"
            ],
            "editableUntil" : "2023-01-01T00:00:00.000Z"
          }
        }
      }
    }
  }
]
