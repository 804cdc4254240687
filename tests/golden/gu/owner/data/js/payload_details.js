var payload_details = {
  "tweets" : 9,
  "created_at" : "2016-01-01 00:00:00 +0000"
}
