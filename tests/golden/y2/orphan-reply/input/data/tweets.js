window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1214834122552246272",
      "id_str" : "1214834122552246272",
      "created_at" : "Wed Jan 08 09:00:00 +0000 2020",
      "full_text" : "@ferry_club gladly!",
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
              "0",
              "11"
            ]
          }
        ],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "19"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en",
      "in_reply_to_status_id" : "1214000000000000000",
      "in_reply_to_status_id_str" : "1214000000000000000",
      "in_reply_to_user_id" : "88",
      "in_reply_to_user_id_str" : "88",
      "in_reply_to_screen_name" : "ferry_club"
    }
  },
  {
    "tweet" : {
      "id" : "1215196510417846272",
      "id_str" : "1215196510417846272",
      "created_at" : "Thu Jan 09 09:00:00 +0000 2020",
      "full_text" : "As I said, before I deleted it.",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "31"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en",
      "in_reply_to_status_id" : "1214000000000000001",
      "in_reply_to_status_id_str" : "1214000000000000001",
      "in_reply_to_user_id" : "4242",
      "in_reply_to_user_id_str" : "4242",
      "in_reply_to_screen_name" : "museum_demo"
    }
  }
]
