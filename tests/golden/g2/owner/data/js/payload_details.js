var payload_details = {
  "tweets" : 9,
  "created_at" : "2018-07-01 00:00:00 +0000"
}
