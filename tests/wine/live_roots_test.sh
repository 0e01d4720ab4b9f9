#!/usr/bin/env bash
# live_roots_test.sh RECTIFY MKHOSTS RECTIFY_TESTROOTS_EXE: roots.refresh on the running Windows (a Wine
# prefix with a sample host's registry and files) from a folder and from servers, through curl's
# Schannel: applied, read back by CryptoAPI in another process, taken back; and refused in one line,
# with nothing changed, from a source that is not right.
# shellcheck disable=SC2154
set -euo pipefail
native=$1 mkhosts=$2 exe=$3
. "$(dirname "${BASH_SOURCE[0]}")/session.sh"
. "$(dirname "${BASH_SOURCE[0]}")/live_common.sh"
live_begin
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY no_proxy NO_PROXY
"$mkhosts" --lists lists hosts noroot >/dev/null
export RECTIFY_TEST_LIST_ROOT="Z:${work//\//\\}\\lists\\list-root.der"
host=$work/hosts/noroot c=$work/prefix/drive_c
python3 "$here/registry.py" "$native" "$host" "$c/host.reg"
same "import" 0 "$(wine reg import 'C:\host.reg' >/dev/null 2>&1 && echo 0)"
mkdir -p "$c/windows/system32/catroot"
cp -r "$host/Windows/System32/CatRoot/." "$c/windows/system32/catroot/"
cp --remove-destination "$host"/Windows/System32/drivers/* "$c/windows/system32/drivers/"
cp -r "$host/Program Files (x86)/." "$c/Program Files (x86)/"
cat >stale.lua <<'LUA'
return policy {
  id = "stale", title = "House rules", references = { "S" },
  rule {
    id = "lists", title = "The root list was synchronised two days ago at most", severity = "high",
    references = { "S" }, want = ctl.fresh { name = "EncodedCtl", days = 2 }, repair = roots.refresh {},
  },
  rule {
    id = "root", title = "The root of a file is there", severity = "high", references = { "S" },
    want = certificate.present { needed_by = { [[C:\Program Files (x86)\McAfee\VirusScan Enterprise\msvcr90.dll]] } },
    repair = roots.refresh {},
  },
}
LUA
lists="Z:${work//\//\\}\\lists"

# serve FOLDER [CERTIFICATE KEY]: a server on a port of its own, $port; it ends with this script.
servers=0
serve() {
    local from=$1 name fd
    shift
    servers=$((servers + 1)) name=server.$servers
    mkfifo "$name.in" "$name.port"
    python3 "$here/../http_server.py" "$from" "$name.log" "$@" <"$name.in" >"$name.port" 2>/dev/null &
    exec {fd}>"$name.in"
    read -r port <"$name.port"
}
plan() { rectify plan --policy stale.lua --set "roots.source=$1" "${@:2}"; }
refused() { # refused SOURCE WORDS
    same "$1: exit code" 1 "$(code_of plan "$1")"
    same "$1: one line" "1 0" "$(wc -l <err) $(wc -c <out)"
    same "$1: $2" yes "$(grep -qF -- "$2" err && echo yes || head -c 200 err)"
}
# Opening a store for writing, which telling CryptoAPI of a change takes, makes these where they are not;
# every Windows has them.
ALLOWED=('SOFTWARE\\Microsoft\\SystemCertificates\\AuthRoot\\C(RL|TL)s$=made by opening the store')
hklm start

# ---- from a folder: the lists and the missing root, and all of it back -------------------------------
between() {
    local thumb
    thumb=$(python3 -c 'import json
d = json.load(open("folder.json", encoding="utf-8"))
print(d["actions"][0]["details"]["added"][0][:40].upper())')
    # Wine's CryptoAPI passes over certificates with properties of the root program.
    same "folder: the root as another program reads it" "$thumb $thumb" "$(python3 - "$thumb" <<'PYTHON'
import hashlib, struct, sys
for line in open('folder.applied', encoding='ascii'):
    cells = line.rstrip('\n').split('\t')
    if len(cells) == 4 and cells[0].upper().endswith('\\AUTHROOT\\CERTIFICATES\\' + sys.argv[1]):
        blob, at, records = bytes.fromhex(cells[3]), 0, {}
        while at < len(blob):
            kind, one, size = struct.unpack_from('<III', blob, at)
            assert one == 1 and at + 12 + size <= len(blob)
            records[kind] = blob[at + 12:at + 12 + size]
            at += 12 + size
        print(hashlib.sha1(records[32]).hexdigest().upper(), records[3].hex().upper())
PYTHON
)"
    same "folder: the list as CryptoAPI reads it" "4 entries" "$(probe ctl "$update" EncodedCtl | cut -d, -f1)"
    same "folder: a second plan has nothing to do" 0 "$(code_of plan "$lists\\current")"
}
update='SOFTWARE\Microsoft\SystemCertificates\AuthRoot\AutoUpdate'
PLAN_ONLY=(--set "roots.source=$lists\\current")
cycle folder certificates --policy stale.lua

# ---- from a server: the same changes -----------------------------------------------------------------
serve "$work/lists/current"
web=http://127.0.0.1:$port
same "server: plan" 4 "$(code_of plan "$web/ok" --format json:web.json)"
same "server: the folder's changes" equal "$(python3 - <<'PYTHON'
import json
def changes(name):
    found = json.load(open(name, encoding='utf-8'))['actions']
    return [(c['key'], c['name'], None if 'SyncTime' in c['name'] else c['after'])
            for a in found for c in a['changes']]
assert len(changes('web.json')) >= 5
print('equal' if changes('web.json') == changes('folder.json') else 'other')
PYTHON
)"
between() { :; }
PLAN_ONLY=(--set "roots.source=$web/ok")
cycle server certificates --policy stale.lua
same "server: it was asked for the root" yes "$(grep -q 'GET /ok/[0-9a-f]*\.crt - 200' server.1.log && echo yes)"

# ---- what must be refused ----------------------------------------------------------------------------
for bad in 'corrupt:does not count' 'short:does not count' 'always-cut:cut off after' \
    'huge:more than 8388608 bytes' 'endless:more than 8388608 bytes' \
    'redirect/4:redirected more than 3 times' 'to-file:only http:// and https://' \
    'broken:the server answers 500' 'none:the server answers 404'; do
    refused "$web/${bad%%:*}" "${bad#*:}"
done
refused "$lists\\forged" 'does not end in a Microsoft list root'
refused "$lists\\nowhere" 'no such file or folder'

# TLS is one lock, the signature of the list another: Wine's takes any certificate, and lists that are
# not Microsoft's are refused all the same.
openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.pem -days 30 -subj '/CN=elsewhere.example' 2>/dev/null
serve "$work/lists/forged" tls.pem tls.key
refused "https://127.0.0.1:$port/ok" 'does not end in a Microsoft list root'
serve "$work/lists/current" tls.pem tls.key
refused "https://127.0.0.1:$port/corrupt" 'does not count'

# The source gives something else than when it was planned; a list that is older than the host's.
serve "$work/served"
cp -r lists/current served
same "changed source: plan" 4 "$(code_of plan "http://127.0.0.1:$port/ok" --format json:changed.json)"
cp lists/distrusting/* served/
same "changed source: apply" 1 "$(code_of rectify apply changed.json --allow certificates)"
same "changed source: why" 1 "$(grep -c 'would be another one now' err)"
same "nothing changed so far" nothing "$(differences differ start server.undone)"
hklm refused
same "nothing that was refused changed anything" nothing "$(differences differ start refused)"
same "newer: plan" 4 "$(code_of plan "$lists\\current" --format json:newer.json)"
same "newer: apply" 0 "$(code_of rectify apply newer.json --allow certificates)"
hklm newer
code_of plan "$lists\\older" --at 2035-01-01T00:00:00Z >/dev/null
same "older: why" yes "$(cat out err | grep -qF "is older than the host's" && echo yes || head -c 300 err)"
hklm older
same "older: nothing changed" nothing "$(differences differ newer older)"

# A plan is as of when it was made; not as of a time to come, which would make lists look fresh.
same "undo" 0 "$(code_of rectify undo 'C:\ProgramData\rectify\newer.journal')"
same "later: plan" 4 "$(code_of plan "$lists\\current" --at 2099-01-01T00:00:00Z --format json:later.json)"
python3 - <<'PYTHON'
import json
d = json.load(open('later.json', encoding='utf-8'))
d['inputs'] = [i for i in d['inputs'] if i['name'] != '--at' and i['name'] != 'at']
json.dump(d, open('later.json', 'w', encoding='utf-8'))
PYTHON
same "later: apply" 1 "$(code_of rectify apply later.json --allow certificates)"
finish 70
