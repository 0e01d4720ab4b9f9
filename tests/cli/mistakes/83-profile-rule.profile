return profile { title = "T",
  rules = { only = {
    "kb71083.vse-fixed-pach" } } }
