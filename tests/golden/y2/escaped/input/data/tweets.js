window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id" : "959033587921846272",
      "id_str" : "959033587921846272",
      "created_at" : "Thu Feb 01 12:00:00 +0000 2018",
      "full_text" : "Write &amp;lt;b&amp;gt; for &lt;b&gt;; R&amp;D, 3 &gt; 2 &amp;&amp; 1 &lt; 2",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "76"
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
