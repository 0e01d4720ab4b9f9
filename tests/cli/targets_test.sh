#!/usr/bin/env bash
# Layouts of collections, zips, and trees that try to lead the reader astray.
. "$(dirname "$0")/lib.sh"

"$BUILD/mkhosts" hosts healthy unpatched xp || exit 1
place() { mkdir -p "$(dirname "$1")" && cp -r hosts/healthy "$1"; }

for layout in 'plain/C' 'enc/C%3A' 'velo/uploads/auto/C%3A' 'kape/2023-03-20T090000_PC/C' 'fs/fs/C:'; do
    place "$layout"
    run 0 check --root "${layout%%/*}" --format json:l.json
    json l.json 'd["target"]["computer_name"] != None' True
done

# Names in another case, as a Linux tool may have extracted them.
mkdir upper && cp -r hosts/healthy upper/x && (cd upper/x && mv Windows WINDOWS 2>/dev/null && mv WINDOWS/System32 WINDOWS/SYSTEM32)
run 0 check --root upper/x

# Zips, without unpacking: same verdicts.
python3 - <<'P'
import os, zipfile
def pack(name, top, prefix):
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as z:
        for d, _, fs in os.walk(top):
            for f in fs:
                p = os.path.join(d, f)
                z.write(p, prefix + os.path.relpath(p, top))
pack("plain.zip", "hosts/unpatched", "")
pack("velo.zip", "hosts/unpatched", "uploads/auto/C%3A/")
pack("kape.zip", "hosts/unpatched", "HOST/C/")
P
touch marker
run 2 check --root hosts/unpatched --format json:tree.json
for zip in plain velo kape; do
    run 2 check --archive $zip.zip --format json:$zip.json
    json $zip.json 'd["target"]["kind"]' archive
    python3 - $zip.json <<'P' && ok || fail "$zip.zip differs from the tree"
import json, sys
a, b = json.load(open("tree.json")), json.load(open(sys.argv[1]))
pick = lambda d: [(r["rule"], r["verdict"], r["observed"]) for r in d["results"]]
assert pick(a) == pick(b)
P
done
[ "$(find . -newer marker -type f | grep -vc -e '\.json$' -e '/out$' -e '/err$')" -eq 0 ] && ok || fail "an archive was unpacked to disk"

# Limits of an archive are inputs.
run 1 check --archive plain.zip --set archive.members=3
one_line 'plain.zip'
run 3 check --archive plain.zip --set archive.member_bytes=1000 --only vse-fixed-patch --format json:limit.json
json limit.json '"limit" in json.dumps(d)' True
run 64 check --archive plain.zip --set archive.nonsense=3

# A collection lacks files: not collected, never absent.
cp -r hosts/healthy partial && rm partial/Windows/System32/config/SOFTWARE* partial/Windows/System32/ntoskrnl.exe
run 3 check --root partial --format json:partial.json
json partial.json 'd["target"]["collection"]' True
json partial.json '{r["verdict"] for r in d["results"] if "vse-" in r["rule"]}' "{'unknown'}"

# Links out of the root, FIFOs, case twins.
cp -r hosts/healthy evil
mkdir outside && cp hosts/unpatched/Windows/System32/config/SOFTWARE outside/
links() {
    rm evil/Windows/System32/config/SOFTWARE && ln -s "$work/outside/SOFTWARE" evil/Windows/System32/config/SOFTWARE
    "$rectify" check --root evil --only vse-fixed-patch --format json:evil.json 2>err
    json evil.json '[r["verdict"] for r in d["results"]]' "['unknown']"
    rm evil/Windows/System32/config/SOFTWARE && ln -s ../../../../outside/SOFTWARE evil/Windows/System32/config/SOFTWARE
    "$rectify" check --root evil --only vse-fixed-patch --format json:evil.json 2>err
    json evil.json '[r["verdict"] for r in d["results"]]' "['unknown']"
}
posix_only 'Wine follows links without a word' links
fifo() {
    rm evil/Windows/System32/config/SOFTWARE && mkfifo evil/Windows/System32/config/SOFTWARE
    timeout 10 "$rectify" check --root evil --only vse-fixed-patch --format json:evil.json 2>err
    json evil.json '[r["verdict"] for r in d["results"]]' "['unknown']"
}
posix_only 'a pipe among files' fifo
rm evil/Windows/System32/config/SOFTWARE && cp outside/SOFTWARE evil/Windows/System32/config/SOFTWARE &&
    cp hosts/healthy/Windows/System32/config/SOFTWARE evil/Windows/System32/config/software
"$rectify" check --root evil --only vse-fixed-patch --format json:evil.json 2>err
json evil.json '[r["verdict"] for r in d["results"]]' "['unknown']"
json evil.json '"ambiguous" in json.dumps(d)' True

# Truncated, empty and random artefacts: never a crash, never a pass.
for artefact in Windows/System32/config/SOFTWARE Windows/System32/config/SYSTEM Windows/System32/winevt/Logs/System.evtx; do
    for cut in 0 1 100 4096 5000 70000; do
        rm -rf cut && cp -r hosts/healthy cut && head -c $cut "hosts/healthy/$artefact" >"cut/$artefact"
        "$rectify" check --root cut --format json:cut.json >/dev/null 2>err
        code=$?
        case $code in 2 | 3) ok ;; *) fail "$artefact cut at $cut: exit code $code" ;; esac
    done
done
# A log whose last chunk is missing, or whose records were changed, covers nothing: never a pass.
log=Windows/System32/winevt/Logs/System.evtx
events() { json tampered.json '[r["verdict"] for r in d["results"]]' "['unknown']"; }
rm -rf tampered && cp -r hosts/healthy tampered && truncate -s -65536 "tampered/$log"
run 3 check --root tampered --only untrusted-code-events --format json:tampered.json
events
run 0 inspect evtx --count-by id "tampered/$log"
err_has 'the file header knows of records up to'
cp "hosts/healthy/$log" "tampered/$log"
printf '\x58' | dd of="tampered/$log" bs=1 seek=$(($(stat -c %s "tampered/$log") - 65536 + 512 + 200)) conv=notrunc status=none
run 3 check --root tampered --only untrusted-code-events --format json:tampered.json
events
json tampered.json '"checksum" in json.dumps(d)' True
finish
