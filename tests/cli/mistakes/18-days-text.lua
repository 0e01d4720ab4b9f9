return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low",
    want = eventlog.none { channel = "System", window_days = "30" } },
}
