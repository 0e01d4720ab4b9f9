return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low",
    want = module.signed { processes = { "mcshield.exe", "mc*.exe" } } },
}
