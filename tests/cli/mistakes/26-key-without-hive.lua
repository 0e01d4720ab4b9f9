return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low",
    want = registry.value([[SOFTWARE\A]], "x", 5) },
}
