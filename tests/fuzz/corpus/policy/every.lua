-- Every constructor of policies once; alloc_sweep_test.c takes memory away from it at every moment.
local KEY <const> = [[HKLM\SOFTWARE\A]]
local DIGEST <const> = ("0a"):rep(32)
local THUMB <const> = ("0a"):rep(20) .. " A root"
assert(type(KEY) == "string" and select("#", 1, 2) == 2 and tonumber("5") == 5)
local shared = use "m"
local names = {}
for i, v in ipairs { "b", "a" } do table.insert(names, v .. tostring(i)) end
table.sort(names)
for k, v in pairs { x = 1 } do table.insert(names, string.format("%s%d", k, v)) end
table.remove(names)
local text = table.concat({ table.unpack(names) }, ",")
assert(string.byte(string.char(65)) == 65 and string.len(text) == 5, "text")
assert(string.lower(string.upper(string.sub(string.reverse(string.rep("ab", 2)), 1, 2))) == "ba")
assert(string.glob("abc", "A*"), "glob")
assert(math.abs(-1) == 1 and math.ceil(0.5) == 1 and math.floor(1.5) == 1 and math.max(1, 2) == 2)
assert(math.min(1, 2) == 1 and math.tointeger(1.0) == 1 and math.type(1) == "integer")
assert(math.ult(1, 2))
if #names == 0 then error("never") end

local function r(id, want, repair)
  return rule { id = id, title = id, severity = "low", references = { "KB1" }, want = want,
                repair = repair, applies = windows.arch { "x86", "x64" }, rationale = "why\nso" }
end

return policy {
  id = "every", title = "Every constructor", references = { "KB1", "KB2" },
  applies = all { windows.version(at_least "5.1"), windows.type { "workstation", "server" },
                  product.installed "mcafee.vse" },
  inputs = {
    days = input.int { default = 30, minimum = 1, maximum = 99, title = "Days" },
    rate = input.number { default = 1.5 }, on = input.bool { default = true },
    word = input.text { default = "x" }, build = input.version { default = "1.0" },
    list = input.list { default = { "a", "b" } },
  },
  r("value", registry.value(KEY, "Five", dword(5), { view = "both", if_absent = "pass" }), enforce()),
  r("predicates", all {
    registry.value(KEY, "a", equals(5)), registry.value(KEY, "b", at_most(5)),
    registry.value(KEY, "c", between(1, input "days")), registry.value(KEY, "d", one_of { 1, 2 }),
    registry.value(KEY, "e", glob "a*"), registry.value(KEY, "f", contains "a"),
    registry.value(KEY, "g", absent), registry.value(KEY, "h", qword(5)),
    registry.value(KEY, "i", sz "x"), registry.value(KEY, "j", expand_sz "%x%"),
    registry.value(KEY, "k", multi_sz { "x", "y" }), registry.value(KEY, "l", binary "01 00 ff"),
    registry.value(KEY, "m", matches "^a+$"), registry.value(KEY, "n", matches(input "word")),
    registry.value(KEY, "o", is_not(one_of(input "list"))), registry.value(KEY, "p", none_of { "x" }),
    registry.value(KEY, "q", contains_all { "x" }), registry.value(KEY, "r", only { "x", "y" }),
  }),
  r("keys", any { registry.key(KEY), none { registry.absent(KEY, "x"), registry.absent(KEY) } },
    { registry.set { key = KEY, name = "x", value = dword(1) },
      registry.delete_value { key = KEY, name = "y" } }),
  r("product", when(product.version("mcafee.vse", at_least(input "build")), product.absent "mcafee.agent"),
    { upgrade { product = "mcafee.vse", to = input "build" },
      upgrade.stage { product = "mcafee.vse", to = "8.8.0.1982", package = "p.zip", sha256 = DIGEST } }),
  r("service", all { service.enabled { name = "s", when_product = "mcafee.vse" },
    service.start("s", one_of { "manual", "automatic" }, { if_absent = "fail" }), service.absent "t" }),
  r("log", all {
    eventlog.none { channel = "System", providers = { "p" }, ids = { 1 }, window_days = input "days" },
    eventlog.at_most { channel = "System", window_days = 1, at_most = 5 },
    eventlog.at_least { channel = "System", window_days = 1, at_least = 5 },
    eventlog.capacity { channel = "System", window_days = 30 },
    eventlog.size { channel = "System", bytes = 1 << 20 } }),
  r("file", all {
    file.present([[C:\a]], { view = "both" }), file.absent { [[C:\b]], [[C:\c]] },
    file.version([[C:\a.exe]], at_least "1.0"), file.sha256([[C:\a]], DIGEST),
    file.signed { paths = { [[C:\a.exe]] }, signers = { "X" }, roots = { THUMB }, pin = true },
    module.signed { processes = { "a.exe" }, signers = { "X" }, claims = { "X" }, roots = { THUMB }, pin = true },
    signature.trusted([[C:\a.exe]], { optional = true }), signature.signer([[C:\a.exe]], glob "M*") })
  ,
  r("certificate", all {
    certificate.present { sha1 = { THUMB } }, certificate.stored { store = "CA", subject = { "x*" } },
    certificate.absent { sha1 = { THUMB }, sha256 = { DIGEST } }, ctl.present { name = "EncodedCtl" },
    ctl.fresh { name = "EncodedCtl", days = 90 } },
    { roots.refresh {}, certificate.remove { sha1 = { THUMB } }, manual(shared.text) }),
  diagnosis = diagnosis { symptom = "log", article = "KB1",
    cause { title = "A cause", article = "KB2", rules = { "file" }, hints = { "keys" } } },
}
