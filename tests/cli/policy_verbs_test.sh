#!/usr/bin/env bash
# rectify policy list, show, explain, new, lint, api.
. "$(dirname "$0")/lib.sh"

"$BUILD/mkhosts" hosts || exit 1

# The verb itself.
run 0 policy --help
for verb in list show explain new test lint api; do out_has "  $verb "; done
run 64 policy
run 64 policy lst
one_line 'did you mean list?'
for verb in list show explain new lint api; do
    run 0 policy $verb --help
    out_has "usage: rectify policy $verb"
    run 64 policy $verb --nonsense
    one_line 'unknown option --nonsense'
done

# list: from the load phase alone, no target.
run 0 policy list
out_has 'kb71083.vse-fixed-patch'
out_has 'windows-trust.root-list-fresh'
out_has ' rules in 2 policies'
run 0 policy list --only 'kb71083.*' --severity high --skip validation-service --format json:list.json
json list.json 'd["schema"]' rectify.rules/1
json list.json '[p["id"] for p in d["policies"]]' "['kb71083']"
json list.json '{r["severity"] for r in d["rules"]}' "{'high'}"
json list.json 'any(r["rule"].endswith("validation-service") for r in d["rules"])' False
json list.json '[r["reads"] for r in d["rules"] if r["rule"].endswith("vse-fixed-patch")][0][0]["namespace"]' product
run 64 policy list --only nothing-like-it
one_line 'matches no rule'
run 64 policy list vse-fixed-patch
run 1 policy list --policy missing.lua

# show: what a rule wants, reads, and repairs, with values that were set.
run 0 policy show vse-latest-patch --set latest_patch=8.8.0.2300
out_has 'at least 8.8.0.2300 (input'
out_has 'product: mcafee.vse (VirusScan Enterprise)'
out_has 'latest_patch = 8.8.0.2300 (version, set)'
out_has 'Upgrade VirusScan Enterprise to 8.8.0.2300'
run 0 policy show third-party-hooks --format json:show.json
json show.json '(d["rules"][0]["kind"], [x["namespace"] for x in d["rules"][0]["reads"]])' "('check', ['registry', 'signature'])"
run 64 policy show
one_line 'name a rule'

