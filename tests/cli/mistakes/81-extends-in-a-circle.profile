return profile { title = "T",
  extends = "./82-extends-back.profile" }
