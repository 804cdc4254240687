window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "837996040811446272",
      "id_str" : "837996040811446272",
      "created_at" : "Sat Mar 04 12:00:00 +0000 2017",
      "full_text" : "With @archive_town, @lost_friend and @ferry_club, after “@quiet_one: hello”",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [
          {
            "screen_name" : "archive_town",
            "name" : "Archive_Town",
            "id_str" : "77",
            "id" : "77",
            "indices" : [
              "5",
              "18"
            ]
          },
          {
            "screen_name" : "lost_friend",
            "name" : "Lost_Friend",
            "id_str" : "-1",
            "id" : "-1",
            "indices" : [
              "20",
              "32"
            ]
          },
          {
            "screen_name" : "ferry_club",
            "name" : "Ferry_Club",
            "id_str" : "88",
            "id" : "88",
            "indices" : [
              "37",
              "48"
            ]
          },
          {
            "screen_name" : "quiet_one",
            "name" : "Quiet_One",
            "id_str" : "99",
            "id" : "99",
            "indices" : [
              "57",
              "67"
            ]
          }
        ],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "75"
      ],
      "favorite_count" : "3",
      "retweet_count" : "1",
      "favorited" : false,
      "retweeted" : false,
      "truncated" : false,
      "source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
      "lang" : "en"
    }
  }
]
