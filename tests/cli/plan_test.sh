#!/usr/bin/env bash
# rectify plan on the sample hosts: what is planned, predicted and left over; formats, exit codes.
. "$(dirname "$0")/lib.sh"

"$BUILD/mkhosts" hosts || exit 1
find hosts -type f -print0 | sort -z | xargs -0 sha256sum >before.sums
plan() { # plan CODE HOST [OPTION...]
    local code=$1 host=$2
    shift 2
    case "$*" in *--policy*) ;; *) set -- "$@" --only 'kb71083.*' ;; esac
    run "$code" plan --root "hosts/$host" --format "json:$host.json" "$@"
}
titles='[a["kind"] for a in d["actions"]]'
flips='[(p["rule"][8:],p["then"]) for p in d["predictions"] if p["now"]!=p["then"]]'

# Nothing to do on healthy hosts, nothing that could be done on others.
for host in healthy nomcafee catalogs; do
    plan 0 $host
    json $host.json "$titles" '[]'
    json $host.json 'd["manual"]' '[]'
    json $host.json 'd["authorities"]' '[]'
done
plan 2 hooked
json hooked.json "$titles" '[]'
json hooked.json 'sorted({m["why"] for m in d["manual"]})' "['the policy leaves it to a person']"
plan 3 shortlog
json shortlog.json '["the rule'"'"'s verdict is unknown" in m["why"] for m in d["manual"]]' '[True]'

# What is due: an upgrade is recorded, the log grows.
plan 4 unpatched
json unpatched.json 'list(d)' "['schema', 'tool', 'run', 'target', 'location', 'target_id', 'digest', 'inputs', 'policies', 'authorities', 'actions', 'predictions', 'manual', 'trust_changes']"
json unpatched.json 'd["schema"]' rectify.plan/1
json unpatched.json "$titles" "['upgrade.flag', 'eventlog.size']"
json unpatched.json 'd["authorities"]' "['eventlog', 'upgrades']"
json unpatched.json "$flips" "[('system-log-capacity', 'pass')]"
json unpatched.json 'd["actions"][1]["changes"][0]["key"]' 'HKLM\SYSTEM\ControlSet001\Services\EventLog\System'
json unpatched.json 'int.from_bytes(bytes.fromhex(d["actions"][1]["changes"][0]["after"]["data"]),"little") % 65536' 0
json unpatched.json 'd["actions"][0]["rules"]' "['kb71083.vse-fixed-patch', 'kb71083.vse-latest-patch']"
json unpatched.json '[(x["before"], x["new_keys"]) for x in d["actions"][0]["changes"]]' '[(None, 2)]'
json unpatched.json 'len(d["predictions"])' 12
json unpatched.json 'unix(d["location"]).startswith("/") and unix(d["location"]).endswith("hosts/unpatched")' True
plan 4 japanese
json japanese.json "$flips" "[('system-log-capacity', 'pass')]"
plan 4 agent45
json agent45.json '[a["details"]["product"] for a in d["actions"]]' "['mcafee.vse', 'mcafee.agent']"

# A root that is missing needs a source; a wrong one is one line.
plan 2 noroot
json noroot.json 'sorted({m["rule"] for m in d["manual"] if "no source of roots is named" in m["why"]})' "['kb71083.microsoft-files-trusted', 'kb71083.root-certificates-current']"
run 1 plan --root hosts/noroot --only root-certificates-current --set roots.source=/no/such/folder
one_line 'roots.source: '
mkdir nolists && echo x >nolists/x
run 1 plan --root hosts/noroot --only root-certificates-current --set roots.source=nolists
one_line 'roots.source: '

# Same input, same bytes, bar run id, start and duration; whatever the number of threads.
"$rectify" plan --root hosts/unpatched --format json:a.json --jobs 1
"$rectify" plan --root hosts/unpatched --format json:b.json --jobs 4
json a.json "$flips" "[('system-log-capacity', 'pass'), ('trust.system-log-size', 'pass')]"
python3 - <<'P' && ok || fail "two runs differ"
import json
def load(p):
    d = json.load(open(p))
    for k in ("id", "started", "duration_ms"):
        del d["run"][k]
    return json.dumps(d)
assert load("a.json") == load("b.json")
P
json a.json 'len(d["digest"])' 64
json a.json 'd["digest"] == json.load(open("b.json"))["digest"]' True
plan 4 unpatched --set window_days=20
json unpatched.json 'd["digest"] != json.load(open("a.json"))["digest"]' True
json unpatched.json 'd["inputs"]' "[{'name': 'set', 'value': 'window_days=20'}, {'name': 'only', 'value': 'kb71083.*'}]"

# Files of the command line are absolute in the plan, which may be applied from elsewhere.
cat >mine.lua <<'L'
local K <const> = [[HKLM\SOFTWARE\Mine]]
local function r(id, want, repair)
  return rule { id = id, title = id, severity = "low", want = want, repair = repair }
