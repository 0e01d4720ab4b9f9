#!/usr/bin/env bash
# unit_test.sh WINDOWS NATIVE [PROGRAM...]: the unit tests and the tests of policies of a Windows build
# (a build folder with -DRECTIFY_TESTS=ON) under Wine.
#
# A program's exit code alone is not believed.  Its tally (tests/check.h) must name every TEST of its
# source, passed, and end with their number; so that a crash, an exit in between, a test that is not
# there and a program that was not built are failures, which is tried first.  What Windows or Wine
# cannot show is named in left_out.tsv, each with its reason; what is named there and not to be found
# is a failure too.  The tests of policies must print what the program of the native build prints.
# RECTIFY_CORPUS: real artefacts; only where there are none may tests be skipped for want of them.
set -euo pipefail
windows=$(cd "$1" && pwd) native=$(cd "$2" && pwd)
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/session.sh"
python=$(command -v python3)
export here root windows work RECTIFY_TEST_PYTHON="Z:$python" TMPDIR=/tmp
export RECTIFY_CORPUS=${RECTIFY_CORPUS:-$root/../shared/corpus}
[ -e "$RECTIFY_CORPUS/MANIFEST.tsv" ] || unset RECTIFY_CORPUS

# tests_of SOURCE: the names, in order
tests_of() {
    sed -n 's/^TEST(\([a-z0-9_]*\)).*/\1/p' "$1"
}

# left_out PROGRAM: tests that are not run
left_out() {
    awk -F'\t' -v program="$1" '$1 == program { print $2 }' "$here/left_out.tsv"
}

# wanted PROGRAM SOURCE: the tally of a program that did all that it should
wanted() {
    printf 'test\tend\n'
    tests_of "$2" | awk -v out="$(left_out "$1" | tr '\n' ' ')" '
        BEGIN { n = split(out, names, " "); for (i = 1; i <= n; i++) left[names[i]] = 1 }
        { print $1 "\t" ($1 in left ? "left out" : "passed"); run += !($1 in left) }
        END { print "all\t" run + 0 }'
}

# one PROGRAM SOURCE EXE: runs it, and says what is wrong with it
one() {
    local program=$1 source=$2 exe=$3 code=0 to=$work/unit/$1 start=$EPOCHREALTIME
        # The limit is for what hangs, not for what is slow.
    RECTIFY_TEST_TALLY=$to.tally RECTIFY_TEST_LEFT_OUT=$(left_out "$program" | paste -sd, -) \
        timeout 3600 wine "$exe" >"$to.out" 2>&1 </dev/null || code=$?
    [ -z "${TIMES:-}" ] || echo "$(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) $program" >>"$TIMES"
    touch "$to.tally"
    [ -n "${RECTIFY_CORPUS:-}" ] || sed -i 's/\tno corpus$/\tpassed/' "$to.tally"
    [ "$code" -ne 77 ] || code=0 # all skipped: the tally says whether they might be
    if [ "$code" -eq 0 ] && wanted "$program" "$source" | cmp -s - "$to.tally"; then
        tests_of "$source" | wc -l >"$to.passed"
        return
    fi
    {
        printf 'FAILED: %s ended with %d\n' "$program" "$code"
        wanted "$program" "$source" | diff - "$to.tally" | sed -n 's/^</  wanted/p; s/^>/  got   /p' || true
        tail -n 40 "$to.out" | sed 's/^/  | /'
    } >"$to.failed"
    cat "$to.failed"
}
export -f one tests_of left_out wanted

# Programs of all the ways to end without having done it, and one that did.
judged() {
    local name
    cat >"$work/judged.c" <<'SOURCE'
#include "check.h"
TEST(begins)
{
}
#ifndef VANISHED
TEST(goes_on)
{
    WHAT;
}
#endif
TEST(ends)
{
}
TEST_MAIN()
SOURCE
    while read -r name define; do
        x86_64-w64-mingw32-gcc -I"$root/tests" -o "$work/$name.exe" "$work/judged.c" "-D$define"
        one "$name" "$work/judged.c" "$work/$name.exe" >/dev/null
    done <<'CASES'
good WHAT=
crash WHAT=*(volatile int *)8 = 1
leaves WHAT=exit(0)
skips WHAT=SKIP("I like not")
vanished VANISHED
fails WHAT=CHECK(false)
CASES
    one missing "$work/judged.c" "$work/missing.exe" >/dev/null
    same "a good program is taken for one" good "$(cd "$work/unit" && echo *.passed | sed 's/\.passed//g')"
    same "bad programs are not" "crash fails leaves missing skips vanished" \
        "$(cd "$work/unit" && echo *.failed | sed 's/\.failed//g')"
    rm -rf "$work/unit"
    mkdir "$work/unit"
}

# Each line of left_out.tsv still means something.
list_is_true() {
    local program test why source
    while IFS=$'\t' read -r program test why; do
        source=$root/tests/unit/${program/./\/}.c
        if [ "$test" = '*' ]; then
            same "$program: left out and there" "yes" "$([ -e "$source" ] && echo yes)"
        else
            same "$program: $test is left out and there" "$test" "$(tests_of "$source" | grep -x "$test" || true)"
        fi
        same "$program: $test: a reason" "yes" "$([ -n "$why" ] && echo yes)"
    done < <(tail -n +2 "$here/left_out.tsv")
}

policies() {
    local suite name a b
    find "$root/tests/policies" -name '*_test.lua' | sort >"$work/suites"
    same "there are suites of policies" yes "$([ "$(wc -l <"$work/suites")" -ge 2 ] && echo yes)"
    while read -r suite; do
        name=${suite#"$root/"} a=0 b=0
        (cd "$root" && "$native/rectify" policy test "$name" --jobs 2) >"$work/a" 2>&1 || a=$?
        (cd "$root" && wine "$windows/rectify.exe" policy test "$name" --jobs 2 </dev/null) >"$work/b" 2>&1 || b=$?
        same "$name: exit code" "0 0" "$a $b"
        same "$name: output" "$(cat "$work/a")" "$(tr -d '\r' <"$work/b")"
        [ -s "$work/a" ] || same "$name: says something" yes no
    done <"$work/suites"
}

session_begin
mkdir "$work/unit"
judged
[ $# -gt 0 ] || list_is_true
cd "$root/tests/unit"
programs=0
while read -r source; do
    program=${source#./} program=${program%.c} program=${program/\//.}
    [ $# -eq 0 ] || [[ " $* " == *" $program "* ]] || continue
    [ "$(left_out "$program")" != '*' ] || continue
    programs=$((programs + 1))
    printf '%s\0' "$program" "$source" "$windows/t/$program.exe" >>"$work/programs"
done < <(find . -name '*_test.c' | sort)
xargs -0 -n 3 -P "$(nproc)" bash -c 'one "$@"' _ <"$work/programs"
same "programs that passed" "$programs" "$(find "$work/unit" -name '*.passed' | wc -l)"
printf '%d programs, %d tests\n' "$programs" "$(cat "$work"/unit/*.passed | awk '{ n += $1 } END { print n }')"
[ $# -gt 0 ] || policies
finish 2
