#!/usr/bin/env bash
# roots.refresh from the command line: planned from folders and servers, applied, taken back; and
# refused in one line, with nothing changed, from a source that is not right.
. "$(dirname "$0")/lib.sh"

"$BUILD/mkhosts" --lists lists hosts noroot lists || exit 1
export RECTIFY_TEST_LIST_ROOT=$work/lists/list-root.der
unset http_proxy HTTP_PROXY no_proxy NO_PROXY SUDO_UID
rectify=$BUILD/rectify-testroots
kb=$SOURCE/policies/kb71083
cat >stale.lua <<'LUA'
return policy {
  id = "stale", title = "House rules",
  rule {
    id = "lists", title = "The root list was synchronised two days ago at most", severity = "high",
    want = ctl.fresh { name = "EncodedCtl", days = 2 }, repair = roots.refresh {},
  },
}
LUA

sums() { find hosts -type f -exec sha256sum {} + | sort; }
# serve FOLDER: a server on a port of its own; sets $base.
serve() {
    coproc server { exec python3 "$SOURCE/tests/http_server.py" "$1" "$1.log"; }
    read -r port <&"${server[0]}"
    base=http://127.0.0.1:$port
}
# plan CODE HOST SOURCE ARGUMENT...
plan() {
    local code=$1 host=$2 from=$3
    shift 3
    run "$code" plan --root "hosts/$host" --set "roots.source=$from" "$@"
}
action='[a for a in d["actions"] if a["kind"] == "roots.refresh"]'

# Nothing is fetched, and nothing planned, unless a source is named.
run 2 plan --root hosts/lists --policy stale.lua
out_has 'no source of roots is named'

# The missing root of a host comes from a folder, with the files that it makes trusted.
sums >before
plan 4 noroot lists/current --policy "$kb" --format json:noroot.json
json noroot.json "[len(a['details']['added']) for a in $action]" '[1]'
json noroot.json "[a['details']['missing'] for a in $action]" '[[]]'
plan 4 noroot lists/current --policy "$kb"
out_has 'C:\Windows\System32\ntdll.dll'
out_has 'untrusted_root -> trusted'

# A list that disables a root says which files lose their trust.
plan 4 lists lists/distrusting --policy stale.lua --policy "$kb"
out_has 'mfehidk.sys'
out_has 'the root is disabled from'
out_has '1 distrusted'

# The same plan from a server, byte for byte but for its name.
serve "$work/lists/current"
plan 4 noroot "$base/ok" --policy "$kb" --format json:web.json
json web.json "$action[0]['changes'] == [a for a in json.load(open('noroot.json'))['actions'] if a['kind'] == 'roots.refresh'][0]['changes']" 'True'

# What must be refused: one line, nothing on stdout, nothing changed.
for bad in 'corrupt:does not count' 'short:does not count' 'always-cut:cut off after' \
    'huge:more than 8388608 bytes' 'endless:more than 8388608 bytes' \
    'redirect/4:redirected more than 3 times' 'to-file:only http:// and https://' \
    'broken:the server answers 500' 'none:the server answers 404'; do
    plan 1 noroot "$base/${bad%%:*}" --policy "$kb" && one_line "${bad#*:}"
done
plan 1 noroot lists/forged --policy "$kb" && one_line "does not end in a Microsoft list root"
plan 1 noroot nowhere --policy "$kb" && one_line 'nowhere'
plan 2 lists lists/older --policy stale.lua
out_has "is older than the host's"
# Whoever made an image does not choose where we go.
plan 1 noroot root-dir-url --policy "$kb" && one_line 'shown, never contacted'
sums >after
cmp -s before after && ok || fail "planning changed a host"

# The plan of lists and roots is Linux's own, too.
equal() {
    linux_plans noroot.json --root hosts/noroot --set roots.source=lists/current --policy "$kb"
}
applied() {
    # Applied: as predicted, nothing left to plan, and all of it taken back.
    listing() {
        "$rectify" inspect hive hosts/noroot/Windows/System32/config/SOFTWARE \
            --key 'Microsoft\SystemCertificates\AuthRoot' --recursive --format tsv | cut -f1-5 | sort
    }
    listing >roots.before
    run 0 apply noroot.json --root hosts/noroot --allow certificates
    out_has 'applied and verified'
    plan 0 noroot lists/current --policy "$kb" --only root-certificates-current
    out_has 'nothing'
    listing >roots.applied
    cmp -s roots.before roots.applied && fail "nothing was applied" || ok
    thumb=$(python3 -c 'import json
d = json.load(open("noroot.json"))
print([a for a in d["actions"] if a["kind"] == "roots.refresh"][0]["details"]["added"][0][:40].upper())')
    if command -v hivexget >/dev/null; then
        # An independent reader finds the certificate at the end of its Blob, as record 32.
        hivexget hosts/noroot/Windows/System32/config/SOFTWARE \
            "Microsoft\\SystemCertificates\\AuthRoot\\Certificates\\$thumb" Blob >blob
        python3 - "$thumb" <<'PYTHON' && ok || fail "the Blob, read independently"
import hashlib, struct, sys
blob = open("blob", "rb").read()
at, records = 0, {}
while at < len(blob):
    kind, one, size = struct.unpack_from("<III", blob, at)
    assert one == 1 and at + 12 + size <= len(blob), (at, kind, one, size)
    records[kind] = blob[at + 12:at + 12 + size]
    at += 12 + size
assert kind == 32 and hashlib.sha1(records[32]).hexdigest().upper() == sys.argv[1]
assert records[3] == hashlib.sha1(records[32]).digest()
assert records[4] == hashlib.md5(records[32]).digest()
assert records[98] == hashlib.sha256(records[32]).digest()
assert {11, 15, 20, 29} <= set(records), sorted(records)
PYTHON
    else
        skip 'hivexget is not installed'
    fi
    run 0 undo noroot.journal --root hosts/noroot
    listing >roots.undone
    cmp -s roots.before roots.undone && ok || fail "undo left something"
}
posix_only "only Linux writes to an offline Windows" applied
windows_only equal

eval "exec ${server[1]}>&-"
wait "$server_PID" 2>/dev/null
finish
