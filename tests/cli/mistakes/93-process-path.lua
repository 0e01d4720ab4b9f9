return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low",
    want = module.signed { processes = { [[C:\Program Files\A\a.exe]] } } },
}
