return profile { title = "T",
  extends = "./81-extends-in-a-circle.profile" }
