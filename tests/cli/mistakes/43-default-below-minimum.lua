return policy { id = "p", title = "T", inputs = { days = input.int { default = 0, minimum = 1 } },
  rule { id = "r", title = "T", severity = "low",
    want = registry.value([[HKLM\SOFTWARE\A]], "x", 5) },
}
