window.YTD.account.part0 = [
  {
    "account" : {
      "accountId" : "4242",
      "username" : "museum_demo",
      "accountDisplayName" : "Musée de démonstration",
      "email" : "a@example.org"
    }
  }
]
