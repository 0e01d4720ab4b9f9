#!/usr/bin/env bash
# Deliberate mistakes (mistakes/, and those that are too large or no text, made here): each gives one
# line with file and line, a suggestion where there is one, and never a pass.
. "${SOURCE:?}/tests/cli/lib.sh"

"$BUILD/mkhosts" hosts unpatched >/dev/null || exit 1
host=hosts/unpatched
cp "$SOURCE"/tests/cli/mistakes/* .
umask 022
chmod 644 [0-9]*

option_of() {
    case $1 in
    *.lua) echo --policy "$1" ;;
    *.profile) echo --profile "./$1" ;;
    *.inputs) echo --inputs "$1" ;;
    *.waivers) echo --waivers "$1" ;;
    esac
}

# refused FILE LINE: it does not load; the line is all there is.
refused() {
    # shellcheck disable=SC2046
    run 1 check --root "$host" $(option_of "$1") && one_line "rectify: $2"
}

# broken FILE MESSAGE: it loads, its only rule is an error.
broken() {
    run 3 check --root "$host" --format json:report.json --policy "$1" || return
    json report.json 'len(d["results"]), d["results"][0]["verdict"], d["summary"]["pass"]' "(1, 'error', 0)"
    json report.json 'd["results"][0]["message"]' "$2"
}

count=0
while IFS=$'\t' read -r file code text; do
    [ -n "$file" ] || continue
    count=$((count + 1))
    if [ "$code" -eq 1 ]; then refused "$file" "$text"; else broken "$file" "$text"; fi
done <expected.tsv
for file in [0-9]*; do
    grep -q "^$file	" expected.tsv || fail "$file is not in expected.tsv"
done

# ---- made here ------------------------------------------------------------------------------------

head -c 10485760 /dev/zero | tr '\0' ' ' >10mb.lua
refused 10mb.lua '10mb.lua:1: larger than 1048576 bytes'
printf 'return policy { id = "p" }\n' >ten.lua && head -c 10485760 /dev/zero | tr '\0' '-' >>ten.lua
refused ten.lua 'ten.lua:1: larger than 1048576 bytes'
printf '\033Lua\124\0\031\223\r\n\032\n' >bytecode.lua
refused bytecode.lua 'bytecode.lua:1: compiled Lua is not accepted, only text'
printf 'local a = 1\nlocal b = "\377\376"\nreturn a\n' >latin.lua
refused latin.lua 'latin.lua:2: byte 0xff is not UTF-8 text'
printf 'local a = 1\n\nlocal b = "\0"\n' >zero.lua # nul.lua is no file on Windows
refused zero.lua 'zero.lua:3: byte 0x00 is not UTF-8 text'
printf '\377\376r\0e\0t\0' >utf16.lua
refused utf16.lua 'utf16.lua:1: byte 0xff is not UTF-8 text'
printf 'return policy { id = "p",\r\n  title = "T",\r\n  rule { id = "r", titel = "T" } }' >dos.lua
refused dos.lua 'dos.lua:3: rule: unknown field "titel" (did you mean "title"?)'

deep() { # deep FILE BEFORE OPEN AFTER: 300 lines of OPEN
    { printf '%s\n' "$2" && for _ in $(seq 300); do printf '%s\n' "$3"; done && printf '%s\n' "$4"; } >"$1"
}
deep braces.lua 'local t =' '{' '}'
refused braces.lua 'braces.lua:198: nested too deep: more than 200 levels of brackets and operators'
deep parens.lua 'local t =' '(' ')'
refused parens.lua 'parens.lua:198: nested too deep'
deep nots.lua 'local t =' 'not' 'true'
refused nots.lua 'nots.lua:198: nested too deep'
deep functions.lua '' 'local function f()' ''
refused functions.lua 'functions.lua:200: nested too deep'
deep blocks.lua '' 'do' ''
refused blocks.lua 'blocks.lua:200: nested too deep'
printf 'return %s\n' "$(printf '{%.0s' $(seq 300))" >oneline.lua
refused oneline.lua 'oneline.lua:1: nested too deep'

head -c 10485760 /dev/zero | tr '\0' ' ' >10mb.inputs
refused 10mb.inputs '10mb.inputs:1: larger than 4194304 bytes'
printf '{"text": %s%s}\n' "$(printf '[%.0s' $(seq 3000))" "$(printf ']%.0s' $(seq 3000))" >deep.inputs
refused deep.inputs 'deep.inputs:1: maximum parsing depth reached near'
printf '{"kb71083.window_days": "\377"}\n' >latin.inputs
refused latin.inputs 'latin.inputs:1: unable to decode byte 0xff'
printf '' >empty.waivers
refused empty.waivers "empty.waivers:1: '[' or '{' expected near end of file"

# Others could have written it.
open=$(here_or_windows 'everybody may write it' 'others than Administrators may write it')
printf 'return 1\n' >open.lua && chmod 666 open.lua
run 1 check --root "$host" --policy open.lua && one_line "open.lua: $open$(here_or_windows ' (mode 666)' '')"
printf '{}' >open.inputs && chmod 666 open.inputs
run 1 check --root "$host" --inputs open.inputs && one_line "open.inputs: $open"
printf '{}' >open.waivers && chmod 666 open.waivers
run 1 check --root "$host" --waivers open.waivers && one_line "open.waivers: $open"
run 64 check --root "$host" --profile quik && one_line 'did you mean "quick"?'

[ "$count" -ge 40 ] || fail "only $count mistakes"
finish
