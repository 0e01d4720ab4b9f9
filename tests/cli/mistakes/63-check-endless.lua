return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low", needs = { "registry" },
    check = function(host)
      while true do end
    end },
}
