var user_details = {
  "screen_name" : "museum_demo",
  "full_name" : "Musée de démonstration",
  "id" : "4242"
}
