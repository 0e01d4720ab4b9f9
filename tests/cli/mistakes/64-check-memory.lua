return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low", needs = { "registry" },
    check = function(host)
      local t = {}
      while true do t[#t + 1] = { t } end
    end },
}
