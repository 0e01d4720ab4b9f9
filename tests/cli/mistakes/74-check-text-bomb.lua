return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low", needs = { "registry" },
    check = function(host)
      return fail(("x"):rep(1 << 40))
    end },
}
