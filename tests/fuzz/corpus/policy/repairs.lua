return policy { id = "t", title = "T",
  rule { id = "r", title = "R", severity = "low",
    want = all { registry.value([[HKLM\A]], "b", at_least(5), { set_to = dword(7), view = "both" }),
      when(registry.absent([[HKLM\A]], "c"), service.enabled { name = "s", set_to = "manual" }),
      eventlog.size { channel = "System", bytes = 1 } },
    repair = { enforce(), roots.refresh {}, manual "x", service.start { name = "s", mode = "auto" },
      registry.set { key = [[HKLM\A]], name = "", value = multi_sz { "a" } },
      certificate.remove { sha1 = string.rep("a", 40) },
      upgrade.stage { product = "a", to = "1", package = "p", sha256 = string.rep("0", 64) } } } }
