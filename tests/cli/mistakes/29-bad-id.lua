return policy { id = "p", title = "T",
  rule { id = "My Rule", title = "T", severity = "low", want = registry.value([[HKLM\SOFTWARE\A]], "x", 5) } }
