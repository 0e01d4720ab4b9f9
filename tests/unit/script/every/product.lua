return product { id = "acme.tool", name = "Acme Tool", successor = "acme.next",
  builds = { { "1.0", "One" }, { from = "2.0", name = "Two", exact = true } },
  sources = {
    source.registry { label = "key", role = "primary", key = [[HKLM\SOFTWARE\Acme]], value = "V" },
    source.uninstall { text = "Acme" }, source.file { path = [[C:\a.exe]], role = "trace" },
    source.msi { code = "{00000000-0000-0000-0000-000000000000}", prefix = "1.0" },
    source.service { name = "acme" },
  } }
