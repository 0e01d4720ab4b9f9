-- product
return product { id = "acme.tool", name = "Tool", successor = "acme.next", sources = {
  source.registry { key = [[HKLM\SOFTWARE\Acme]], value = "V", role = "primary", prefix = "8.8" },
  source.uninstall { code = "{1}", text = "Tool" }, source.msi { code = "{1}", label = "l" },
  source.file { path = [[<HKLM\SOFTWARE\Acme:Dir>\t.exe]], role = "hotfix" }, source.service { name = "t" } },
  builds = { { "8.8.0.777", "RTM" }, { from = "8.8.0.849", name = "P1", exact = true } } }
