window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "1439167310853046272",
      "id_str" : "1439167310853046272",
      "created_at" : "Sat Sep 18 10:00:00 +0000 2021",
      "full_text" : "Listen to it creak. https://t.co/vvvvvvvvvv",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [],
        "media" : [
          {
            "id_str" : "1439167310853046271",
            "id" : "1439167310853046271",
            "url" : "https://t.co/vvvvvvvvvv",
            "indices" : [
              "20",
              "43"
            ],
            "media_url" : "http://pbs.twimg.com/media/poster.jpg",
            "media_url_https" : "https://pbs.twimg.com/media/poster.jpg",
            "expanded_url" : "https://twitter.com/museum_demo/status/1439167310853046272/photo/1",
            "display_url" : "pic.twitter.com/abc",
            "sizes" : {
              "large" : {
                "w" : "1200",
                "h" : "800",
                "resize" : "fit"
              }
            },
            "type" : "video",
            "video_info" : {
              "duration_millis" : "12000",
              "aspect_ratio" : [
                "16",
                "9"
              ],
              "variants" : [
                {
                  "content_type" : "application/x-mpegURL",
                  "url" : "https://video.twimg.com/pl/list.m3u8"
                },
                {
                  "content_type" : "video/mp4",
                  "bitrate" : "256000",
                  "url" : "https://video.twimg.com/low.mp4?tag=12"
                },
                {
                  "content_type" : "video/mp4",
                  "bitrate" : "2176000",
                  "url" : "https://video.twimg.com/best.mp4?tag=12"
                }
              ]
            }
          }
        ]
      },
      "display_text_range" : [
        "0",
        "43"
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
            "url" : "https://t.co/vvvvvvvvvv",
            "indices" : [
              "20",
              "43"
            ],
            "media_url" : "http://pbs.twimg.com/media/poster.jpg",
            "media_url_https" : "https://pbs.twimg.com/media/poster.jpg",
            "expanded_url" : "https://twitter.com/museum_demo/status/1439167310853046272/photo/1",
            "display_url" : "pic.twitter.com/abc",
            "sizes" : {
              "large" : {
                "w" : "1200",
                "h" : "800",
                "resize" : "fit"
              }
            },
            "type" : "video",
            "video_info" : {
              "duration_millis" : "12000",
              "aspect_ratio" : [
                "16",
                "9"
              ],
              "variants" : [
                {
                  "content_type" : "application/x-mpegURL",
                  "url" : "https://video.twimg.com/pl/list.m3u8"
                },
                {
                  "content_type" : "video/mp4",
                  "bitrate" : "256000",
                  "url" : "https://video.twimg.com/low.mp4?tag=12"
                },
                {
                  "content_type" : "video/mp4",
                  "bitrate" : "2176000",
                  "url" : "https://video.twimg.com/best.mp4?tag=12"
                }
              ]
            }
          }
        ]
      }
    }
  }
]
