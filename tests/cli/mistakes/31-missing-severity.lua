return policy { id = "p", title = "T",
  rule { id = "r", title = "T", want = registry.value([[HKLM\SOFTWARE\A]], "x", 5) },
}
