local name
return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low",
    want = registry.value([[HKLM\SOFTWARE\]] .. name, "x", 5) },
}
