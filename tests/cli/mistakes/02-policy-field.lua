return policy { id = "p", title = "T", refrences = { "KB1" },
  rule { id = "r", title = "T", severity = "low",
    want = registry.value([[HKLM\SOFTWARE\A]], "x", 5) },
}
