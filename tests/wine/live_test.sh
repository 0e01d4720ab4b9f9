#!/usr/bin/env bash
# live_test.sh RECTIFY_EXE: plan, apply and undo on the running Windows, that is, in a Wine prefix.
# What was written is read back from Wine's own registry file, by neither rectify nor its API.
set -euo pipefail
exe=$1
. "$(dirname "${BASH_SOURCE[0]}")/session.sh"
session_begin
cd "$work"

rectify() { wine "$exe" "$@" </dev/null; }
code_of() { # code_of COMMAND...: its exit code, output in out and err
    local code=0
    "$@" >out 2>err || code=$?
    echo "$code"
}

# size LOG: MaxSize as it lies in the registry file once the server has ended.
stop() {
    kill "$holder" 2>/dev/null || true
    wineserver -k 2>/dev/null || true
    wineserver -w
}
size() {
    python3 - "$1" <<'PYTHON'
import re, sys
key = None
for line in open('prefix/system.reg', encoding='utf-8', errors='replace'):
    if line.startswith('['):
        key = line[1:line.index(']')].replace('\\\\', '\\').lower()
    m = re.match(r'"MaxSize"=dword:([0-9a-f]{8})', line)
    wanted = r'\services\eventlog' + '\\' + sys.argv[1].lower()
    if m and key.startswith(r'system') and key.endswith(wanted):
        print(int(m[1], 16))
PYTHON
}

logs='System Security Application'
key='HKLM\SYSTEM\CurrentControlSet\Services\EventLog'
for log in $logs; do
    wine reg add "$key\\$log" /v MaxSize /t REG_DWORD /d 524288 /f >/dev/null
done

same "plan" 4 "$(code_of rectify plan --only 'windows-trust.*-log-size' --format json:plan.json)"
same "dry run" 0 "$(code_of rectify apply plan.json --dry-run)"
same "refused without --allow" 1 "$(code_of rectify apply plan.json --allow registry)"
same "which authority is missing" 1 "$(grep -c -- '--allow eventlog' err)"
[ ! -e prefix/drive_c/ProgramData/rectify/plan.journal ]
same "no journal of what was refused" 0 $?
same "apply" 0 "$(code_of rectify apply plan.json --allow eventlog)"
same "applied and verified" 1 "$(grep -c '^applied and verified' out)"
same "a second plan has nothing to do" 0 "$(code_of rectify plan --only 'windows-trust.*-log-size' --format json:again.json)"
stop
for log in $logs; do
    same "$log after apply" 16777216 "$(size $log)"
done

same "undo" 0 "$(code_of rectify undo 'C:\ProgramData\rectify\plan.journal')"
stop
for log in $logs; do
    same "$log after undo" 524288 "$(size $log)"
done

# Somebody else's value is never written over, in neither direction.
same "apply again" 0 "$(code_of rectify apply plan.json --allow eventlog)"
wine reg add "$key\\System" /v MaxSize /t REG_DWORD /d 1048576 /f >/dev/null
same "undo of what drifted" 1 "$(code_of rectify undo 'C:\ProgramData\rectify\plan.2.journal')"
stop
same "the drifted value" 1048576 "$(size System)"
same "its neighbour" 16777216 "$(size Security)"

# A root certificate and a value below keys that are not there: made, found in Wine's registry file
# where CryptoAPI keeps them, and gone again with their keys.
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 3650 \
    -subj '/O=Example Corp/CN=Example Root' 2>/dev/null
thumb=$(openssl x509 -in cert.pem -outform DER | sha1sum | cut -c1-40 | tr a-f A-F)
{
    printf 'return policy { id = "certs", title = "Certificates", references = { "C" },\n'
    printf '  rule { id = "root", title = "Our root is there", severity = "high", references = { "C" },\n'
    printf '    want = certificate.stored { store = "ROOT", subject = "Example Root" },\n'
    printf '    repair = certificate.add { store = "ROOT", pem = [[%s]] } },\n' "$(cat cert.pem)"
    printf '  rule { id = "value", title = "A value", severity = "low", references = { "C" },\n'
    printf '    want = registry.value([[HKLM\\SOFTWARE\\Example\\New\\Key]], "Größe", dword(5)),\n'
    printf '    repair = registry.set { key = [[HKLM\\SOFTWARE\\Example\\New\\Key]], name = "Größe", value = dword(5) } },\n}\n'
} >certs.lua

# "blob": the certificate as it lies below its thumbprint, its DER in the last record.
stored() {
    python3 - "$thumb" <<'PYTHON'
import re, subprocess, sys
text = open('prefix/system.reg', encoding='utf-8', errors='replace').read().replace('\\\n  ', '')
der = subprocess.run(['openssl', 'x509', '-in', 'cert.pem', '-outform', 'DER'],
                     capture_output=True, check=True).stdout
key = re.search(r'(?im)^\[Software\\\\Microsoft\\\\SystemCertificates\\\\Root\\\\Certificates\\\\'
                + sys.argv[1] + r'\][^\n]*\n(.*?)(?:\n\n|\Z)', text, re.S)
blob = re.search(r'(?i)"Blob"=hex:([0-9a-f,]*)', key[1]) if key else None
print('nothing' if not key else 'whole' if blob and bytes.fromhex(blob[1].replace(',', '')).endswith(der)
      else 'something else')
print(len(re.findall(r'(?im)^\[Software\\\\Example(?:\\\\|\])', text)), 'keys',
      len(re.findall(r'"Gr\\x0*f6\\x0*dfe"=dword:00000005', text)), 'values')
PYTHON
}

same "plan of a root and a value" 4 "$(code_of rectify plan --policy certs.lua --format json:certs.json)"
same "apply a root and a value" 0 "$(code_of rectify apply certs.json --allow registry,certificates)"
stop
after=$(stored)
same "the certificate" whole "$(echo "$after" | sed -n 1p)"
same "the value" "1 values" "$(echo "$after" | sed -n '2s/.*keys //p')"
same "and the rules hold" 0 "$(code_of rectify plan --policy certs.lua --format json:certs2.json)"
same "undo a root and a value" 0 "$(code_of rectify undo 'C:\ProgramData\rectify\certs.journal')"
stop
same "all of it is gone" "nothing 0 keys 0 values" "$(stored | tr '\n' ' ' | sed 's/ $//')"
finish 26
