#!/usr/bin/env bash
# rectify policy test: what tests of policies notice by themselves, coverage, mutants, formats.
. "$(dirname "$0")/lib.sh"

cat >level.lua <<'LUA'
local KEY <const> = [[HKLM\SOFTWARE\Example]]
return policy {
  id = "level", title = "Levels",
  inputs = { least = input.int { default = 5, minimum = 0, maximum = 10 } },
  rule { id = "value", title = "The level is high enough", severity = "high",
         want = registry.value(KEY, "Level", at_least(input "least")) },
  rule { id = "file", title = "The file is small", severity = "low", needs = { "file" },
         check = function(host)
           local file = host.file([[C:\example.txt]])
           if file.state == "absent" then return not_applicable("there is no file") end
           if file.size > 3 then return fail("has " .. file.size .. " bytes") end
           return pass("has " .. file.size .. " bytes")
         end },
}
LUA
cat >level_test.lua <<'LUA'
local KEY <const> = [[HKLM\SOFTWARE\Example]]
local function level(n) return { registry = { [KEY] = { Level = n } } } end
local function file(content) return { files = { [ [[C:\example.txt]] ] = content } } end
return cases "level" {
  { "value", given = level(dword(5)), expect = "pass" },
  { "value", given = level(4), expect = "fail", says = "is 4" },
  { "value", given = level(4), set = { least = 4 }, expect = "pass" },
  { "value", given = {}, expect = "fail" },
  { "value", given = level(denied()), expect = "unknown", says = "access is denied" },
  { "value", given = { registry = { [KEY] = not_collected() } }, expect = "unknown" },
  { "file", given = file "abc", expect = "pass", message = "has 3 bytes" },
  { "file", given = file "abcd", expect = "fail", message = "has 4 bytes" },
  { "file", given = {}, expect = "not_applicable", message = "there is no file" },
}
LUA
run 0 policy test level_test.lua
out_has 'ok    level: 9 of 9 cases as expected'
run 0 policy test . --coverage --mutate --survivors 0
out_has 'clauses: 1 of 1 seen both to pass and to fail'
out_has 'level.lua: 4 of 4 ran'
grep -Eq '^mutants: ([0-9]+) of \1 noticed$' out && ok || fail "mutants survive: $(grep mutants out)"

# The same policy with one case less: the mistake that it alone noticed is told.
grep -v '"abcd"' level_test.lua | sed 's/{ "file", given = {},/{ "file", given = file "abcdefgh", expect = "fail" },\n&/' >weak_test.lua
run 0 policy test weak_test.lua --policy level.lua --mutate
out_has 'level.lua:11: not noticed: `3` becomes `(3 + 1)`'
run 2 policy test weak_test.lua --policy level.lua --mutate --survivors 0

