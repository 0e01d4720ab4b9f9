#!/usr/bin/env bash
# --cache: same answers, cheaper; what cannot be trusted is not used.
. "$(dirname "$0")/lib.sh"

"$BUILD/mkhosts" hosts unpatched xp dirty || exit 1
log=hosts/unpatched/Windows/System32/winevt/Logs/System.evtx

# The report but for what differs between any two runs, and the notes on the cache.
plain() { sed -E '/"(id|started|duration_ms)":/d; s/index from the cache, [0-9]+ of [0-9]+ chunks read again//' "$1"; }

for host in unpatched xp dirty; do
    code=0
    "$rectify" check --root hosts/$host --format json:without >/dev/null 2>&1 || code=$?
    run $code check --root hosts/$host --cache cache --format json:first
    run $code check --root hosts/$host --cache cache --format json:second
    python3 -m json.tool without >a && python3 -m json.tool first >b && python3 -m json.tool second >c
    [ "$(plain a)" = "$(plain b)" ] && ok || fail "$host: the first run with --cache says something else"
    [ "$(plain a)" = "$(plain c)" ] && ok || fail "$host: a kept index changes the report"
done
kept() {
    [ "$(stat -c %a cache)" = 700 ] && ok || fail 'the folder is not 0700'
    run 2 check --root hosts/unpatched --cache cache --format json:second
    grep -q 'index from the cache' second && ok || fail 'the report does not tell of the cache'
}
no_indexes='Windows keeps no indexes of logs'
posix_only "$no_indexes" kept
not_kept() {
    run 2 check --root hosts/unpatched --cache cache --format json:second
    err_has 'no cache in cache: indexes are not kept on Windows'
    [ ! -e cache ] && ok || fail 'a cache that is not used was made'
}
windows_only not_kept
run 0 facts --root hosts/unpatched --cache cache

run 0 inspect evtx --count-by channel,provider,id "$log"
cp out counts
for i in 1 2; do
    run 0 inspect evtx --count-by channel,provider,id --cache cache "$log"
    cmp -s out counts && ok || fail 'counts from a kept index differ'
done
run 0 inspect evtx --count-by id --provider mfehidk --id 514,516 "$log"
cp out counts
run 0 inspect evtx --count-by id --provider mfehidk --id 514,516 --cache cache "$log"
cmp -s out counts && ok || fail 'counts of a selection differ'
unsound() {
    for f in cache/*; do printf 'XXXX' | dd of="$f" bs=1 seek=20000 conv=notrunc 2>/dev/null; done
    run 0 inspect evtx --count-by id --provider mfehidk --id 514,516 --cache cache "$log"
    cmp -s out counts && ok || fail 'a damaged index is used'

    ln -s cache link
    run 0 inspect evtx --count-by id --provider mfehidk --id 514,516 --cache link "$log"
    err_has 'no cache in link'
    cmp -s out counts && ok || fail 'counts without a usable cache differ'
    chmod 777 cache
    run 0 inspect evtx --count-by id --cache cache "$log"
    err_has 'others may write'
}
posix_only "$no_indexes" unsound
run 64 check --root hosts/unpatched --cache a --cache b

# Real logs: twice with a cache, once without.
real_logs() {
    local f code i
    find -L "$RECTIFY_CORPUS/evtx" -iname "*.evtx" | LC_ALL=C sort | head -n 60 >list
    while read -r f; do
        code=0
        "$rectify" inspect evtx --count-by channel,provider,id "$f" >counts 2>damage || code=$?
        for i in 1 2; do
            run $code inspect evtx --count-by channel,provider,id --cache real "$f"
            cmp -s out counts && cmp -s err damage && ok || fail "$f: a kept index changes the counts"
        done
    done <list
}
if [ -d "${RECTIFY_CORPUS:-/nowhere}/evtx" ]; then
    posix_only "$no_indexes" real_logs
else
    skip 'no corpus'
fi

# CSV of chosen fields.
run 0 inspect evtx --format csv --fields time,record_id,provider,id,computer,strings "$log"
[ "$(head -n 1 out)" = "$(printf 'time,record_id,provider,id,computer,strings\r')" ] && ok || fail 'header of csv'
python3 - "$("$rectify" inspect evtx "$log" | wc -l)" <<'P' && ok || fail 'rows of csv'
import csv, sys
rows = list(csv.DictReader(open("out", encoding="utf-8", newline="")))
assert len(rows) == int(sys.argv[1]), len(rows)
assert any(r["provider"] == "mfehidk" and r["id"] == "516" and ".EXE" in r["strings"].upper() for r in rows)
P
run 0 inspect evtx --format csv hosts/unpatched/Windows/System32/winevt/Logs hosts/dirty/Windows/System32/winevt/Logs
out_has 'unpatched'
out_has 'dirty'
run 0 inspect evt --format csv --fields id,provider,strings hosts/xp/WINDOWS/system32/config/SysEvent.Evt
run 64 inspect evtx --format csv --fields nonsense "$log"
run 64 inspect evtx --fields id "$log"
run 64 inspect evtx --count-by id --format csv "$log"
finish
