return policy { id = "p", title = "T",
  rule { id = "r", title = 5, severity = "low", want = registry.value([[HKLM\SOFTWARE\A]], "x", 5) },
}
