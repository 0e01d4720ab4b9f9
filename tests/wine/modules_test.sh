#!/usr/bin/env bash
# modules_test.sh RECTIFY_EXE: a program under the name of one of McAfee's loads a DLL that nobody
# signed; rules about loaded modules name it while the process runs, and do not apply before and after.
set -euo pipefail
exe=$1
. "$(dirname "${BASH_SOURCE[0]}")/session.sh"
session_begin
cd "$work"
folder=$WINEPREFIX/drive_c/Example
mkdir -p "$folder"
cat >host.c <<'C'
#include <stdio.h>
#include <windows.h>
int wmain(int argc, wchar_t **argv)
{
    if (argc < 2 || !LoadLibraryW(argv[1]))
        return 1;
    puts("loaded");
    fflush(stdout);
    Sleep(INFINITE);
    return 0;
}
C
echo 'int hook(void); int hook(void) { return 1; }' >hook.c
x86_64-w64-mingw32-gcc -municode -o "$folder/mcshield.exe" host.c
x86_64-w64-mingw32-gcc -shared -o "$folder/hook.dll" hook.c

check() { # check NAME: its exit code
    local code=0
    wine "$exe" check --only 'kb71083.loaded-*' --format "json:$1.json" >/dev/null 2>&1 </dev/null || code=$?
    echo "$code"
}
told() { # told NAME EXPRESSION: of `r` (rules by their short ids) and `m` (modules of loaded-modules)
    python3 - "$1.json" "$2" <<'PYTHON'
import json, sys
r = {x['rule'].split('.')[1]: x for x in json.load(open(sys.argv[1]))['results']}
m = {x['path'].lower(): x for x in r['loaded-modules']['observed']['value'] or []}
print(eval(sys.argv[2]))
PYTHON
}
idle() { # idle NAME: no such process
    same "$1: exit code" 0 "$(check "$1")"
    same "$1: verdicts" "['not_applicable', 'not_applicable']" "$(told "$1" '[x["verdict"] for x in r.values()]')"
    same "$1: why" True "$(told "$1" '"18 other names is running" in r["loaded-modules"]["message"]')"
}

idle before
wine 'C:\Example\mcshield.exe' 'C:\Example\hook.dll' >started 2>/dev/null &
shield=$!
for _ in $(seq 600); do
    grep -q loaded started || kill -0 "$shield" 2>/dev/null || break
    grep -q loaded started && break
    sleep 0.1
done
same "the program runs" 1 "$(grep -c loaded started)"
same "exit code" 2 "$(check runs)"
same "verdict" fail "$(told runs 'r["loaded-modules"]["verdict"]')"
same "the DLL" "('unsigned', ['mcshield.exe'])" "$(told runs '(m[r"c:\example\hook.dll"]["word"], m[r"c:\example\hook.dll"]["processes"])')"
same "the program itself" unsigned "$(told runs 'm[r"c:\example\mcshield.exe"]["word"]')"
same "what Windows itself loads" True "$(told runs 'r"c:\windows\system32\ntdll.dll" in m')"
same "no more than that" True "$(told runs 'all(x.startswith((r"c:\example", r"c:\windows")) for x in m)')"
same "evidence" True "$(told runs 'any(e["artefact"].lower().endswith("hook.dll") and "unsigned" in e["note"] for e in r["loaded-modules"]["evidence"])')"
same "its process" True "$(told runs 'any(e["artefact"].startswith("mcshield.exe (process ") for e in r["loaded-modules"]["evidence"])')"
same "Microsoft's, by their version" True "$(told runs '"ntdll.dll" in r["loaded-microsoft-files"]["message"] and "hook.dll" not in str(r["loaded-microsoft-files"]["observed"])')"
kill "$shield"
wait "$shield" 2>/dev/null || true
# The program is ended by Wine a moment after the signal.
for _ in $(seq 600); do
    wine tasklist 2>/dev/null | grep -qi mcshield || break
    sleep 0.1
done
idle after
finish 16
