return profile { title = "T",
  extends = "./80-extends-itself.profile" }
