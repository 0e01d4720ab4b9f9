#!/usr/bin/env bash
# live_equal_test.sh RECTIFY MKHOSTS RECTIFY_EXE: a Wine prefix with the registry, logs, programs and
# drivers of a sample host, checked live, says what `--root` says of that host, rule by rule: verdict
# and observed value.  Where they differ is listed, with the reason, and must differ.
set -euo pipefail
native=$1 mkhosts=$2 exe=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/session.sh"
session_begin
cd "$work"
"$mkhosts" hosts unpatched >/dev/null
host=$work/hosts/unpatched c=$work/prefix/drive_c
python3 "$here/registry.py" "$native" "$host" "$c/host.reg"
same "import" 0 "$(wine reg import 'C:\host.reg' >/dev/null 2>&1 && echo 0)"
system=$c/windows/system32
mkdir -p "$system/winevt/Logs" "$system/catroot"
cp "$host"/Windows/System32/winevt/Logs/* "$system/winevt/Logs/"
cp -r "$host/Windows/System32/CatRoot/." "$system/catroot/"
cp --remove-destination "$host"/Windows/System32/drivers/* "$system/drivers/"
cp -r "$host/Program Files/." "$c/Program Files/"
cp -r "$host/Program Files (x86)/." "$c/Program Files (x86)/"

"$native" check --root "$host" --format json:offline.json >/dev/null 2>&1 || true
at=$(python3 -c 'import json; print(json.load(open("offline.json"))["run"]["reference_time"])')
wine "$exe" check --at "$at" --format json:live.json >/dev/null 2>&1 || true
python3 - <<'PYTHON' >compared
import json
WINES_DLLS = "system32 holds Wine's DLLs, which nobody signed: Wine could not run with the sample's"
KNOWN = {
    'kb71083.third-party-hooks': WINES_DLLS,
    'kb71083.microsoft-files-trusted': WINES_DLLS,
    'kb71083.root-certificates-current': WINES_DLLS + ': fewer roots are needed',
    'windows-trust.entry-points-trusted': WINES_DLLS,
}
def rules(name):
    return {r['rule']: (r['verdict'], r['observed']) for r in json.load(open(name))['results']}
offline, live = rules('offline.json'), rules('live.json')
assert set(offline) == set(live) and set(KNOWN) <= set(live)
for rule, want in offline.items():
    print(rule, 'equal' if want == live[rule] else 'differs', 'differs' if rule in KNOWN else 'equal', sep='\t')
PYTHON
while IFS=$'\t' read -r rule got want; do
    same "$rule" "$want" "$got"
done <compared
finish 20
