window.__THAR_CONFIG = {
  "userInfo" : {
    "accountId" : "4242",
    "userName" : "museum_demo",
    "displayName" : "Musée de démonstration"
  },
  "archiveInfo" : {
    "sizeBytes" : "1",
    "generationDate" : "2021-03-05T10:00:00.000Z",
    "isPartialArchive" : false,
    "maxPartSizeBytes" : "53687091200"
  },
  "dataTypes" : {}
}