end
return policy { id = "mine", title = "Mine",
  r("n", registry.value(K, "n", dword(5)), enforce()),
  r("text", registry.value(K, "text", sz [[a "quoted" C:\path]]), enforce()),
  r("umlaut", registry.value(K, "Größe", sz "höher"), enforce()),
  r("multi", registry.value(K, "multi", multi_sz { "one", "two" }), enforce()),
  r("long", registry.value(K .. [[\Sub]], "", binary(string.rep("0123456789abcdef", 12))), enforce()),
  r("gone", registry.absent([[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion]], "CSDVersion"), enforce()),
  r("one", registry.value(K, "c", dword(1)), enforce()),
  r("two", registry.value(K, "c", dword(2)), enforce()),
  r("gone-root", certificate.absent { sha1 = "%ROOT%" }, enforce()),
}
L
root=$("$rectify" inspect certs --root hosts/unpatched --store ROOT --format json | python3 -c 'import json,sys
def find(x):
    if isinstance(x, dict):
        if "sha1" in x: print(x["sha1"]); sys.exit()
        x = list(x.values())
    if isinstance(x, list):
        for y in x: find(y)
find(json.load(sys.stdin))')
[ ${#root} -eq 40 ] && ok || fail "no root in the ROOT store"
sed -i "s/%ROOT%/$root/" mine.lua
plan 4 unpatched --policy mine.lua --format reg:mine.reg --format sst:mine.sst
json unpatched.json 'unix(d["inputs"][0]["value"]).startswith("/")' True
json unpatched.json '[a["kind"] for a in d["actions"]].count("registry.set")' 5
json unpatched.json '[m["why"] for m in d["manual"] if m["rule"]=="mine.one"]' "['contrary values: mine.one wants HKLM\\\\SOFTWARE\\\\Mine c to be REG_DWORD 1, mine.two wants REG_DWORD 2']"
json unpatched.json '[(x["drop_key"], x["after"]) for a in d["actions"] if a["kind"]=="certificate.remove" for x in a["changes"]]' '[(True, None)]'

# A reader of .reg of its own: every change is there, nothing else is.
python3 - <<'P' && ok || fail "the .reg file does not say what the plan says"
import json, re
raw = open("mine.reg", "rb").read()
assert raw[:2] == b"\xff\xfe"
text = raw[2:].decode("utf-16-le")
lines = text.replace("\\\r\n", "").split("\r\n")
assert lines[0] == "Windows Registry Editor Version 5.00" and "\n" not in text.replace("\r\n", "")
assert max(len(x) for x in text.split("\r\n") if x[:1] != "[") <= 90
have, key = {}, None
def data(s):
    if s == "-":
        return None
    if s.startswith("dword:"):
        return 4, int(s[6:], 16).to_bytes(4, "little")
    if s.startswith('"'):
        assert all(32 <= ord(c) < 127 for c in s)
        return 1, (re.sub(r"\\(.)", r"\1", s[1:-1]) + "\0").encode("utf-16-le")
    kind, _, digits = s.partition(":")
    kind = 3 if kind == "hex" else int(kind[4:-1], 16)
    return kind, bytes.fromhex(digits.replace(",", "").replace(" ", ""))
for line in lines[1:]:
    if line.startswith("[-"):
        have[(line[2:-1], "Blob")] = None
    elif line.startswith("["):
        key = line[1:-1]
    elif line:
        m = re.fullmatch(r'(@|"((?:[^"\\]|\\.)*)")=(.*)', line)
        name = "" if m[1] == "@" else re.sub(r"\\(.)", r"\1", m[2])
        have[(key, name)] = data(m[3])
want = {}
for a in json.load(open("unpatched.json"))["actions"]:
    for c in a["changes"]:
        image = c["after"]
        want[(c["key"].replace("HKLM\\", "HKEY_LOCAL_MACHINE\\", 1), c["name"])] = \
            image and (image["type"], bytes.fromhex(image["data"]))
assert have == want, (have, want)
P
run 0 inspect sst mine.sst

# The terminal.
run 4 plan --root hosts/unpatched
out_has 'raise the maximum size of the System log'
out_has 'MaxSize  REG_DWORD 2097152'
out_has 'left to a person'
out_has 'verdicts once this is done'
out_has 'PLAN.json --allow eventlog,upgrades'
awk 'length($0) > 80 { exit 1 }' out && ok || fail "the terminal's plan is wider than 80 columns"
grep -q $'\x1b' out && fail "colour without a terminal" || ok
run 4 plan --root hosts/unpatched --format terminal --format json:saved.json --quiet
out_has 'rectify apply saved.json --allow eventlog,upgrades'
run 0 plan --root hosts/healthy --quiet
out_has 'nothing to do'

# Rules that are not selected are watched all the same.
cat >watch.lua <<'L'
return policy { id = "watch", title = "W",
  rule { id = "a", title = "a", severity = "low", repair = enforce(),
    want = registry.absent([[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion]], "CSDVersion") },
  rule { id = "b", title = "b", severity = "low",
    want = registry.value([[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion]], "CSDVersion", glob "Service*") },
}
L
plan 4 healthy --policy watch.lua --only a
json healthy.json '[(p["rule"], p["now"], p["then"], p["repaired"]) for p in d["predictions"]]' "[('watch.a', 'fail', 'pass', True), ('watch.b', 'pass', 'fail', False)]"

# Command lines.
no_target() {
    run 64 plan
    one_line '--root'
}
posix_only 'without a target it is the live host, which only Windows has' no_target
run 64 plan --root hosts/healthy --format yaml
one_line 'yaml'
run 64 plan --root hosts/healthy extra
one_line 'extra'
run 64 plan --root hosts/healthy --set nosuch=1
one_line 'nosuch'
run 1 plan --root nowhere
one_line 'nowhere'
run 0 plan --help
out_has 'roots.source'
"$rectify" plan --help | sed -n 's/^  --\([a-z-]*\).*/\1/p' | while read -r option; do
    sed 's/\\-/-/g' "${SOURCE:?}/docs/rectify.1" | grep -qF -- "--$option" || [ "$option" = help ] || echo "plan --$option"
done >undocumented
[ ! -s undocumented ] && ok || fail "not in the man page: $(tr '\n' ' ' <undocumented)"

# Planning writes nothing to a target.
find hosts -type f -print0 | sort -z | xargs -0 sha256sum >after.sums
cmp -s before.sums after.sums && ok || fail "a plan changed a target"
finish
