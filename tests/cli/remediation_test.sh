#!/usr/bin/env bash
# plan, apply, check, undo and apply again on every sample host, compared key by key with an
# independent reader; then everything that must be refused.
# shellcheck disable=SC2154
. "$(dirname "$0")/lib.sh"
for tool in hivexml hivexsh python3; do
    command -v "$tool" >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }
done
umask 022
mkhosts=$BUILD/mkhosts
linux='only Linux writes to an offline Windows'

cat >house.lua <<'LUA'
return policy {
  id = "house", title = "House rules", references = { "HR" },
  rule { id = "banner", title = "The logon banner is on", severity = "medium", references = { "HR-1" },
    want = registry.value([[HKLM\SOFTWARE\Example Corp\Logon\Banner]], "Text",
      sz "Authorised use only \u{2014} \u{8b66}\u{544a}"),
    repair = enforce() },
  rule { id = "autorun", title = "AutoRun is off", severity = "medium", references = { "HR-2" },
    want = registry.value([[HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer]],
      "NoDriveTypeAutoRun", dword(255)),
    repair = enforce() },
  rule { id = "dhcp", title = "The DHCP client starts by hand", severity = "low", references = { "HR-3" },
    want = service.start("Dhcp", "manual", { if_absent = "not_applicable" }), repair = enforce() },
  rule { id = "no-csd", title = "No CSDVersion", severity = "low", references = { "HR-4" },
    want = registry.absent([[HKLM\SYSTEM\CurrentControlSet\Control\Windows]], "CSDVersion"),
    repair = enforce() },
  rule { id = "log", title = "The System log holds 64 MiB", severity = "low", references = { "HR-5" },
    want = eventlog.size { channel = "System", bytes = 67108864 }, repair = enforce() },
}
LUA

cat >listing.py <<'PY'
"""listing.py RECTIFY HOST OUT: keys and values of the host's hives as rectify sees them, logs
replayed, and as hivexml does, which is not asked of a hive that needs its logs."""
import json, os, re, subprocess, sys
TAG = re.compile(r'<node name="([^"]*)"( root="1")?>|</node>|<value (.*?)</value>', re.S)

