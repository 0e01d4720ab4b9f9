#!/usr/bin/env bash
# opinion_test.sh RECTIFY MKHOSTS RECTIFY_EXE: Windows' own answer (WinVerifyTrust) beside ours.  Wine
# trusts whoever signed, whatever the roots: where we do not, the difference is in the evidence, and
# the verdict is ours.  Files of a catalog are asked about by the catalog that we found.
set -euo pipefail
native=$1 mkhosts=$2 exe=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/session.sh"
session_begin
cd "$work"
c=$WINEPREFIX/drive_c
mkdir -p "$c/Example" "$c/Files" "$c/windows/system32/catroot"

# A signature below a root that nobody trusts, one that does not fit its file, and none at all.
echo 'int one(void); int one(void) { return 1; }' >one.c
x86_64-w64-mingw32-gcc -shared -o "$c/Example/unsigned.dll" one.c
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 3650 \
    -subj '/O=Example Corp/CN=Example Signer' -addext extendedKeyUsage=codeSigning 2>/dev/null
osslsigncode sign -certs cert.pem -key key.pem -in "$c/Example/unsigned.dll" -out "$c/Example/signed.dll" >/dev/null
cp "$c/Example/signed.dll" "$c/Example/tampered.dll"
printf X | dd of="$c/Example/tampered.dll" bs=1 seek=1500 conv=notrunc 2>/dev/null
# A sample host's catalogs, the files that they sign, and its roots.
"$mkhosts" hosts catalogs >/dev/null
python3 "$here/registry.py" "$native" hosts/catalogs "$c/host.reg"
same "import" 0 "$(wine reg import 'C:\host.reg' >/dev/null 2>&1 && echo 0)"
cp -r hosts/catalogs/Windows/System32/CatRoot/. "$c/windows/system32/catroot/"
cp hosts/catalogs/Windows/System32/*.dll "$c/Files/"
cat >example.lua <<'LUA'
return policy { id = "example", title = "Example", references = { "example" },
  rule { id = "trusted", title = "All is trusted", severity = "low", references = { "example" },
    want = signature.trusted([[C:\Example\*.dll]]), repair = manual "look at it" } }
LUA

facts() { # facts GLOB [OPTION...]: word, source, Windows' code, differs; a line a file
    rm -f rows.jsonl
    wine "$exe" facts signatures "$@" --format jsonl:rows.jsonl >/dev/null 2>&1 </dev/null || true
    python3 - <<'PYTHON'
import json
for line in open('rows.jsonl'):
    r = json.loads(line)
    w = r.get('windows') or {'code': 'not asked', 'differs': None}
    print(r['path'].split('\\')[-1], r['word'], r['source'], w['code'], w['differs'])
PYTHON
}
check() { # check NAME [OPTION...]: its exit code
    local name=$1 code=0
    shift
    wine "$exe" check --policy example.lua --format "json:$name.json" "$@" >"$name.txt" 2>/dev/null </dev/null || code=$?
    echo "$code"
}
told() { # told NAME EXPRESSION of the only result
    python3 -c 'import json, sys
r = json.load(open(sys.argv[1] + ".json"))["results"][0]
d = [e for e in r["evidence"] if e["note"] and "WinVerifyTrust" in e["note"]]
print(eval(sys.argv[2]))' "$1" "$2"
}

same "embedded" "signed.dll untrusted_root embedded 0x00000000 True
tampered.dll bad_digest embedded 0x80096010 False
unsigned.dll unsigned None 0x800B0100 False" "$(facts 'C:\Example\*.dll')"
same "by catalog" "13 trusted catalog 0x00000000 False" \
    "$(facts 'C:\Files\*.dll' | cut -d' ' -f2- | sort | uniq -c | sed 's/^ *//')"
same "at another time nobody is asked" 3 "$(facts 'C:\Example\*.dll' --at 2026-01-01T00:00:00Z | grep -c 'not asked')"

same "exit code" 2 "$(check now --format terminal)"
same "the verdict is ours" fail "$(told now 'r["verdict"]')"
same "the difference" \
    "['Example/signed.dll: Windows (WinVerifyTrust) says trusted, rectify says untrusted_root 0x800B0109']" \
    "$(told now '[e["artefact"] + ": " + e["note"] for e in d]')"
same "and a note that nobody can miss" 1 "$(tr -s ' \n' ' ' <now.txt | grep -c 'note Windows itself judges signatures otherwise')"
same "at another time" 2 "$(check then --at 2026-01-01T00:00:00Z)"
same "there is none" 0 "$(told then 'len(d)')"
same "observed alike" True "$(python3 -c 'import json
print(len({json.dumps(json.load(open(n))["results"][0]["observed"]) for n in ("now.json", "then.json")}) == 1)')"
finish 11
