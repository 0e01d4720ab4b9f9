local m = use "m"
return policy { id = "t", title = "T", inputs = { l = input.list { default = { "a" } } },
  rule { id = "a", title = "A", severity = "info", needs = { "registry", "product", "service", "file", "events" },
    check = function(host)
      local bad = findings()
      for v in host.registry:values(m.KEY) do
        if v.type == "REG_SZ" and not v.data:glob("h*") then bad:add(v, v.text) end
      end
      for k in host.registry:keys([[HKLM\SOFTWARE]]) do bad:add(k, #k) end
      local n = host.registry:value(m.KEY, "None", "32"):or_default(1) + host.registry:value(m.KEY, "Five").number
      local p, s, f = host.product "mcafee.vse", host.service "mfevtp", host.file [[%SystemRoot%\a.exe]]
      if p.state == "found" and p.version >= "8.8.0.975" then bad:add(p.patch, p.version) end
      if s.state ~= "absent" then bad:add(s.name, s.start) end
      for i, x in ipairs(host.inputs.l) do bad:add(x, i + n) end
      return bad
    end } }
