window.YTD.note_tweet.part0 = [
  {
    "noteTweet" : {
      "noteTweetId" : "1635566434408988672",
      "updatedAt" : "2023-03-14T09:00:00.000Z",
      "lifecycle" : {
        "value" : "1",
        "name" : "Active",
        "originalName" : "Active",
        "annotations" : {}
      },
      "createdAt" : "2023-03-14T09:00:00.000Z",
      "core" : {
        "styletags" : [],
        "urls" : [
          {
            "expandedUrl" : "https://museum.example/labels?utm_source=tw",
            "toIndex" : "495",
            "shortUrl" : "https://t.co/nnnnnnnnnn",
            "displayUrl" : "museum.example/labels",
            "fromIndex" : "472"
          }
        ],
        "text" : "A short guide to labels, since the guild asks.\n\nRule one: the visitor is standing. Rule two: so is the object, mostly. Rule three: a date is a promise. Rule one: the visitor is standing. Rule two: so is the object, mostly. Rule three: a date is a promise. Rule one: the visitor is standing. Rule two: so is the object, mostly. Rule three: a date is a promise. Rule one: the visitor is standing. Rule two: so is the object, mostly. Rule three: a date is a promise. More at https://t.co/nnnnnnnnnn #labels",
        "mentions" : [],
        "cashtags" : [],
        "hashtags" : [
          {
            "text" : "labels",
            "fromIndex" : "496",
            "toIndex" : "503"
          }
        ]
      }
    }
  }
]
