return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low", needs = { "registry" },
    check = function(host)
      local v = host.registy:value("HKLM\\SOFTWARE", "x")
    end },
}
