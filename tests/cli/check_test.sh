#!/usr/bin/env bash
# rectify check on the sample hosts: verdicts, exit codes, formats, and what is refused.
. "$(dirname "$0")/lib.sh"

"$BUILD/mkhosts" hosts || exit 1
verdict() { python3 -c 'import json,sys; print(next(r["verdict"] for r in json.load(open(sys.argv[1]))["results"] if r["rule"]=="kb71083."+sys.argv[2]))' "$1" "$2"; }
expect() { # expect HOST RULE VERDICT
    local have
    have=$(verdict "$1.json" "$2")
    [ "$have" = "$3" ] && ok || fail "$1 $2: $have, want $3"
}
check() { # check CODE HOST
    run "$1" check --root "hosts/$2" --format "json:$2.json"
}

check 0 healthy
for rule in vse-fixed-patch vse-latest-patch agent-version agent-dlls-signed untrusted-code-events \
    third-party-hooks microsoft-files-trusted root-certificates-current system-log-capacity \
    validation-service; do expect healthy $rule pass; done
json healthy.json 'd["diagnosis"]' '[]'
check 2 unpatched
expect unpatched vse-fixed-patch fail
expect unpatched vse-latest-patch fail
expect unpatched untrusted-code-events fail
json unpatched.json '[r["observed"]["value"]["count"] > 1000 for r in d["results"] if r["rule"].endswith("untrusted-code-events")]' '[True]'
check 2 agent45
expect agent45 vse-fixed-patch pass
expect agent45 agent-version fail
check 2 xp
expect xp vse-fixed-patch pass
json xp.json 'd["target"]["os"]["version"][:3]' 5.1
check 3 shortlog
expect shortlog untrusted-code-events unknown
json shortlog.json '[r["coverage"]["complete"] for r in d["results"] if r["rule"].endswith("untrusted-code-events")]' '[False]'
run 3 check --root hosts/conflict --only vse-fixed-patch --format json:conflict.json
expect conflict vse-fixed-patch conflict
check 0 nomcafee
expect nomcafee vse-fixed-patch not_applicable
expect nomcafee validation-service not_applicable
check 2 japanese
expect japanese untrusted-code-events fail
json japanese.json '[("VSTSKMGR.EXE" in json.dumps(r).upper()) for r in d["results"] if r["rule"].endswith("untrusted-code-events")]' '[True]'
"$rectify" check --root hosts/damaged --format json:damaged.json 2>/dev/null
case $? in 2 | 3) ok ;; *) fail "damaged host: exit code must be 2 or 3" ;; esac
[ "$(verdict damaged.json vse-fixed-patch)" = unknown ] && ok || fail "damaged: unreadable SOFTWARE must be unknown"
check 2 hotfix
expect hotfix vse-fixed-patch pass
expect hotfix vse-latest-patch fail
run 0 check --root hosts/dirty --format json:dirty.json --only 'vse-*'
json dirty.json '"replay" in json.dumps(d["results"])' True

# Causes: which, in the article's order, and what is not known.
check 2 hooked
expect hooked third-party-hooks fail
json hooked.json '[x["likely"] for x in d["diagnosis"]]' '[False, True, False]'
json hooked.json '[x["article"] for x in d["diagnosis"]]' "['KB74177', 'KB74176', 'KB74174']"
json hooked.json '[len(r["observed"]["value"]) for r in d["results"] if r["rule"].endswith("hooks")]' '[7]'
check 2 agentdlls
expect agentdlls agent-dlls-signed fail
json agentdlls.json '[x["likely"] for x in d["diagnosis"]]' '[True, False, False]'
json agentdlls.json '[x["word"] for r in d["results"] if r["rule"].endswith("dlls-signed") for x in r["observed"]["value"]]' "['unsigned', 'trusted']"
check 2 noroot
expect noroot microsoft-files-trusted fail
expect noroot root-certificates-current fail
json noroot.json 'd["diagnosis"][2]["likely"]' True
for host in expired disallowed tampered; do
    check 2 $host
    expect $host agent-dlls-signed fail
