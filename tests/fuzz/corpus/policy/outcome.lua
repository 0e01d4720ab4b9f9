return policy { id = "t", title = "T",
  rule { id = "a", title = "A", severity = "info", needs = { "registry" },
    check = function(host)
      local v = host.registry:value([[HKLM\SOFTWARE\A]], "Five")
      if v.data == 5 then return pass("is " .. v.data) end
      return fail("no", { observed = v.data, expected = { 1, 2, x = version "1.2" } })
    end },
  rule { id = "b", title = "B", severity = "info", needs = { "registry" },
    check = function(host) return unknown(host.registry:value([[HKLM\SOFTWARE\B]], "x").data) end },
  rule { id = "c", title = "C", severity = "info", needs = {},
    check = function(host) return not_applicable(tostring(host.reference_time)) end } }
