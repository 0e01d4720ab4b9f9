return policy { id = "p", title = "T", diagnosis = diagnosis { symptom = "rr", article = "A", cause { title = "c", article = "a", rules = { "r" } } },
  rule { id = "r", title = "T", severity = "low",
    want = registry.value([[HKLM\SOFTWARE\A]], "x", 5) },
}