done
expect tampered microsoft-files-trusted fail
check 0 catalogs
# The lists are signed by a test's root, which the program does not know: no list at all.
check 3 lists
expect lists root-certificates-current unknown
json unpatched.json '[d["diagnosis"][-1]["likely"], d["diagnosis"][-1]["article"], "none of the 3 causes" in d["diagnosis"][-1]["text"]]' "[False, 'KB71083', True]"
run 0 check --root hosts/healthy --only root-certificates-current --set trust_list_days=5
run 2 check --root hosts/healthy --only root-certificates-current --set trust_list_days=4
run 2 check --root hosts/healthy --only root-certificates-current --set needed_roots=3B1EFD3A66EA28B16697394703A72CA340A05BD5
run 2 check --root hosts/healthy --only agent-dlls-signed --set pin_vendor_roots=true

# The schema, to the letter.
json unpatched.json 'list(d)' "['schema', 'tool', 'run', 'target', 'results', 'diagnosis', 'summary']"
json unpatched.json 'd["schema"]' rectify.report/1
json unpatched.json 'sorted(d["summary"])' "['conflict', 'error', 'fail', 'not_applicable', 'pass', 'unknown', 'waived']"
json unpatched.json 'all(set(r) - {"coverage"} == {"rule","policy","title","severity","verdict","message","observed","expected","evidence","remedies"} for r in d["results"])' True
json unpatched.json 'all(r["evidence"] for r in d["results"])' True
json unpatched.json 'all(r["remedies"] for r in d["results"] if r["verdict"]=="fail")' True

# Same input, same bytes, bar run id, start and duration; whatever the number of threads.
"$rectify" check --root hosts/unpatched --format json:a.json --jobs 1
"$rectify" check --root hosts/unpatched --format json:b.json --jobs 4
python3 - <<'P' && ok || fail "two runs differ"
import json
def load(p):
    d = json.load(open(p))
    for k in ("id", "started", "duration_ms"):
        del d["run"][k]
    return json.dumps(d)
assert load("a.json") == load("b.json")
P

# Reports.
run 2 check --root hosts/unpatched
out_has 'FAIL     kb71083.vse-fixed-patch'
out_has 'observed  '
out_has 'expected  '
awk 'length($0) > 80 { exit 1 }' out && ok || fail "terminal report is wider than 80 columns"
grep -q $'\x1b' out && fail "colour without a terminal" || ok
run 2 check --root hosts/unpatched --color always
grep -q $'\x1b' out && ok || fail "--color always gives no colour"
run 2 check --root hosts/unpatched --format junit
python3 -c 'import xml.dom.minidom,sys; xml.dom.minidom.parse("out")' && ok || fail "JUnit is not well-formed"
run 2 check --root hosts/unpatched --format csv
python3 - <<'P' && ok || fail "CSV rows"
import csv
rows = list(csv.DictReader(open("out", newline="", encoding="utf-8")))
assert len(rows) == 25 and all(r["verdict"] and r["computer_name"] for r in rows), rows
P
run 2 check --root hosts/unpatched --format terminal --format json:both.json --format junit:both.xml
out_has 'FAIL'
[ -s both.json ] && [ -s both.xml ] && ok || fail "report files are missing"
run 2 check --root hosts/unpatched --quiet
[ "$(wc -l <out)" -le 8 ] && ok || fail "--quiet prints much"

# Selection and settings.
run 0 check --root hosts/unpatched --only agent-version
run 0 check --root hosts/unpatched --only 'kb71083.agent-*'
run 64 check --root hosts/unpatched --only 'kb71083.agent-*' --skip nothing
one_line 'nothing'
run 64 check --root hosts/unpatched --only no-such-rule
one_line 'no-such-rule'
run 64 check --root hosts/unpatched --set nosuch=1
one_line 'nosuch'
run 64 check --root hosts/unpatched --set latest_patch=banana
one_line 'latest_patch'
run 0 check --root hosts/healthy --set latest_patch=8.8.0.2300
run 2 check --root hosts/healthy --set kb71083.latest_patch=8.8.0.9999
run 0 check --root hosts/unpatched --only validation-service --severity info

# The healthy host's files bear SHA-1 signatures, as in their time.
run 0 check --root hosts/healthy --set trust.weak_algorithms=accept
run 2 check --root hosts/healthy --set trust.weak_algorithms=refuse --format json:weak.json
expect weak agent-dlls-signed fail
json weak.json '"weak algorithm: sha1" in json.dumps(d)' True
run 64 check --root hosts/healthy --set trust.weak_algorithms=maybe
one_line 'trust.weak_algorithms'

