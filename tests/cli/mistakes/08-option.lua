return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low",
    want = registry.value([[HKLM\SOFTWARE\A]], "x", 5, { if_abset = "pass" }) },
}
