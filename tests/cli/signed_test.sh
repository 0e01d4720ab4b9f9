#!/usr/bin/env bash
# rectify inspect pe|cat|ctl|sst|certs and facts signatures: shapes, exit codes, lines on stderr.
. "$(dirname "$0")/lib.sh"

"$BUILD/mkhosts" hosts || exit 1
seeds=$SOURCE/tests/fuzz/corpus
dll=hosts/healthy/Windows/System32/ntdll.dll

live='without a target it is the live host, which only Windows has'
no_target() { run 64 "$@" && one_line 'no target'; }

# Executables.
run 0 inspect pe --format json "$dll"
json out 'd["schema"]' 'rectify.inspect.pe/1'
json out 'd["machine"]' 'x64'
json out '"trust" in d' 'False'
json out 'len(d["sha256"])' '64'
run 0 inspect pe --root hosts/healthy --format json "$dll"
json out 'list(d["trust"])' "['word', 'code', 'reason', 'source', 'catalog', 'signer', 'root', 'root_in_program', 'decided_by', 'at']"
cp out by_file
run 0 inspect pe --root hosts/healthy --format json 'C:\Windows\System32\ntdll.dll'
json out 'd["trust"] == json.load(open("by_file"))["trust"]' 'True'
run 0 inspect pe --format json:report "$dll"
[ -s report ] && [ ! -s out ] && ok || fail "--format json:FILE"
run 0 inspect pe --format json "$seeds/authenticode"
python3 -c 'import json
rows = [json.loads(l) for l in open("out", encoding="utf-8")]
assert [len(r["signatures"]) for r in rows] == [1, 1, 2], rows
assert all(s["digest_matches"] is False and not s["intact"] for r in rows for s in r["signatures"])' && ok || fail "several executables are one object a line"
run 0 inspect pe "$seeds/authenticode/two"
out_has 'signature 1'
out_has 'NOT that of the file'

# Catalogs, lists, stores: the seeds are made by OpenSSL.
run 0 inspect cat --format json "$seeds/ctl/signed2"
json out '(d["schema"], d["version"], d["entry_count"], len(d["members"]))' "('rectify.inspect.cat/1', 1, 3, 3)"
json out '(d["members"][0]["digest"], d["members"][0]["digest_algorithm"], d["members"][0]["file"])' "('$(printf '61%.0s' {1..20})', 'sha1', 'a.dll')"
json out 'd["signatures"][0]["intact"]' 'True'
run 0 inspect cat --format json "$seeds/ctl/signed3"
json out '(d["version"], d["members"][2]["digest_algorithm"])' "(2, 'sha256')"
run 0 inspect ctl --format json "$seeds/ctl/signed1"
json out '(d["schema"], d["sequence"], d["this_update"], len(d["entries"]))' "('rectify.inspect.ctl/1', '1401dbde', '2012-03-14T04:17:36Z', 3)"
json out '(d["entries"][0]["properties"], d["entries"][0]["friendly_name"], d["entries"][0]["usages"])' "([9, 11, 104, 126], 'Root', '1.3.6.1.5.5.7.3.3')"
run 0 inspect sst --format json "$seeds/certstore/store"
json out '(d["schema"], d["count"], d["elements"][0]["certificate"]["common_name"])' "('rectify.inspect.sst/1', 2, 'Signer')"
json out 'd["elements"][0]["damage"]' 'its SHA-1 property is not that of the certificate'
run 0 inspect sst "$seeds/certstore/store"
out_has 'elements  2'

# Not that format: one clear line, exit code 1, nothing on stdout.
for kind in pe cat ctl sst; do
    printf 'nothing of the kind\n' >junk
    run 1 inspect "$kind" junk && one_line 'junk: '
    : >empty
    run 1 inspect "$kind" empty && one_line 'empty: '
    run 1 inspect "$kind" --format json no-such-file && one_line 'no-such-file'
    run 64 inspect "$kind" && one_line 'no file given'
    run 64 inspect "$kind" --format xml junk && one_line 'unknown format xml'
    run 0 inspect "$kind" --help && out_has 'exit codes'
done
run 1 inspect cat "$seeds/ctl/signed1" && one_line 'inspect ctl'
run 1 inspect pe junk "$dll" && out_has 'machine' # the rest is shown

# Stores of a host.
run 0 inspect certs --root hosts/healthy --format json
json out 'd["schema"]' 'rectify.inspect.certs/1'
json out '[l["name"] for l in d["lists"]]' "['EncodedCtl', 'DisallowedCertEncodedCtl']"
json out 'd["updates"]["on"]' 'True'
run 0 inspect certs --root hosts/healthy --store ROOT
posix_only "$live" no_target inspect certs
run 1 inspect certs --root "$work/nowhere" && one_line 'nowhere'

# A folder of a host.
run 0 facts --root hosts/healthy signatures
out_has 'ntdll.dll'
out_has 'revocation is never checked'
run 0 facts signatures --root hosts/healthy 'Windows\System32\*.dll' --format jsonl --jobs 1
cp out one
python3 -c 'import json
rows = [json.loads(l) for l in open("out", encoding="utf-8")]
assert rows and all(r["path"].lower().endswith(".dll") and r["state"] == "found" and r["word"] for r in rows)' && ok || fail "jsonl of signatures"
run 0 facts signatures --root hosts/healthy 'Windows\System32\*.dll' --format jsonl --jobs 4
cmp -s out one && ok || fail "--jobs changes the rows"
run 0 facts --root hosts/healthy signatures '%SystemRoot%\System32\**\*.sys' --format csv
[ "$(head -n 1 out | tr -d '\r')" = "path,word,code,reason,source,catalog,signer,organisation,root,root_in_program,decided_by,digest_algorithm,signed_at,judged_at" ] && ok || fail "csv header"
grep -qi 'drivers\\' out && ok || fail "** does not go down"
run 1 facts --root hosts/healthy signatures 'Windows\System32\*.nothing' && one_line 'no file matches'
run 1 facts --root hosts/healthy signatures 'Windows\NoSuchFolder\*' && one_line 'NoSuchFolder'
run 64 facts --root hosts/healthy signatures a b && one_line 'unexpected argument b'
posix_only "$live" no_target facts signatures
run 0 facts signatures --help && out_has 'PATH-GLOB'

finish
