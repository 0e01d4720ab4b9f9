return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low",
    want = file.sha256([[C:\a.exe]], "abc") },
}