# Wrong targets and command lines: one clear line and the right code.
mkdir empty notwindows && mkdir notwindows/etc && : >file.txt
run 1 check --root /no/such/folder
one_line '/no/such/folder'
run 1 check --root empty
one_line 'empty'
run 1 check --root notwindows
one_line 'notwindows'
run 1 check --root file.txt
one_line 'file.txt'
run 1 check --archive file.txt
one_line 'file.txt'
run 1 check --archive /no/such.zip
one_line '/no/such.zip'
mkdir two && cp -r hosts/healthy two/C && cp -r hosts/xp two/D 2>/dev/null
no_target() {
    run 64 check
    one_line '--root'
}
posix_only 'without a target it is the live host, which only Windows has' no_target
live() {
    local code=0
    "$rectify" check --only 'kb71083.*' --format json:live.json >out 2>err || code=$?
    [ "$code" -eq 3 ] || [ "$code" -eq 2 ] || [ "$code" -eq 0 ] && ok || fail "a live check: exit code $code"
    run 0 policy list --only 'kb71083.*' --format json:rules.json
    json live.json 'd["target"]["kind"], d["target"]["location"]' "('live', 'this host')"
    json live.json '[r["rule"] for r in d["results"]] == [r["rule"] for r in json.load(open("rules.json"))["rules"]]' True
    run 64 check --complete
    one_line '--complete and --collection go with --root or --archive'
}
windows_only live
run 64 check --rot x
one_line '--root'
run 64 check --root hosts/healthy extra
one_line 'extra'
run 64 check --root hosts/healthy --format yaml
one_line 'yaml'
run 64 check --root hosts/healthy --at yesterday
one_line 'yesterday'
run 64 check --root hosts/healthy --archive file.txt
run 64 check --root hosts/healthy --root hosts/xp
one_line '--root'
run 64 chekc
one_line 'check'
run 1 check --root hosts/healthy --format json:/no/such/dir/x.json
err_has '/no/such/dir/x.json'

# Policies: never a partial run.
cat >good.lua <<'L'
return policy { id = "good", title = "Mine",
  rule { id = "one", title = "Only one", severity = "low", references = { "X1" },
    want = registry.value([[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion]], "CurrentVersion", one_of { "6.1", "6.3" }) } }
L
run 0 check --root hosts/healthy --policy good.lua --format json:good.json
json good.json '[r["rule"] for r in d["results"]]' "['good.one']"
sed 's/severity/severty/' good.lua >typo.lua
run 1 check --root hosts/healthy --policy typo.lua
one_line 'severty'
err_has 'severity'
err_has 'typo.lua:2'
echo 'return policy {' >broken.lua
run 1 check --root hosts/healthy --policy broken.lua --policy good.lua
one_line 'broken.lua'
run 1 check --root hosts/healthy --policy nosuch.lua
one_line 'nosuch.lua'
cp good.lua loose.lua && chmod 666 loose.lua
run 1 check --root hosts/healthy --policy loose.lua
one_line 'loose.lua'

# The reference time.
run 3 check --root hosts/healthy --at 2023-06-01T00:00:00Z --only untrusted-code-events
run 0 check --root hosts/healthy --format json:at.json
json at.json 'd["run"]["reference_time"].startswith("2023-03")' True

# An output that cannot be written is an error, not a success.
"$rectify" check --root hosts/healthy >/dev/full 2>err
[ $? -eq 1 ] && ok || fail "a full disk must be exit code 1"

# Help.
run 0 --help
run 0 check --help
run 0 facts --help
run 0 inspect --help
run 0 inspect evtx --help
run 0 inspect hive --help
run 0 --version
out_has 'Lua 5.4'
out_has 'OpenSSL 3'
for verb in check facts apply undo 'inspect evtx' 'inspect hive'; do
    # shellcheck disable=SC2086
    "$rectify" $verb --help | sed -n 's/^  --\([a-z-]*\).*/\1/p' | while read -r option; do
        sed 's/\\-/-/g' "${SOURCE:?}/docs/rectify.1" | grep -qF -- "--$option" || [ "$option" = help ] ||
            echo "$verb --$option"
    done
done >undocumented
[ ! -s undocumented ] && ok || fail "not in the man page: $(tr '\n' ' ' <undocumented)"

run 0 facts --root hosts/healthy
out_has 'VirusScan Enterprise'
run 0 facts --root hosts/healthy --format json:facts.json
json facts.json 'd["schema"]' rectify.facts/1
json facts.json '[p["version"] for p in d["products"] if p["id"]=="mcafee.vse"]' "['8.8.0.2300']"
finish
