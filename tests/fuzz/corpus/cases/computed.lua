local made = {}
for i = 1, 3 do
  table.insert(made, { "r", given = {}, set = { a = i, b = { "x" }, c = true }, expect = "unknown" })
end
return cases "t" { made, { "r", given = {}, expect = "fail", repairs = true } }
