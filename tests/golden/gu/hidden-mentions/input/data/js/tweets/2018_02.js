Grailbird.data.tweets_2018_02 = 
 [
	{
		"source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
		"entities" : {
			"urls" : [],
			"user_mentions" : [
				{
					"screen_name" : "museum_demo",
					"name" : "Museum_Demo",
					"id_str" : "4242",
					"id" : "4242",
					"indices" : [
						0,
						12
					]
				},
				{
					"screen_name" : "ferry_club",
					"name" : "Ferry_Club",
					"id_str" : "88",
					"id" : "88",
					"indices" : [
						13,
						24
					]
				},
				{
					"screen_name" : "ann_example",
					"name" : "Ann_Example",
					"id_str" : "99",
					"id" : "99",
					"indices" : [
						25,
						37
					]
				}
			],
			"hashtags" : [],
			"media" : []
		},
		"geo" : {},
		"id_str" : "960452940395446272",
		"id" : 960452940395446272,
		"text" : "@museum_demo @ferry_club @ann_example asked, so: two oars.",
		"created_at" : "Mon Feb 05 10:00:00 +0000 2018",
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
		"full_text" : "@museum_demo @ferry_club @ann_example asked, so: two oars.",
		"display_text_range" : [
			25,
			58
		],
		"in_reply_to_status_id" : "960437840901046272",
		"in_reply_to_status_id_str" : "960437840901046272",
		"in_reply_to_user_id" : "4242",
		"in_reply_to_user_id_str" : "4242",
		"in_reply_to_screen_name" : "museum_demo"
	},
	{
		"source" : "<a href=\"https://example.org\" rel=\"nofollow\">Demo Client</a>",
		"entities" : {
			"urls" : [],
			"user_mentions" : [],
			"hashtags" : [],
			"media" : []
		},
		"geo" : {},
		"id_str" : "960437840901046272",
		"id" : 960437840901046272,
		"text" : "How many oars?",
		"created_at" : "Mon Feb 05 09:00:00 +0000 2018",
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
		"full_text" : "How many oars?",
		"display_text_range" : [
			0,
			14
		]
	}
]
