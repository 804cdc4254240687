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
		"id_str" : "828166269957046272",
		"id" : 828166269957046272,
		"text" : "Words of the ferry club",
		"created_at" : "Sun Feb 05 09:00:00 +0000 2017",
		"user" : {
			"name" : "Ferry",
			"screen_name" : "ferry_club",
			"id_str" : "88",
			"id" : 88
		},
		"lang" : "en",
		"favorite_count" : 2,
		"retweet_count" : 0,
		"truncated" : false,
		"full_text" : "Words of the ferry club",
		"display_text_range" : [
			0,
			23
		],
		"retweeted" : true
	}
]