def hivex(path):
    xml = subprocess.run(["hivexml", path], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8", "replace")
    lines, at = [], []
    for m in TAG.finditer(xml):
        if m.group(0) == "</node>":
            at.pop()
        elif m.group(3) is not None:
            lines.append("\\".join(at) + "\t" + re.sub(r"<byte_runs>.*?</byte_runs>", "", m.group(3), flags=re.S))
        else:
            at.append("" if m.group(2) else m.group(1))
            lines.append("\\".join(at))
    return sorted(lines)

def own(path):
    out = subprocess.run([sys.argv[1], "inspect", "hive", path, "--recursive"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    rows = map(json.loads, out.decode().splitlines())
    return sorted("\t".join([r["key"], r["name"], str(r["type"]), r["sha256"]]) for r in rows)

result = {}
for folder, _, files in os.walk(sys.argv[2]):
    for name in files:
        if name.upper() in ("SYSTEM", "SOFTWARE"):
            path = os.path.join(folder, name)
            logs = [f for f in files if f.upper() in (name.upper() + ".LOG", name.upper() + ".LOG1", name.upper() + ".LOG2")]
            pending = any(os.path.getsize(os.path.join(folder, f)) > 512 for f in logs)
            result[name.upper()] = {"own": own(path), "hivex": None if pending else hivex(path)}
json.dump(result, open(sys.argv[3], "w"))
PY

cat >compare.py <<'PY'
import json, sys
a, b = (json.load(open(p)) for p in sys.argv[1:3])
bad, seen = [], 0
for hive in a:
    for reader in ("own", "hivex"):
        if a[hive][reader] and b[hive][reader]:
            seen += 1
            bad += sorted(set(a[hive][reader]) ^ set(b[hive][reader]))[:3]
            bad += ["count"] if len(a[hive][reader]) != len(b[hive][reader]) else []
print("same" if not bad and seen >= 2 else f"{seen} compared: {bad}")
PY

cat >predicted.py <<'PY'
"""Every verdict of the check REPORT is the one that PLAN predicted."""
import json, sys
plan, report = (json.load(open(p, encoding="utf-8")) for p in sys.argv[1:3])
found = {r["rule"]: r["verdict"] for r in report["results"]}
wrong = [(p["rule"], p["then"], found.get(p["rule"])) for p in plan["predictions"] if found.get(p["rule"]) != p["then"]]
print(wrong if wrong or not plan["predictions"] else "as predicted")
PY

listings() { # HOST OUT
    python3 listing.py "$rectify" "hosts/$1" "$2" || fail "$1: cannot list its hives"
}

same_listings() { # WHAT BEFORE AFTER
    local said
    said=$(python3 compare.py "$2" "$3")
    [ "$said" = same ] && ok || fail "$1: $said"
}

# cycle HOST NAME PLAN_OPTION...
cycle() {
    local host=$1 name=$2 allow code=0
    shift 2
    "$rectify" plan --root "hosts/$host" "$@" --format json:"$name.json" >/dev/null 2>err || code=$?
    [ "$code" -eq 4 ] || return 0
    cycles=$((cycles + 1))
    allow=$(python3 -c 'import json,sys; print(",".join(json.load(open(sys.argv[1]))["authorities"]))' "$name.json")
    listings "$host" before
    run 0 apply "$name.json" --allow "$allow" --format json:"$name.out.json"
    json "$name.out.json" 'd["result"], d["journal"]["state"], all(v["found"] == v["predicted"] for v in d["verdicts"])' "('verified', 'verified', True)"
    "$rectify" check --root "hosts/$host" "$@" --format json:after.json >/dev/null 2>&1
    [ "$(python3 predicted.py "$name.json" after.json)" = "as predicted" ] && ok ||
        fail "$name: $(python3 predicted.py "$name.json" after.json)"
    code=0
    "$rectify" plan --root "hosts/$host" "$@" --format json:second.json >/dev/null 2>&1 || code=$?
    [ "$code" -ne 4 ] && ok || fail "$name: the second plan is not empty"
    json second.json 'd["actions"]' '[]'
    listings "$host" applied
    [ "$(python3 compare.py before applied)" != same ] && ok || fail "$name: applying changed nothing"
    run 0 undo "$name.journal"
    listings "$host" undone
    same_listings "$name undone" before undone
    # The plan is due again as it was, and applies again.
    run 0 apply "$name.json" --allow "$allow"
    [ -e "$name.2.journal" ] && ok || fail "$name: no second journal"
    listings "$host" again
    same_listings "$name applied again" applied again
    run 0 undo "$name.2.journal"
    find "hosts/$host" -name '*.new' | grep -q . && fail "$name: temporary files stay" || ok
}

"$mkhosts" hosts || exit 1
cycles_of_all() {
    cycles=0
    for host in $("$mkhosts" --list | awk '{print $1}'); do
        [ "$host" = damaged ] && continue
        cycle "$host" "$host-kb"
        cycle "$host" "$host-house" --policy house.lua
    done
    [ "$cycles" -ge 25 ] && ok || fail "only $cycles plans had actions"
}
posix_only "$linux" cycles_of_all

# plan_equal HOST PLAN_OPTION...: Linux makes the same plan.
plan_equal() {
    local host=$1 code=0
    shift
    "$rectify" plan --root "hosts/$host" "$@" --format json:equal.json >/dev/null 2>err || code=$?
    [ "$code" -eq 4 ] || return 0
    cycles=$((cycles + 1))
    linux_plans equal.json --root "hosts/$host" "$@"
}

# Each plan is the one that Linux makes, to the digest; applying it is refused before anything is begun.
plans_of_all() {
    local host
    cycles=0
    for host in $("$mkhosts" --list | awk '{print $1}'); do
        plan_equal "$host"
        plan_equal "$host" --policy house.lua
    done
    [ "$cycles" -ge 25 ] && ok || fail "only $cycles plans had actions"
    # A plan made on Windows can be applied on Linux, which it is the same plan for.
    run 4 plan --root hosts/unpatched --format json:here.json
    run 1 apply here.json --allow eventlog,upgrades
    one_line 'apply: an offline Windows can only be written to from Linux'
    run 0 apply here.json --dry-run
    [ ! -e here.journal ] && ok || fail 'a refused apply left a journal'
    "$RECTIFY_NATIVE/rectify" apply here.json --root hosts/unpatched --allow eventlog,upgrades >out 2>err &&
        [ -e here.journal ] && ok || fail "Linux does not apply it: $(cat err)"
    run 1 undo here.journal --root hosts/unpatched
    one_line 'undo: an offline Windows can only be written to from Linux'
    run 1 undo here.journal
    one_line 'only be written to from Linux'
    "$RECTIFY_NATIVE/rectify" undo here.journal >out 2>err && ok || fail "Linux does not take it back: $(cat err)"
}
windows_only plans_of_all

# A damaged hive is not rewritten.
damaged() {
    "$rectify" plan --root hosts/damaged --policy house.lua --format json:damaged.json >/dev/null 2>&1
    sum=$(find hosts/damaged -type f -exec sha256sum {} + | sort | sha256sum)
    run 1 apply damaged.json --allow registry,services,eventlog
    one_line 'cannot be edited'
    [ "$sum" = "$(find hosts/damaged -type f -exec sha256sum {} + | sort | sha256sum)" ] && ok || fail 'a damaged host was changed'
    [ ! -e damaged.journal ] && ok || fail 'a refused apply left a journal'
}
posix_only "$linux" damaged

# ---- certificates ---------------------------------------------------------------------------------
certificates() {
    if openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 3650 -subj '/O=Example Corp/CN=Example Root' 2>/dev/null; then
        {
            printf 'return policy { id = "certs", title = "Certificates", references = { "C" },\n'
            printf '  rule { id = "root", title = "Our root is there", severity = "high", references = { "C" },\n'
            printf '    want = certificate.stored { store = "ROOT", subject = "Example Root" },\n'
            printf '    repair = certificate.add { store = "ROOT", pem = [[%s]] } },\n}\n' "$(cat cert.pem)"
        } >certs.lua
        cycles=0
        cycle healthy certs --policy certs.lua
        [ "$cycles" -eq 1 ] && ok || fail "no plan for a certificate: $(cat err)"
    fi
}
posix_only "$linux" certificates

# ---- what must be refused -------------------------------------------------------------------------
host=hosts/healthy
config=$host/Windows/System32/config
refused() { # WORDS: nothing was written
    one_line "$1"
    [ "$sum" = "$(sha256sum "$config"/* | sha256sum)" ] && ok || fail "$last: something was written"
    [ ! -e p.journal ] && ok || fail "$last: a journal was left"
}
plan() { run 4 plan --root $host --policy house.lua --format json:p.json; }
# What a plan file is refused for is told by a dry run, too, which there is on Windows.
all=$(here_or_windows '--allow registry,services,eventlog' --dry-run)
plan
sum=$(sha256sum "$config"/* | sha256sum)
not_allowed() {
    run 1 apply p.json
    refused '--allow registry,eventlog,services'
    run 1 apply p.json --allow registry,upgrades
    refused '--allow eventlog,services'
}
posix_only "$linux" not_allowed
run 64 apply p.json --allow everything
run 64 apply
run 64 apply p.json --dry-run --journal x
run 64 undo
for dry in --dry-run --what-if --noop; do
    run 0 apply p.json $dry --format json:dry.json
    json dry.json 'd["result"], d["journal"], {a["outcome"] for a in d["actions"]}' "('previewed', None, {'planned'})"
    [ "$sum" = "$(sha256sum "$config"/* | sha256sum)" ] && [ ! -e p.journal ] && ok || fail 'a dry run wrote'
done

# The plan file is consent, not a source of values.
sed 's/"digest": "./"digest": "f/' p.json >q.json
cmp -s p.json q.json && sed 's/"digest": "./"digest": "e/' p.json >q.json
run 1 apply q.json $all
refused 'would be another one now'
# And what it shows is what is consented to: an edited one is refused, though its digest stands.
edited() { # STATEMENT PART
    python3 -c 'import json, sys
d = json.load(open("p.json", encoding="utf-8"))
exec(sys.argv[1])
json.dump(d, open("q.json", "w", encoding="utf-8"))' "$1"
    run 1 apply q.json $all
    refused "the plan file was edited: its $2"
    run 1 apply q.json --dry-run
    [ ! -e q.journal ] && ok || fail "$1: a journal was left"
}
edited 'd["actions"][0]["changes"][0]["after"]["data"] = "00"' actions
edited 'd["actions"].pop()' actions
edited 'd["actions"][0]["title"] = "nothing of note"' actions
edited 'd["authorities"] = ["registry"]' authorities
edited 'd["predictions"][0]["then"] = "error"' predictions
edited 'd["manual"] = []; d["trust_changes"] = [{}]' trust_changes
edited 'd["policies"][0]["sha256"] = "0" * 64' policies
python3 -c 'import json
d = json.load(open("p.json", encoding="utf-8"))
json.dump(d, open("q.json", "w", encoding="utf-8"))'
after_all() {
    run 0 apply q.json $all
    run 0 inspect hive "$config/SYSTEM" --key 'ControlSet001\Services\Eventlog\System'
    out_has '67108864'
    run 0 undo q.journal
    sum=$(sha256sum "$config"/* | sha256sum)
}
posix_only "$linux" after_all
chmod 666 p.json
run 1 apply p.json $all
refused 'may write it'
chmod 644 p.json
printf '{}' >empty.json
run 1 apply empty.json $all
refused 'no plan of rectify'
run 1 apply nothing.json $all
refused 'nothing.json'

# Another policy, another host.
sed -i 's/The logon banner is on/The banner is on/' house.lua
run 1 apply p.json $all
refused 'policy house was changed since the plan'
plan
run 1 apply p.json $all --root hosts/unpatched
refused 'another target'
elsewhere() {
    rm -rf moved && cp -a $host moved
    run 0 apply p.json $all --root moved
    run 0 undo p.journal # finds it where it was
    rm -rf moved p.journal
}
posix_only "$linux" elsewhere

# What looks like a collection is written to only when it is said to be complete.
collection() {
    cp -a $host part && rm part/Windows/System32/ntoskrnl.exe
    run 4 plan --root part --policy house.lua --format json:part.json
    run 1 apply part.json $all
    one_line 'collection'
    run 4 plan --root part --complete --policy house.lua --format json:part.json
    run 0 apply part.json $all
    run 1 undo part.journal
    one_line 'collection'
    run 0 undo part.journal --complete
    rm -rf part
}
posix_only "$linux" collection

# An archive can be planned for, not written to.
if command -v zip >/dev/null && (cd $host && zip -qr ../../healthy.zip .); then
    run 4 plan --archive healthy.zip --complete --policy house.lua --format json:z.json
    archive() { run 1 apply z.json $all && one_line 'only the folder of an offline Windows'; }
    posix_only "$linux" archive
fi

# Somebody changes a value between plan and apply, or between apply and undo.
set_dhcp() { # START
    printf 'cd \\ControlSet001\\Services\\Dhcp\nsetval 5\nType\ndword:0x20\nStart\ndword:%s\nErrorControl\ndword:1\nImagePath\nexpandstring:%%SystemRoot%%\\system32\\svchost.exe -k LocalService\nDisplayName\nstring:DHCP Client\ncommit\n' "$1" |
        hivexsh -w "$config/SYSTEM" >/dev/null
}
set_dhcp 4
sum=$(sha256sum "$config"/* | sha256sum)
run 1 apply p.json $all
refused 'drifted: HKLM\SYSTEM\ControlSet001\Services\Dhcp\Start was changed since the plan'
drifts() {
    plan
    run 0 apply p.json $all
    set_dhcp 0
    sum=$(sha256sum "$config"/* | sha256sum)
    run 1 undo p.journal --format json:undo.json
    json undo.json 'd["result"], sorted(a["outcome"] for a in d["actions"])' "('refused', ['drifted', 'not done', 'not done', 'not done', 'not done'])"
    [ "$sum" = "$(sha256sum "$config"/* | sha256sum)" ] && ok || fail 'undo wrote although a value drifted'
    set_dhcp 3
    run 0 undo p.journal
    run 0 undo p.journal
    out_has 'nothing to take back'
    run 1 apply p.json $all --resume p.journal
    one_line 'was undone'
    run 1 apply p.json $all --journal p.journal
    one_line 'File exists'
}
posix_only "$linux" drifts

# Journals that are broken, of others, or no journals.
resumed() {
    run 0 apply p.json $all
    run 0 apply p.json $all --resume p.2.journal --format json:again.json
    json again.json 'd["result"], d["resumed"], {a["outcome"] for a in d["actions"]}' "('verified', True, {'kept'})"
}
posix_only "$linux" resumed
of_linux() {
    set_dhcp 3
    "$RECTIFY_NATIVE/rectify" plan --root $host --policy house.lua --format json:linux.json >out 2>err
    "$RECTIFY_NATIVE/rectify" apply linux.json --allow registry,services,eventlog --journal p.2.journal \
        >out 2>err && ok || fail "no journal to break: $(cat err)"
}
windows_only of_linux
sum=$(sha256sum "$config"/* | sha256sum)
bad() { # WORDS
    run 1 undo bad.journal
    one_line "$1"
    [ "$sum" = "$(sha256sum "$config"/* | sha256sum)" ] && ok || fail "$last: something was written"
}
cp p.2.journal bad.journal
chmod 600 bad.journal
sed -i '8s/"new_keys":./"new_keys":9/' bad.journal
bad 'broken in line 8'
sed '4d' p.2.journal >bad.journal
bad 'broken in line 4'
printf 'hello\n' >bad.journal
bad 'not a journal'
cp p.2.journal bad.journal
chmod "$(here_or_windows 660 666)" bad.journal # Wine shows no groups
bad "$(here_or_windows 'others may write it' 'others than Administrators may write it')"
chmod 600 bad.journal
run 1 undo bad.journal --root hosts/unpatched
one_line "$(here_or_windows 'another target' 'only be written to from Linux')"
head -c -20 p.2.journal >bad.journal # a power cut while "verified" was written
posix_only "$linux" run 0 undo bad.journal
# ---- upgrades: staged, flagged, posted ----------------------------------------------------------------
mkdir repo
head -c 100000 /dev/urandom >repo/patch11.zip
cat >up.lua <<LUA
return policy { id = "up", title = "Upgrades", references = { "U" },
  rule { id = "vse", title = "VSE is current", severity = "high", references = { "U" },
    want = product.version("mcafee.vse", at_least "8.8.0.1982"),
    repair = { upgrade { product = "mcafee.vse", to = "8.8.0.1982" },
      upgrade.stage { product = "mcafee.vse", to = "8.8.0.1982", package = "patch11.zip",
        sha256 = "$(sha256sum repo/patch11.zip | cut -d' ' -f1)" } } },
}
LUA
cat >server.py <<'PY'
import gzip, http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
        with open("posted", "a") as f:
            f.write(self.headers["Idempotency-Key"] + " " + json.loads(body)["product"] + "\n")
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print("ready", flush=True)
server.serve_forever()
PY
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sources="--set upgrade.source=repo --set upgrade.stage=staged --set upgrade.post=http://127.0.0.1:$port/due"
# shellcheck disable=SC2086
run 4 plan --root hosts/unpatched --policy up.lua $sources --format json:u.json
applied_upgrades() {
    # Nobody listens: applied all the same, and told.
    run 2 apply u.json --allow upgrades --format json:u.out.json
    json u.out.json 'd["result"], [a["outcome"] for a in d["actions"]], "not posted" in d["actions"][0]["note"]' "('unreported', ['applied', 'applied'], True)"
    cmp -s repo/patch11.zip staged/patch11.zip && ok || fail 'the package is not staged'
    coproc SERVER { exec python3 server.py "$port"; }
    read -r _ <&"${SERVER[0]}"
    run 0 apply u.json --allow upgrades --resume u.journal
    run 0 apply u.json --allow upgrades --resume u.journal
    [ "$(wc -l <posted)" -eq 1 ] && ok || fail "posted $(wc -l <posted) times, want once"
    # shellcheck disable=SC2086
    "$rectify" plan --root hosts/unpatched --policy up.lua $sources --format json:second.json >/dev/null 2>&1
    json second.json 'd["actions"]' '[]'
    run 0 undo u.journal
    [ -e staged/patch11.zip ] && ok || fail 'what was staged stays'
    # The same plan again: the document has the same key, so that it is one to the receiver.
    run 0 apply u.json --allow upgrades
    [ "$(sort -u posted | wc -l)" -eq 1 ] && [ "$(wc -l <posted)" -eq 2 ] && ok || fail "keys: $(cat posted)"
    run 0 undo u.2.journal
    kill "$SERVER_PID"
    wait "$SERVER_PID" 2>/dev/null
    # Another file under the name: nothing is written.
    rm -r staged
    echo x >>repo/patch11.zip
    run 1 apply u.json --allow upgrades
    one_line "the policy's is"
    [ ! -e staged/patch11.zip ] && [ ! -e u.3.journal ] && ok || fail 'a wrong package was staged'
}
posix_only "$linux" applied_upgrades

# ---- the README, word for word ----------------------------------------------------------------------
readme() {
    mkdir -p walk/build && ln -s "$rectify" walk/build/rectify && "$mkhosts" walk/build/demo unpatched
    sed -n '/^## Doing it/,/^What .apply. says/p' "${SOURCE:?}/README.md" | sed -n '/^```sh$/,/^```$/p' | sed '/^```/d' >walk/commands
    code=''
    while read -r command; do
        (cd walk && eval "$command") >>walk/out 2>&1 </dev/null
        code="$code $?"
    done <walk/commands
    [ "$code" = ' 2 4 0 0 2 2 0 2' ] && ok || fail "README: exit codes$code"
    # What it says of apply is what apply says, but for where the target is.
    sed -n '/^What .apply. says/,/^- The plan/p' "$SOURCE/README.md" | sed -n '/^```$/,/^```$/p' | sed '/^```/d; /^target/d; /^$/d' >walk/told
    while IFS= read -r told; do
        grep -qxF -- "$told" walk/out && ok || fail "README tells what apply does not say: $told"
    done <walk/told
    [ "$(grep -c 'rules: 5 failed' walk/out)" -eq 2 ] && [ "$(grep -c 'rules: 3 failed' walk/out)" -eq 1 ] && ok ||
        fail 'README: five rules, three rules, five rules'
}
posix_only "$linux" readme
finish
