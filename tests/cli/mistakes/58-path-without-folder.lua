return policy {
  id = "p", title = "P",
  rule { id = "one", title = "One", severity = "low", references = { "x" },
    want = file.absent "evil.exe" },
}
