#!/usr/bin/env bash
# Names of files as people have them: Japanese, with blanks and quotes, long, and as Windows writes them.
. "$(dirname "$0")/lib.sh"

"$BUILD/mkhosts" hosts unpatched || exit 1
umask 022
folder='監査 2026/ホスト「一」'
mkdir -p "$folder" && cp -r hosts/unpatched "$folder/C"
cat >rule.lua <<'L'
return policy { id = "named", title = "Named",
  inputs = { word = input.text { default = "none" } },
  rule { id = "one", title = "One", severity = "low", references = { "R" },
    want = registry.value([[HKLM\SOFTWARE\Example]], "Word", equals(input "word")) } }
L

# ---- beyond ASCII -------------------------------------------------------------------------------------

for name in '方針' 'Größe & Maß' 'emoji 😀' 'règle [1]' "it's" 'semi;colon%PATH%'; do
    cp rule.lua "$folder/$name.lua"
    run 2 check --root "$folder" --policy "$folder/$name.lua" --format "json:$folder/$name.json"
    json "$folder/$name.json" '[r["rule"] for r in d["results"]]' "['named.one']"
    json "$folder/$name.json" "unix(d['target']['location']).endswith('$folder')" True
    sed 's/severity/severty/' rule.lua >"$folder/$name.lua"
    run 1 check --root "$folder" --policy "$folder/$name.lua"
    one_line "$name.lua:3: rule: unknown field \"severty\""
    run 1 check --root "$folder/$name"
    one_line "$folder/$name: no such folder"
done
mkdir "$folder/方針" && cp rule.lua "$folder/方針/方針.lua"
run 0 policy list --policy "$folder/方針"
out_has 'named.one'
run 0 policy new house --dir "$folder/新しい"
run 0 policy test "$folder/新しい"
run 0 policy lint "$folder/方針"
run 4 plan --root "$folder" --only system-log-capacity --format "json:$folder/計画.json"
json "$folder/計画.json" "unix(d['location']).endswith('$folder')" True
run 0 apply "$folder/計画.json" --dry-run
printf '{"named": {"word": "「はい」"}}' >"$folder/入力.json"
run 2 check --root "$folder" --policy "$folder/方針/方針.lua" --inputs "$folder/入力.json"
out_has '「はい」'
cp "$folder/C/Windows/System32/winevt/Logs/System.evtx" "$folder/システム.evtx"
run 0 inspect evtx "$folder/システム.evtx" --count-by id
cp out counts
run 0 inspect evtx hosts/unpatched/Windows/System32/winevt/Logs/System.evtx --count-by id
cmp -s out counts && ok || fail 'a log by a Japanese name'
(cd "$folder" && python3 -c 'import zipfile, os
with zipfile.ZipFile("収集.zip", "w") as z:
    for d, _, fs in os.walk("C"):
        for f in fs:
            z.write(os.path.join(d, f), os.path.join("ホスト", d, f))')
run 2 check --archive "$folder/収集.zip" --only vse-fixed-patch

# ---- words that a shell or a C library might change ---------------------------------------------------

touch kb71083.x 'named.*.lua' vse-fixed-patch
for word in 'a "b" c' 'ends in \' '\\"\' '%PATH%' '*' '?' '' "'" '$HOME' 'a  b' '^&|<>'; do
    run 2 check --root hosts/unpatched --policy rule.lua --set "word=$word" --format json:word.json
    printf '%s' "$word" >word
    json word.json 'd["results"][0]["expected"]["value"] == open("word").read()' True
done
run 0 check --root hosts/unpatched --only 'kb71083.agent-*' --format json:glob.json
json glob.json 'sorted(r["rule"] for r in d["results"])' "['kb71083.agent-dlls-signed', 'kb71083.agent-version']"
run 64 check --root hosts/unpatched --only 'kb71083.?'
one_line 'kb71083.?'

# ---- long paths ---------------------------------------------------------------------------------------

part=$(printf 'a long name of a folder, %.0s' 1 2 3 4)etc
deep="$part/$part/$part/$part"
mkdir -p "$deep" && cp -r hosts/unpatched "$deep/C" && mkdir "$deep/p" && cp rule.lua "$deep/p/"
[ ${#deep} -gt 380 ] && ok || fail 'the path is not long'
for base in "$deep" "$PWD/$deep"; do
    run 2 check --root "$base" --policy "$base/p/rule.lua" --format "json:$base/report.json"
    json "$base/report.json" '[r["rule"] for r in d["results"]]' "['named.one']"
    run 0 policy lint "$base/p"
    run 0 inspect hive "$base/C/Windows/System32/config/SOFTWARE" --key 'Microsoft\Windows NT\CurrentVersion'
    out_has ProductName
    run 0 inspect evtx --count-by id "$base/C/Windows/System32/winevt/Logs/System.evtx"
    cmp -s out counts && ok || fail 'a log by a long path'
    run 1 check --root "$base/none"
    one_line 'no such folder'
done
[ "$(find "$deep" -name '*.tmp' | wc -l)" -eq 0 ] && ok || fail 'a temporary file stays'
name=$(printf 'n%.0s' $(seq 300))
run 1 check --root hosts/unpatched --format "json:$name"
err_has "${name:0:100}"
run 1 check --root "$name"
err_has "${name:0:100}"

# ---- reports are whole or not there --------------------------------------------------------------------

echo before >report.json
run 2 check --root hosts/unpatched --format json:report.json
json report.json 'd["schema"]' rectify.report/1
mkdir taken
run 1 check --root hosts/unpatched --format json:taken
err_has 'taken'
run 1 check --root hosts/unpatched --format json:rule.lua/report.json
err_has 'rule.lua'
[ -z "$(find . -name '*.tmp')" ] && [ -d taken ] && ok || fail 'a report that could not be written left something'
run 2 check --root hosts/unpatched --format "json:$(here_or_windows /dev/null NUL)"

# ---- as Windows writes them ------------------------------------------------------------------------------

windows_names() {
    local here there
    here=Z:${PWD//\//\\}
    for there in "$here" "\\\\?\\$here" "z:${PWD}" "${here#Z:}"; do
        run 2 check --root "$there\\hosts\\unpatched" --policy "$there\\rule.lua" --format "json:$there\\there.json"
        json there.json '[r["rule"] for r in d["results"]]' "['named.one']"
        rm there.json
        run 0 inspect evtx --count-by id "$there\\hosts\\unpatched\\Windows\\System32\\winevt\\Logs\\System.evtx"
        cmp -s out counts && ok || fail "$there: counts"
        run 0 policy lint "$there\\rule.lua"
        run 4 plan --root "$there\\hosts\\unpatched\\" --only system-log-capacity --format "json:$there\\plan.json"
        json plan.json 'd["location"].replace("\\\\?\\", "").replace("z:", "Z:")' "$here\\hosts\\unpatched"
        run 0 apply "$there\\plan.json" --dry-run
        rm plan.json
    done
    run 2 check --root 'HOSTS\UnPatched' --policy RULE.LUA
    run 2 check --root 'hosts\..\hosts\.\unpatched' --policy '.\rule.lua'
    for there in '\\server.invalid\share\x' '\\.\PhysicalDrive0' 'Q:\nowhere' 'NUL' 'a<b' 'COM1'; do
        run 1 check --root "$there"
        one_line "$there"
        run 1 check --root hosts/unpatched --policy "$there"
        one_line "$there"
        run 1 inspect hive "$there"
        one_line "$there"
    done
}
windows_only windows_names
finish
