Grailbird.data.tweets_2017_02 = 
 [
	{
		"source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
		"entities" : {
			"urls" : [
				{
					"url" : "https://t.co/ssssssssss",
					"expanded_url" : "https://twitter.com/i/web/status/827441494225846272",
					"display_url" : "twitter.com/i/web/stat",
					"indices" : [
						99,
						122
					]
				}
			],
			"user_mentions" : [],
			"hashtags" : [],
			"media" : []
		},
		"geo" : {},
		"id_str" : "827441494225846272",
		"id" : 827441494225846272,
		"text" : "The keeper tells of the flood that took the toll house, and of the woman who rowed out for the ca… https://t.co/ssssssssss",
		"created_at" : "Fri Feb 03 09:00:00 +0000 2017",
		"user" : {
			"name" : "Musée de démonstration",
			"screen_name" : "museum_demo",
			"id_str" : "4242",
			"id" : 4242
		},
		"lang" : "en",
		"favorite_count" : 2,
		"retweet_count" : 0,
		"truncated" : true
	}
]
