return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low", needs = { "registry" },
    check = function(host)
      local v = host.registry:value([[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion]], "CurrentVersion")
      if v.data > 6 then return pass() end
    end },
}
