return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low", needs = { "registry" },
    check = function(host)
      local s = ("a"):rep(2000) .. "!"
      if text.matches(s, "(a+)+$") then return pass() end
    end },
}
