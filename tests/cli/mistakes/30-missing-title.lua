return policy { id = "p", title = "T",
  rule { id = "r", severity = "low", want = registry.value([[HKLM\SOFTWARE\A]], "x", 5) } }
