return policy { id = "p", title = "T", inputs = { days = input.int { default = 30 } },
  rule { id = "r", title = "T", severity = "low",
    want = eventlog.none { channel = "System", window_days = input "dais" } },
}
