var payload_details = {
  "tweets" : 9,
  "created_at" : "Sun Jan 06 12:00:00 +0000 2013"
}
