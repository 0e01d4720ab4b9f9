return policy {
  id = "p", title = "P",
  rule { id = "one", title = "One", severity = "low", references = { "x" },
    want = registry.value([[HKLM\\SOFTWARE\\Example]], "Level", at_least(3), { if_absent = "pass" }) },
}