# A wrong expectation, message, rule and input.
sed 's/says = "is 4"/says = "is 7"/; s/"file", given = file "abc",/"file", given = file "abcdef",/
     s/set = { least = 4 }/set = { most = 4 }/; s/{ "value", given = {},/{ "vlaue", given = {},/' level_test.lua >wrong_test.lua
run 2 policy test wrong_test.lua --policy level.lua
out_has 'wrong_test.lua:6: value: the message is "'
out_has 'want "is 7"'
out_has 'wrong_test.lua:7: value: set: the policy has no input "most"'
out_has 'wrong_test.lua:8: vlaue: policy "level" has no rule "vlaue"'
out_has 'wrong_test.lua:11: file: is fail, want pass: has 6 bytes'
out_has '5 of 9 cases as expected'

# A rule that no case fails.
grep -v 'expect = "fail"' level_test.lua >lacking_test.lua
run 2 policy test lacking_test.lua --policy level.lua
out_has 'lacking_test.lua: rule "file" has no case that fails'

# A policy that turns what cannot be read into a pass.
sed 's/if file.state == "absent".*/if file.state == "unreadable" then file:excuse("no matter") return pass("fine") end/' level.lua >hides.lua
grep -v '"file", given = {}' level_test.lua >hides_test.lua
run 2 policy test hides_test.lua
out_has 'hides_test.lua:11: file: file \example.txt unreadable: still pass, although the verdict rests on it'
out_has 'hides_test.lua:12: file: file \example.txt unreadable: fail turns into pass'
# One that takes it for a violation.
sed 's/file:excuse("no matter") return pass("fine")/return fail("gone")/' hides.lua >blames.lua
cp hides_test.lua blames_test.lua
run 2 policy test blames_test.lua
out_has 'unreadable: fail instead of unknown (gone)'

# Repairs must converge.
cat >repairs.lua <<'LUA'
local KEY <const> = [[HKLM\SOFTWARE\Example]]
return policy {
  id = "repairs", title = "Repairs",
  rule { id = "good", title = "It is repaired", severity = "low",
         want = registry.value(KEY, "A", dword(5)), repair = enforce() },
  rule { id = "wrong", title = "The repair sets something else", severity = "low",
         want = registry.value(KEY, "B", dword(5)),
         repair = registry.set { key = KEY, name = "B", value = dword(4) } },
  rule { id = "person", title = "A person repairs it", severity = "low",
         want = registry.value(KEY, "C", dword(5)), repair = manual "Set it." },
}
LUA
cat >repairs_test.lua <<'LUA'
local KEY <const> = [[HKLM\SOFTWARE\Example]]
local function with(name, n) return { registry = { [KEY] = { [name] = n } } } end
return cases "repairs" {
  { "good", given = with("A", 5), expect = "pass" },
  { "good", given = with("A", 4), expect = "fail", repairs = true },
  { "good", given = {}, expect = "fail", repairs = true },
  { "wrong", given = with("B", 5), expect = "pass" },
  { "wrong", given = with("B", 3), expect = "fail", repairs = true },
  { "person", given = with("C", 5), expect = "pass" },
  { "person", given = with("C", 4), expect = "fail", repairs = true },
}
LUA
run 2 policy test repairs_test.lua
out_has 'repairs_test.lua:8: wrong: after the repair the rule is fail'
out_has 'repairs_test.lua:10: person: there is no action that repairs it'
out_has '5 of 7 cases as expected'

# Formats; one report a format, no progress in any.
run 2 policy test wrong_test.lua --policy level.lua --format json:out.json --format junit:out.xml --coverage
json out.json 'd["schema"]' rectify.policy_tests/1
json out.json 'd["summary"]["failed"], d["summary"]["cases"]' '(4, 9)'
json out.json 'd["suites"][0]["cases"][6]["problems"][0]["kind"]' verdict
json out.json 'd["clauses"][0]["passed"]' True
python3 - <<'PY' && ok || fail "JUnit report"
import xml.etree.ElementTree as x
suite = x.parse("out.xml").getroot()[0]
assert suite.get("tests") == "10" and suite.get("failures") == "4", suite.attrib
assert len(suite.findall("testcase/failure")) == 5
PY
run 0 policy test level_test.lua --format json:one.json --jobs 1
run 0 policy test level_test.lua --format json:two.json --jobs 4
cmp -s one.json two.json && ok || fail "two runs differ"

# Mistakes in the file of cases: one line, with a place and a suggestion.
case_of() { printf 'return cases "level" {\n  %s,\n}\n' "$1" >bad_test.lua; }
case_of '{ "value", given = {}, expct = "pass" }'
run 1 policy test bad_test.lua --policy level.lua
one_line 'case: unknown field "expct" (did you mean "expect"?)'
case_of '{ "value", given = { regsitry = {} }, expect = "pass" }'
run 1 policy test bad_test.lua --policy level.lua
one_line 'given: unknown field "regsitry" (did you mean "registry"?)'
case_of '{ "value", given = {}, expect = "passes" }'
run 1 policy test bad_test.lua --policy level.lua
one_line 'want one of pass, fail'
case_of '{ "value", given = { files = { ["C:\\\\a"] = { signature = "trsted" } } }, expect = "pass" }'
run 1 policy test bad_test.lua --policy level.lua
one_line 'did you mean "trusted"?'
case_of '{ "value", given = { os = "7" }, expect = "pass" }'
run 1 policy test bad_test.lua --policy level.lua
one_line 'want a version and x86, x64'
case_of '{ "value", given = { events = { System = { from = "yesterday", to = "2020-01-01" } } }, expect = "pass" }'
run 1 policy test bad_test.lua --policy level.lua
one_line 'want a time such as'
case_of '"value"'
run 1 policy test bad_test.lua --policy level.lua
one_line 'list element 1 is text, want a case'
printf 'return cases "nothing.here" { { "a", given = {}, expect = "pass" } }\n' >bad_test.lua
run 1 policy test bad_test.lua
one_line 'no policy "nothing.here" beside it, behind --policy or built in'

# The command line.
run 64 policy test
one_line 'name files called *_test.lua'
run 64 policy test level_test.lua --survivors 3
one_line '--survivors goes with --mutate'
run 1 policy test level.lua
one_line 'no file named *_test.lua'
run 1 policy test nowhere_test.lua
run 0 policy test --help
out_has '--mutate'
# A folder of policies may hold their tests.
mkdir pack && cp level.lua level_test.lua pack/
run 0 policy list --policy pack
out_has 'level'

finish
