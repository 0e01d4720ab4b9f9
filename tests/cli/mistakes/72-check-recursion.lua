return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low", needs = { "registry" },
    check = function(host)
      local function f() return 1 + f() end
      return f()
    end },
}
