local KEY <const> = [[HKLM\SOFTWARE\A]]
return policy { id = "t", title = "T", references = { "KB1" },
  inputs = { d = input.int { default = 30, minimum = 1 }, v = input.version { default = "8.8" },
    s = input.text { default = "x" }, l = input.list { default = { "a" } }, b = input.bool { default = true },
    n = input.number { default = 0.5, maximum = 2 } },
  rule { id = "a", title = "A", severity = "high", rationale = "b",
    want = all { registry.value(KEY, "Five", dword(5), { view = "32", if_absent = "pass" }),
      registry.value(KEY, "x", between(1, 5)), registry.value(KEY, "", one_of(input "l")),
      registry.absent(KEY), registry.absent(KEY, "y"), registry.value(KEY, "z", glob(input "s")) },
    repair = { manual "x", upgrade { product = "a.b", to = input "v" } } },
  rule { id = "b", title = "B", severity = "low",
    want = when(service.enabled { name = "s", when_product = "mcafee.vse" }, any {
      product.version("a.b", at_least(input "v")),
      eventlog.none { channel = "System", providers = { "p" }, ids = { 514, 516 },
        window_days = input "d", group_by = "image" },
      eventlog.capacity { channel = "System", window_days = 30 } }) } }
