#!/usr/bin/env bash
# rectify inspect: shapes of rows, escapes, exit codes; independent readers agree on sample hosts.
. "$(dirname "$0")/lib.sh"

"$BUILD/mkhosts" hosts || exit 1
log=hosts/unpatched/Windows/System32/winevt/Logs/System.evtx
software=hosts/unpatched/Windows/System32/config/SOFTWARE

run 0 inspect evtx --count-by channel,provider,id "$log"
[ "$(head -n 1 out)" = "$(printf 'channel\tprovider\tid\tcount')" ] && ok || fail "header of counts"
tail -n +2 out | LC_ALL=C sort -c && ok || fail "counts are not sorted bytewise"
grep -q "$(printf '^System\tmfehidk\t516\t')" out && ok || fail "no row for mfehidk 516"
cp out counts
run 0 inspect evtx --count-by channel,provider,id --jobs 1 "$log"
cmp -s out counts && ok || fail "--jobs changes the counts"
total=$(awk -F'\t' 'NR > 1 { n += $4 } END { print n }' counts)
run 0 inspect evtx "$log"
[ "$(wc -l <out)" -eq "$total" ] && ok || fail "jsonl has $(wc -l <out) rows, counts say $total"
python3 -c 'import json
for l in open("out", encoding="utf-8"): json.loads(l)' && ok || fail "jsonl is not JSON"
if command -v evtxexport >/dev/null; then
    have=$(evtxexport "$log" 2>/dev/null | grep -c '^Event number')
    [ "$have" -eq "$total" ] && ok || fail "evtxexport finds $have records, we $total"
else
    skip 'evtxexport is not installed'
fi
run 0 inspect evtx --id 514,519 --provider MFEHIDK --count-by id "$log"
[ "$(head -n 1 out)" = "$(printf 'id\tcount')" ] && ok || fail "header of --count-by id"
run 0 inspect evtx --since 2023-03-18T00:00:00Z --until 2023-03-18T23:59:59Z --count-by provider "$log"
run 0 inspect evtx --format xml --id 516 "$log"
python3 -c 'import xml.dom.minidom
text = open("out", encoding="utf-8").read()
xml.dom.minidom.parseString(text if text.count("<Event ") == 1 or text.startswith("<?xml") or text.startswith("<Events") else "<x>" + text + "</x>")' && ok || fail "XML is not well-formed"
run 0 inspect evtx --count-by id hosts/unpatched/Windows/System32/winevt/Logs
run 0 inspect evt --count-by channel,provider,id hosts/xp/WINDOWS/system32/config/SysEvent.Evt
grep -q "$(printf '^\tService Control Manager\t7036\t')" out && ok || fail "EVT: channel must be empty"

run 0 inspect hive --recursive "$software"
python3 - <<'P' && ok || fail "rows of inspect hive"
import json
rows = [json.loads(l) for l in open("out", encoding="utf-8")]
assert rows and all(list(r) == ["key", "name", "type", "size", "sha256", "data", "written"] for r in rows)
v = [r for r in rows if r["name"] == "szProductVer"]
assert v and v[0]["data"] == "8.8.0.849" and v[0]["type"] == "REG_SZ", v
P
run 0 inspect hive --recursive --format tsv "$software"
[ "$(head -n 1 out)" = "$(printf 'key\tname\ttype\tsize\tsha256\tdata\twritten')" ] && ok || fail "tsv header"
run 0 inspect hive --key 'Microsoft\Windows NT\CurrentVersion' "$software"
grep -q ProductName out && ok || fail "--key gives no ProductName"
if command -v hivexget >/dev/null; then
    name=$(hivexget "$software" 'Microsoft\Windows NT\CurrentVersion' ProductName)
    grep -qF "\"data\":\"$name\"" out && ok || fail "hivexget says $name"
else
    skip 'hivexget is not installed'
fi
run 0 inspect hive --key 'No\Such\Key' "$software"
err_has 'No'
run 0 inspect hive --recursive hosts/dirty/Windows/System32/config/SOFTWARE
cp out replayed
run 0 inspect hive --recursive --no-logs hosts/dirty/Windows/System32/config/SOFTWARE
cmp -s out replayed && fail "replaying the logs changes nothing" || ok

# Not readable as that format: exit code 1 and one line.
for kind in evtx evt hive; do
    : >empty
    run 1 inspect $kind empty
    one_line 'empty'
    run 1 inspect $kind /bin/sh
    one_line '/bin/sh'
    run 1 inspect $kind /no/such/file
    one_line '/no/such/file'
    run 64 inspect $kind
    run 64 inspect $kind --nonsense x
done
run 64 inspect evtx --count-by color "$log"
run 64 inspect evtx --format yaml "$log"
run 64 inspect evtx --since never "$log"
run 64 inspect nonsense x
one_line 'nonsense'

mkdir nothing
run 1 inspect evtx --count-by id nothing
one_line 'nothing'

# Damage goes to stderr, at most 20 lines, and the rest is still read.
run 0 inspect evtx --count-by channel,provider,id hosts/damaged/Windows/System32/winevt/Logs/System.evtx
[ -s err ] && [ "$(wc -l <err)" -le 20 ] && ok || fail "damage must be told in at most 20 lines"
"$rectify" inspect evtx "$log" >/dev/full 2>err
[ $? -eq 1 ] && ok || fail "a full disk must be exit code 1"

# What goes to stdout and stderr is the same on both systems, byte for byte.
same_bytes() {
    local code=0 there=0
    "$RECTIFY_NATIVE/rectify" "$@" >there.out 2>there.err </dev/null || there=$?
    "$rectify" "$@" >out 2>err </dev/null || code=$?
    [ "$code" -eq "$there" ] && cmp -s out there.out && cmp -s err there.err && ok ||
        fail "rectify $*: differs: exit codes $code, $there; $(cmp out there.out; diff err there.err | head -5)"
}
bytes_of_linux() {
    local host format
    for format in jsonl xml 'csv --fields time,provider,strings'; do
        # shellcheck disable=SC2086
        same_bytes inspect evtx --format $format "$log"
    done
    same_bytes inspect evt hosts/xp/WINDOWS/system32/config/SysEvent.Evt
    same_bytes inspect evtx --count-by id hosts/damaged/Windows/System32/winevt/Logs/System.evtx
    same_bytes inspect hive --recursive "$software"
    same_bytes inspect hive --recursive --format tsv hosts/dirty/Windows/System32/config/SOFTWARE
    same_bytes inspect pe --root hosts/healthy hosts/healthy/Windows/System32/ntdll.dll
    same_bytes inspect certs --root hosts/healthy
    same_bytes inspect sst "$SOURCE/tests/fuzz/corpus/certstore/store"
    for host in unpatched japanese dirty damaged shortlog; do
        same_bytes check --root hosts/$host
        same_bytes check --root hosts/$host --verbose --color always
        same_bytes check --root hosts/$host --format csv
        same_bytes plan --root hosts/$host
        same_bytes facts --root hosts/$host
    done
    same_bytes plan --root hosts/unpatched --format reg
    same_bytes facts signatures --root hosts/healthy 'Windows\System32\*.dll' --format csv
    same_bytes policy explain vse-fixed-patch --root hosts/damaged
    same_bytes policy list
    same_bytes policy list --format json
    same_bytes policy show third-party-hooks
    same_bytes policy api
    same_bytes check --help
    same_bytes check --root hosts/nowhere
    same_bytes check --root hosts/unpatched --only 'vse-*' --set latest_patch=banana
    same_bytes chekc
}
windows_only bytes_of_linux
finish
