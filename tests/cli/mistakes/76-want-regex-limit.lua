return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low",
    want = registry.value([[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion]], "ProductName",
      matches "^(([\\w ]+)+)+[#!]") },
}
