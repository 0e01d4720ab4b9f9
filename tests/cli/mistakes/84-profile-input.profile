return profile { title = "T",
  inputs = { kb71083 = {
    window_dais = 5 } } }
