#!/usr/bin/env bash
# live_kill_test.sh RECTIFY_FAULTS_EXE: a live apply, and a live undo, killed at every point where it
# writes or flushes (journal and registry), and with every write failing: each value is then the old
# or the new one, and `apply --resume` as well as `undo` come to their ends.  What another program
# changed meanwhile is never written over.
# shellcheck disable=SC2154
set -euo pipefail
exe=$1
. "$(dirname "${BASH_SOURCE[0]}")/session.sh"
. "$(dirname "${BASH_SOURCE[0]}")/live_common.sh"
live_begin
for name in one two; do
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out $name.pem -days 3650 \
        -subj "/O=Example Corp/CN=Example Root $name" 2>/dev/null
    openssl x509 -in $name.pem -outform DER -out $name.der
done
probe addcert TrustedPublisher two.der
probe set 'SOFTWARE\Example\Old' Delete 1
probe set 'SOFTWARE\Example\Old' Replace 1
{
    printf 'return policy { id = "kill", title = "Kill", references = { "K" },\n'
    printf '  rule { id = "deep", title = "deep", severity = "low", references = { "K" },\n'
    printf '    want = registry.value([[HKLM\\SOFTWARE\\Example\\New\\Deep]], "Value", sz "text"), repair = enforce() },\n'
    printf '  rule { id = "old", title = "old", severity = "low", references = { "K" },\n'
    printf '    want = all { registry.value([[HKLM\\SOFTWARE\\Example\\Old]], "Replace", dword(2)),\n'
    printf '      registry.absent([[HKLM\\SOFTWARE\\Example\\Old]], "Delete") }, repair = enforce() },\n'
    printf '  rule { id = "add", title = "add", severity = "high", references = { "K" },\n'
    printf '    want = certificate.stored { store = "CA", sha1 = { "%s" } },\n' "$(sha1sum one.der | cut -c1-40)"
    printf '    repair = certificate.add { store = "CA", pem = [[%s]] } },\n' "$(cat one.pem)"
    printf '  rule { id = "remove", title = "remove", severity = "high", references = { "K" },\n'
    printf '    want = certificate.absent { store = "TrustedPublisher", sha1 = { "%s" } },\n' "$(sha1sum two.der | cut -c1-40)"
    printf '    repair = enforce() },\n}\n'
} >kill.lua
journal='C:\ProgramData\rectify\kill.journal' file=prefix/drive_c/ProgramData/rectify/kill.journal
store='SOFTWARE\Microsoft\SystemCertificates'
now() { probe values 'SOFTWARE\Example' "$store\\CA" "$store\\TrustedPublisher" | LC_ALL=C sort; }
apply() { rectify apply kill.json --allow registry,certificates; }
resume() { rectify apply kill.json --allow registry,certificates --resume "$journal"; }
undo() { rectify undo "$journal"; }

same "plan" 4 "$(code_of rectify plan --policy kill.lua --format json:kill.json)"
# What both good states look like, and every point on the way.
export RECTIFY_TEST_POINTS=points RECTIFY_TEST_FAULT=list:
now >before
same "apply" 0 "$(code_of apply)"
mv points apply.points
now >applied
same "undo" 0 "$(code_of undo)"
mv points undo.points
unset RECTIFY_TEST_FAULT
now >undone
same "what undo left" "$(cat before)" "$(cat undone)"
same "something was applied" differs "$(cmp -s before applied || echo differs)"
LC_ALL=C sort -mu before applied >either
for point in journal.prepare journal.prepare.flush journal.state.flush registry.write registry.drop registry.commit; do
    same "$point is a point" found "$(grep -qx "$point" apply.points && echo found)"
done

# Every value is the old or the new one: no line that is in neither.
old_or_new() { now | LC_ALL=C comm -23 - either | grep -q . && echo neither || echo fine; }

# Behind a stop: forward or back, as `way` says; then it is as before again.
go_on() { # go_on WAY WHAT
    if [ ! -e "$file" ]; then
        same "$2: nothing was begun" "$(cat before)" "$(now)"
        return
    fi
    if [ "$1" = resume ]; then
        same "$2: resumed" 0 "$(code_of resume)"
        same "$2: all is applied" "$(cat applied)" "$(now)"
    fi
    same "$2: taken back" 0 "$(code_of undo)"
    same "$2: all is as before" "$(cat before)" "$(now)"
    rm "$file"
}

# disturbed KIND N VERB: its exit code; the point's name in `point`.
disturbed() {
    rm -f points
    code=$(RECTIFY_TEST_FAULT=$1:$2 code_of "$3")
    point=$(tail -n 1 points)
}

rm -f "$file"
killed=0
while IFS=: read -r n name; do
    for way in resume undo; do
        disturbed kill $((n - 1)) apply
        same "apply killed at $n, $name" "137 $name" "$code $point"
        same "apply killed at $n, $name: values" fine "$(old_or_new)"
        go_on $way "apply killed at $n, $name, then $way"
        killed=$((killed + 1))
    done
done < <(grep -n '' apply.points)

# In the middle of a line of the journal; what is left of the line is cut off.
while IFS=: read -r n name; do
    for way in resume undo; do
        disturbed half $((n - 1)) apply
        same "apply killed within $n, $name" "137 $name" "$code $point"
        go_on $way "apply killed within $n, $name, then $way"
        killed=$((killed + 1))
    done
done < <(grep -n 'journal\.[a-z]*$' apply.points | grep -E 'prepare|state')

# Undo, behind a whole apply.
while IFS=: read -r n name; do
    same "apply for undo" 0 "$(code_of apply)"
    disturbed kill $((n - 1)) undo
    same "undo killed at $n, $name" "137 $name" "$code $point"
    same "undo killed at $n, $name: values" fine "$(old_or_new)"
    go_on undo "undo killed at $n, $name"
    killed=$((killed + 1))
done < <(grep -n '' undo.points)

# A disk that is full, or broken: what the exit code says is so.
for fault in full broken; do
    while IFS=: read -r n name; do
        disturbed $fault $((n - 1)) apply
        what="apply, $fault at $n, $name: exit code $code"
        case $code in
        0 | 2) same "$what" "$(cat applied)" "$(now)" ;;
        1) same "$what" "$(cat before)" "$(now)" ;;
        3) same "$what" fine "$(old_or_new)" ;;
        *) same "$what" "0 to 3" "$code" ;;
        esac
        [ ! -e "$file" ] || go_on undo "$what"
    done < <(grep -n '' apply.points)
done

# Stopped in between, and then another program changes one of the values: neither way writes anything.
at=$(grep -n registry.write apply.points | sed -n '4s/:.*//p')
disturbed kill $((at - 1)) apply
same "stopped before the last values" 137 "$code"
probe set 'SOFTWARE\Example\Old' Replace 9
now >theirs
same "resume refuses" 1 "$(code_of resume)"
same "resume names the value" yes "$(grep -q 'drifted.*Old.Replace' out && echo yes)"
same "resume wrote nothing" "$(cat theirs)" "$(now)"
same "undo refuses" 1 "$(code_of undo)"
same "undo wrote nothing" "$(cat theirs)" "$(now)"
probe set 'SOFTWARE\Example\Old' Replace 2
go_on resume "after the other program took its change back"
printf 'killed %d times\n' "$killed"
same "killed often enough" yes "$([ $killed -gt 50 ] && echo yes)"
finish 300
