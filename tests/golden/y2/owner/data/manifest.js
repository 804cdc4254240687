window.__THAR_CONFIG = {
  "userInfo" : {
    "accountId" : "4242",
    "userName" : "museum_demo",
    "displayName" : "Musée de démonstration"
  },
  "archiveInfo" : {
    "sizeBytes" : "1",
    "generationDate" : "2024-05-02T10:00:00.000Z",
    "isPartialArchive" : false,
    "maxPartSizeBytes" : "53687091200"
  },
  "dataTypes" : {}
}
