return profile { title = "Site", extends = "base.lua", severity = "medium",
  rules = { only = { "a.*", "b" }, skip = { "c" } },
  inputs = { ["a.days"] = 30, a = { list = { "x", "y" }, rate = 1.5, on = false } } }
