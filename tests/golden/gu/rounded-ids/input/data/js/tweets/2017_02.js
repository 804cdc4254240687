Grailbird.data.tweets_2017_02 = 
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
		"id_str" : "827803882091447049",
		"id" : 827803882091447040,
		"text" : "My number is my name.",
		"created_at" : "Sat Feb 04 09:00:00 +0000 2017",
		"user" : {
			"name" : "Musée de démonstration",
			"screen_name" : "museum_demo",
			"id_str" : "4242",
			"id" : 4242
		},
		"lang" : "en",
		"favorite_count" : 2,
		"retweet_count" : 0,
		"truncated" : false,
		"full_text" : "My number is my name.",
		"display_text_range" : [
			0,
			21
		]
	}
]
