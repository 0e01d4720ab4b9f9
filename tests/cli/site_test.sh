#!/usr/bin/env bash
# What a site brings along: profiles, values of inputs, waivers.
. "${SOURCE:?}/tests/cli/lib.sh"

"$BUILD/mkhosts" hosts unpatched >/dev/null || exit 1
host=hosts/unpatched
umask 022

# ---- profiles and inputs ----------------------------------------------------------------------------

cat >base.lua <<'LUA'
return profile { title = "House", rules = { only = { "kb71083.vse-*", "kb71083.untrusted-code-events" } },
  inputs = { ["kb71083.window_days"] = 60 } }
LUA
cat >site.lua <<'LUA'
return profile { title = "Site", extends = "base.lua", rules = { skip = { "vse-latest-patch" } } }
LUA
run 2 check --root "$host" --profile site.lua --format json:r.json
json r.json '[r["rule"] for r in d["results"]]' "['kb71083.vse-fixed-patch', 'kb71083.untrusted-code-events']"
json r.json 'd["run"]["profile"]' 'House; Site'
json r.json 'd["results"][1]["expected"]["value"]["days"]' 60
run 2 check --root "$host" --profile ./site.lua && out_has 'House; Site'
printf '{"kb71083": {"window_days": 45}}' >inputs.json
run 2 check --root "$host" --profile site.lua --inputs inputs.json --format json:r.json
json r.json 'd["results"][1]["expected"]["value"]["days"]' 45
run 2 check --root "$host" --profile site.lua --inputs inputs.json --set window_days=20 --format json:r.json
json r.json 'd["results"][1]["expected"]["value"]["days"]' 20
run 2 check --root "$host" --profile site.lua --only vse-latest-patch --format json:r.json
json r.json '[r["rule"] for r in d["results"]]' "['kb71083.vse-latest-patch']"
run 64 check --root "$host" --profile site.lua --skip 'kb71083.*' && one_line 'no rule is left'
run 0 policy list --profile quick --format json:l.json
grep -q third-party-hooks l.json && fail 'quick lists third-party-hooks' || ok

cat >own.lua <<'LUA'
return policy { id = "own", title = "Own", rule { id = "key", title = "Key", severity = "low",
  want = registry.key [[HKLM\SOFTWARE\Microsoft]] } }
LUA
run 0 check --root "$host" --policy own.lua --profile quick && out_has 'own.key'

# ---- waivers ----------------------------------------------------------------------------------------

waivers() { # waivers RULE EXPIRES [MORE]
    printf '{"schema": "rectify.waivers/1", "waivers": [{"rule": "%s", "host": "*", "reason": "a test",
 "approver": "somebody", "ticket": "T-1", "expires": "%s"%s}]}\n' "$1" "$2" "${3:-}" >waivers.json
}
only=(--only vse-fixed-patch --waivers waivers.json)
waivers kb71083.vse-fixed-patch 2999-01-01T00:00:00Z
run 0 check --root "$host" "${only[@]}" && out_has 'WAIVED   kb71083.vse-fixed-patch'
out_has 'fail, waived: a test (approved by somebody'
out_has '1 waived'
run 0 check --root "$host" "${only[@]}" --format json:r.json --format junit:r.xml --format csv:r.csv
json r.json 'd["summary"]["waived"], d["summary"]["fail"]' '(1, 0)'
json r.json 'd["results"][0]["verdict"], d["results"][0]["waiver"]["verdict"]' "('waived', 'fail')"
json r.json 'd["waivers"][0]["state"]' applied
json r.json '__import__("hashlib").sha256(json.dumps({k: d["results"][0]["observed"][k] for k in ("text", "value")}, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest() == d["results"][0]["observed"]["sha256"]' True
grep -q '<skipped message="fail, waived: a test' r.xml && ok || fail 'junit does not show the waiver'
grep -q ',waived,' r.csv && grep -q 'fail, waived: a test' r.csv && ok || fail 'csv does not show the waiver'
digest=$(python3 -c 'import json; print(json.load(open("r.json"))["results"][0]["observed"]["sha256"])')
waivers kb71083.vse-fixed-patch 2999-01-01T00:00:00Z ", \"observed\": \"$digest\""
run 0 check --root "$host" "${only[@]}" --verbose && out_has "$digest"
waivers kb71083.vse-fixed-patch 2999-01-01T00:00:00Z ", \"observed\": \"${digest/[0-9a-f]/z}\""
run 1 check --root "$host" "${only[@]}" && err_has 'want the 64 lower-case digits'
waivers kb71083.vse-fixed-patch 2999-01-01T00:00:00Z ", \"observed\": \"$(printf '0%.0s' $(seq 64))\""
run 2 check --root "$host" "${only[@]}" && out_has 'what is observed now is not'
waivers kb71083.vse-fixed-patch 2020-01-01T00:00:00Z
run 2 check --root "$host" "${only[@]}" && out_has 'expired 2020-01-01T00:00:00Z'
run 2 check --root "$host" --at 2015-01-01T00:00:00Z "${only[@]}" && out_has 'expired'
waivers kb71083.vse-fixd-patch 2999-01-01T00:00:00Z
run 2 check --root "$host" "${only[@]}" && out_has 'no_rule'

finish
