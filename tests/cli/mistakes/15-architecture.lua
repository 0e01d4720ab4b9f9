return policy { id = "p", title = "T", applies = windows.arch "x46",
  rule { id = "r", title = "T", severity = "low",
    want = registry.value([[HKLM\SOFTWARE\A]], "x", 5) },
}
