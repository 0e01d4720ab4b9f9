return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low",
    want = registy.value([[HKLM\SOFTWARE\A]], "x", 5) },
}
