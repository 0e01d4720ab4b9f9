return cases "every" {
  { "value", given = { registry = { [ [[HKLM\SOFTWARE\A]] ] = { Five = dword(5) } } }, expect = "pass" },
  { "value", given = { registry = { [ [[HKLM\SOFTWARE\A]] ] = denied "closed" } }, expect = "unknown" },
  { "value", given = { registry = { [ [[HKLM\SOFTWARE\A]] ] = damaged() } }, expect = "unknown" },
  { "value", given = { registry = { [ [[HKLM\SOFTWARE\A]] ] = not_collected() } }, expect = "unknown",
    says = { "not collected" }, set = { days = 5 }, title = "gone" },
  { "value", given = { modules = { ["a.exe"] = { [[C:\a.exe]], [[C:\b.dll]] }, ["b.exe"] = denied() } },
    expect = "fail" },
}
