return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low",
    want = registry.value([[HKLM\SOFTWARE\A]], "x", between(9, 1)) },
}
