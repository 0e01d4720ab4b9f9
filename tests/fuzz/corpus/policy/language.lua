local t = { 3, 1, 2, k = "v", [1.5] = true }
table.sort(t, function(a, b) return a > b end)
table.insert(t, 1, 9) table.insert(t, 8) table.remove(t, 2)
local s = ("%5d %s %x %.2f %g %q %%"):format(42, t, 255, 1.5, 0.25, "q")
for k, v in pairs(t) do s = s .. tostring(k) .. type(v) end
s = s:upper():lower():reverse():sub(2, -2):rep(2, ",") .. table.concat({ 1, "b" }, "-")
assert(select("#", table.unpack(t, 1, 2)) == 2, "x")
error(s .. math.max(1, 2) .. tonumber("10", 2) .. s:byte() .. string.char(65) .. #s .. tostring(s:glob("*a?")))