# explain: the facts in order, the parts of the wanted state, the verdict of check.
run 0 policy explain vse-fixed-patch --root hosts/unpatched
out_has 'facts, in the order in which they were read'
out_has 'szProductVer = REG_SZ 8.8.0.849'
out_has 'FAIL     kb71083.vse-fixed-patch'
run 0 policy explain vse-fixed-patch --root hosts/damaged --format json:x.json
json x.json 'd["schema"]' rectify.explain/1
json x.json 'd["result"]["verdict"]' unknown
json x.json 'any(r["state"] == "unreadable" and r["reason"] for r in d["reads"])' True
json x.json '[r["number"] for r in d["reads"]] == list(range(1, len(d["reads"]) + 1))' True
run 0 policy explain root-certificates-current --root hosts/healthy --format json:trust.json
json trust.json '{x["decided_by"] for x in d["decisions"]} >= {"ROOT", "AuthRoot"}' True
json trust.json '[s["verdict"] for s in d["steps"]]' "['pass', 'pass', 'pass', 'pass']"
json trust.json 'd["result"]["verdict"]' pass
# The same verdict as check's, whatever the rule and the host.
for host in healthy unpatched damaged; do
    "$rectify" check --root hosts/$host --format json:$host.json 2>/dev/null
    for rule in kb71083.untrusted-code-events kb71083.third-party-hooks windows-trust.sound-roots; do
        run 0 policy explain $rule --root hosts/$host --format json:one.json
        [ "$(python3 -c 'import json,sys
a=json.load(open(sys.argv[1])); b=json.load(open("one.json"))["result"]
print([r for r in a["results"] if r["rule"]==sys.argv[2]]==[b])' $host.json $rule)" = True ] && ok ||
            fail "$host $rule: explain and check differ"
    done
done
echo '{"kb71083.latest_patch": "99.0"}' >inputs.json
run 0 policy explain vse-latest-patch --root hosts/healthy --inputs inputs.json --format json:set.json
json set.json 'd["result"]["verdict"]' fail
run 64 policy explain 'vse-*' --root hosts/healthy
one_line '2 rules match, one is wanted'
posix_only 'without a target it is the live host, which only Windows has' run 64 policy explain vse-fixed-patch

# new: green at once, clean, never over something.
run 0 policy new house
run 0 policy test house_test.lua
run 0 policy lint house.lua
run 0 policy list --policy house.lua
out_has 'house.ntlmv2-only'
run 1 policy new house
one_line 'house.lua exists already, nothing is overwritten'
echo mine >other_test.lua
run 1 policy new other
[ ! -e other.lua ] && [ "$(cat other_test.lua)" = mine ] && ok || fail 'policy new left half of it'
run 0 policy new site.lsa --dir policies
run 0 policy test policies
run 0 policy lint policies
for name in Bad ../x x/y 1st a..b a. x_test; do run 64 policy new "$name"; done
run 64 policy new

# lint: every mistake of a file at once, each with its line.
cat >bad.lua <<'P'
local N = "computed"
local stray = rule { id = "stray", title = "Never seen", severity = "low", references = { "A" },
  want = registry.value([[HKLM\SOFTWARE\X]], "A", dword(1)) }
return policy {
  id = "bad", title = "Bad " .. N,
  inputs = { used = input.int { default = 1 }, unused = input.text { default = "" } },
  rule {
    id = "a", title = "One", severity = "low", severity = "high",
    want = all {
      registry.value([[HKLM\SOFTWARE\X]], "A", at_least(5)),
      registry.value([[HKLM\software\X]], "a", at_most(4)),
      registry.value([[HKLM\SOFTWARE\X]], "DisplayName", contains "Programm"),
      registry.value([[HKLM\SOFTWARE\X]], "B", equals(input "used")),
    },
  },
  rule {
    id = "b", title = "Two", severity = "low", references = { "A" },
    needs = { "registry", "file" },
    check = function(host)
      local v <const> = host.registry:value([[HKLM\SOFTWARE\X]], "A")
      if v.data ~= 5 then return fail("is " .. v.data) end
      return pass()
    end,
  },
  rule {
    id = "c", title = "Three", severity = "low",
    -- lint: allow references
    want = file.signed { path = "C:\\Program Files\\x.dll" },
  },
  rule {
    id = "d", title = "Four", severity = "low", references = { "A" },
    needs = { "service" },
    check = function(host)
      local s = host.service "wuauserv"
      if s.display_name == "Windows Update" and host.file("x").size > 5 then return pass() end
      return fail "x"
    end,
  },
  rule {
    id = "e", title = "Five", severity = "low", references = { "A" },
    want = when(registry.value([[HKLM\SOFTWARE\X]], "A", dword(1)),
      registry.value([[HKLM\SOFTWARE\X]], "A", dword(1))),
  },
}
P
run 2 policy lint bad.lua
out_has 'bad.lua:2: warning: rule "stray" is in no policy'
out_has 'bad.lua:5: warning: policy: "title" is computed'
out_has 'bad.lua:6: warning: input "unused" is used by no rule'
out_has 'bad.lua:7: warning: rule "a" names no reference'
out_has 'bad.lua:8: error: rule: field "severity" is given twice'
out_has 'bad.lua:11: warning: rule "a" can never pass: lines 10 and 11'
out_has 'bad.lua:12: warning: rule "a": DisplayName is written in the language of the installation'
out_has 'bad.lua:16: warning: rule "b": "needs" names "file", which its check never reads'
out_has 'bad.lua:16: warning: rule "b": its check only compares registry values'
out_has 'bad.lua:28: warning: "Program Files" has another name'
out_has 'bad.lua:28: warning: the path names a drive'
out_lacks 'rule "c" names no reference'
out_has 'bad.lua:30: error: rule "d": its check reads host.file, which is not in "needs"'
out_has 'bad.lua:35: warning: display_name is written in the language'
out_has 'bad.lua:42: warning: rule "e" can never fail'
out_lacks '"used"'
cat >typo.lua <<'P'
return policy {
  id = "typo", titel = "Bad",
  rule { id = "a", title = "One", severty = "low",
    want = file.signed { pathh = "x" } },
}
P
run 2 policy lint typo.lua --format json:lint.json
json lint.json '[(f["line"], f["level"], f["code"]) for f in d["findings"]]' "[(2, 'error', 'unknown-field'), (3, 'error', 'unknown-field'), (4, 'error', 'unknown-field')]"
json lint.json 'd["findings"][0]["text"]' 'policy: unknown field "titel" (did you mean "title"?)'
printf 'return policy { id = ' >cut.lua
run 2 policy lint cut.lua
out_has 'cut.lua:1: error: unexpected symbol near <eof>'
head -c 20000 /dev/urandom >noise.lua
run 2 policy lint noise.lua
run 1 policy lint missing.lua
run 64 policy lint
# What we ship is clean.
run 0 policy lint "$SOURCE/policies"
[ ! -s out ] && ok || fail 'the shipped policies have findings'

# api: the same names as the stubs; a snapshot of names, parameters and fields.
run 0 policy api 'registry.v*'
out_has 'registry.value(key, name, predicate, options?): Want'
out_has 'set_to'
run 0 policy api --format json:api.json
json api.json 'd["schema"]' rectify.api/1
json api.json '[n["name"] for n in d["names"] if not n["text"]]' '[]'
python3 - >api.txt <<'P'
import json
for n in json.load(open("api.json"))["names"]:
    line = n["name"]
    if "parameters" in n:
        line += "(" + ", ".join(p["name"] + "?" * p["optional"] for p in n["parameters"]) + ")"
        for t in n["tables"]:
            line += " {" + ", ".join(f["name"] + "?" * (not f["required"]) for f in t["fields"]) + "}"
    print(line, "/".join(n["where"]) or "of an object")
P
if [ "${UPDATE:-}" ]; then cp api.txt "$SOURCE/tests/cli/policy_api.txt"; fi
diff -u "$SOURCE/tests/cli/policy_api.txt" api.txt >diff.txt && ok ||
    fail "the API differs from tests/cli/policy_api.txt (UPDATE=1 writes it): $(head -20 diff.txt)"
run 0 policy api --stubs editor
for file in policy check language product test; do
    cmp -s "editor/rectify-api/$file.lua" "$SOURCE/lua/api/$file.lua" && ok || fail "stub $file.lua"
done
json editor/.luarc.json 'd["workspace.library"]' "['rectify-api']"
run 1 policy api --stubs editor
one_line 'exists already'

finish
