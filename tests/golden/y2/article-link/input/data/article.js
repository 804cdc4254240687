window.YTD.article.part0 = [
  {
    "article" : {
      "id" : "1790000000000000001"
    }
  }
]
