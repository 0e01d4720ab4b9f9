return policy { id = "p", title = "T", inputs = { days = 30 },
  rule { id = "r", title = "T", severity = "low",
    want = registry.value([[HKLM\SOFTWARE\A]], "x", 5) },
}
