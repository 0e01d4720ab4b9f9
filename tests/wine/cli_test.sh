#!/usr/bin/env bash
# cli_test.sh NATIVE WINDOWS [SUITE...]: the command-line suites (tests/cli/*_test.sh) with WINDOWS's
# rectify.exe and rectify-testroots.exe under Wine.  Each must make as many checks as with NATIVE's
# programs, but for those that the suite itself leaves out and names; a crash, a program that is not
# there and a suite that ends early are failures, which is tried first.
# NATIVE and WINDOWS are build folders; counts of native runs are kept in NATIVE/tally.
set -euo pipefail
native=$(cd "$1" && pwd) windows=$(cd "$2" && pwd)
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SOURCE=$(cd "$here/../.." && pwd)
. "$here/session.sh"
export SOURCE native work WINEPREFIX RECTIFY_NATIVE=$native

# program NAME EXE FOLDER: the script NAME that starts EXE.  Exit codes that rectify has not are those
# of crashes: Windows' 0xC000.... of which Wine leaves 8 bits (5, too, which no suite wants), 53 where
# there is no such program.
program() {
    mkdir -p "$3"
    cat >"$3/$1" <<PROGRAM
#!/bin/sh
[ -z "\${ITSELF:-}" ] || exec wine '$2' "\$@" # whose process id is wanted
code=0
wine '$2' "\$@" || code=\$?
case \$code in
0 | 1 | 2 | 3 | 4 | 64 | 130 | 143) exit \$code ;;
esac
echo "$1.exe: ended with \$code" >&2
exit 99
PROGRAM
    chmod +x "$3/$1"
}

# one KIND SUITE: runs it, leaves its output, exit code and tally in $work/KIND/SUITE.*
one() {
    local kind=$1 suite=$2 build=$native on='' code=0 start=$SECONDS
    local to=$work/$kind/$(basename "$suite" .sh)
    [ "$kind" = native ] || { build=$work/$kind on=windows; }
    # The limit is for what hangs, not for what is slow.
    BUILD=$build RECTIFY_ON=$on TALLY=$to.tally timeout 3600 bash "$suite" >"$to.out" 2>&1 </dev/null || code=$?
    echo "$code" >"$to.code"
    echo $((SECONDS - start)) >"$to.seconds"
}
export -f one

# kept SUITE: the native run of it that the same programs and suite have had.
kept() {
    local name file
    name=$(basename "$1" .sh)
    for file in "$1" "$SOURCE/tests/cli/lib.sh" "$native/rectify" "$native/mkhosts"; do
        [ "$native/tally/$name" -nt "$file" ] || return 1
    done
    cp "$native/tally/$name" "$work/native/$name.tally"
    echo 0 >"$work/native/$name.code"
    echo 'kept' >"$work/native/$name.out"
}

# judge NAME KIND: empty where KIND's run is as it should be beside the native one.
judge() {
    local p f posix ours np nf nposix nours
    local a=$work/native/$1 b=$work/$2/$1
    # A tool of the machine's own is missing: both say so.
    [ "$(cat "$a.code" "$b.code" | tr '\n' ' ')" != '77 77 ' ] || return 0
    [ "$(cat "$a.code")" = 0 ] || { echo "natively exit code $(cat "$a.code")"; return; }
    [ "$(cat "$b.code")" = 0 ] || { echo "exit code $(cat "$b.code")"; return; }
    [ -s "$b.tally" ] && [ -s "$a.tally" ] || { echo "ended early"; return; }
    read -r p f _ posix ours <"$b.tally"
    read -r np nf _ nposix nours <"$a.tally"
    [ "$f" -eq 0 ] && [ "$nf" -eq 0 ] && [ "$posix" -eq 0 ] && [ "$nours" -eq 0 ] || { echo "tally"; return; }
    [ $((p - ours)) -eq $((np - nposix)) ] ||
        echo "$((p - ours)) checks, natively $((np - nposix)) (and $nposix that are POSIX's alone)"
}

# said_of NAME: how many checks were left out, and the suite's own reasons.
said_of() {
    local posix=0
    [ ! -s "$work/native/$1.tally" ] || read -r _ _ _ posix _ <"$work/native/$1.tally"
    [ "$posix" -eq 0 ] || echo "    left out: $posix checks of POSIX alone:"
    sed -n 's/^SKIPPED: POSIX only: //p' "$work/wine/$1.out" | sort -u | sed 's/^/      /'
    sed -n '/^SKIPPED: POSIX/!s/^SKIPPED: /    skipped: /p' "$work/wine/$1.out"
}

# What must not pass: the suite is the shortest there can be, the programs are bad in one way each.
self_test() {
    local way
    mkdir -p "$work/self"
    printf '. "$SOURCE/tests/cli/lib.sh"\nrun 0 --version\nfinish\n' >"$work/self/good_test.sh"
    printf '. "$SOURCE/tests/cli/lib.sh"\nrun 0 --version\nexit 0\n' >"$work/self/early_test.sh"
    printf '. "$SOURCE/tests/cli/lib.sh"\nrun 0 --version\nout_has rectify\nfinish\n' >"$work/self/silent_test.sh"
    printf '. "$SOURCE/tests/cli/lib.sh"\nposix_only x run 0 --version\nfinish\n' >"$work/self/nothing_test.sh"
    printf '. "$SOURCE/tests/cli/lib.sh"\nrun 0 --version\non_windows || run 0 --help\nfinish\n' >"$work/self/fewer_test.sh"
    program rectify "$work/crash.exe" "$work/crashes"
    program rectify "$work/none.exe" "$work/missing"
    program rectify "$work/silent.exe" "$work/quiet"
    printf 'int main(void) { return 0; }\n' >"$work/silent.c"
    x86_64-w64-mingw32-gcc -o "$work/silent.exe" "$work/silent.c"
    for way in 'wine good' 'wine early' 'wine nothing' 'wine fewer' 'crashes good' 'missing good' 'quiet silent'; do
        one native "$work/self/${way#* }_test.sh"
        one "${way% *}" "$work/self/${way#* }_test.sh"
    done
    same "a good program" '' "$(judge good_test wine)"
    same "a suite that ends early" 'ended early' "$(judge early_test wine)"
    same "a suite that checks nothing" 'exit code 1' "$(judge nothing_test wine)"
    same "a suite that checks less" '1 checks, natively 2 (and 0 that are POSIX'"'"'s alone)' "$(judge fewer_test wine)"
    same "a program that crashes" 'exit code 1' "$(judge good_test crashes)"
    same "how it ended" 1 "$(grep -c 'exit code 99, want 0' "$work/crashes/good_test.out")"
    same "a program that is missing" 'exit code 1' "$(judge good_test missing)"
    same "that it is missing" 1 "$(grep -c 'ended with 53' "$work/missing/good_test.out")"
    same "a program that says nothing" 'exit code 1' "$(judge silent_test quiet)"
}

session_begin
mkdir -p "$work/native" "$native/tally"
for name in rectify rectify-testroots; do
    [ -e "$windows/$name.exe" ] || { echo "FAILED: no $windows/$name.exe"; exit 1; }
    program "$name" "$windows/$name.exe" "$work/wine"
done
ln -s "$native/mkhosts" "$work/wine/mkhosts"
self_test
[ "$failed" -eq 0 ] || finish 0

if [ $# -gt 0 ]; then
    suites=("$@")
else
    mapfile -t suites < <(ls -S "$SOURCE"/tests/cli/*_test.sh)
fi
for suite in "${suites[@]}"; do
    echo wine "$suite"
    kept "$suite" || echo native "$suite"
done | xargs -P "$(nproc)" -n 2 bash -c 'one "$@"' _
for suite in "${suites[@]}"; do
    name=$(basename "$suite" .sh)
    same "$name" '' "$(judge "$name" wine)"
    grep -h '^FAILED' -A 3 "$work/native/$name.out" "$work/wine/$name.out" | head -n 40 | cut -c 1-600 || true
    printf '%s: %s, %d s\n' "$name" "$(tail -n 1 "$work/wine/$name.out")" "$(cat "$work/wine/$name.seconds")"
    said_of "$name"
    [ ! -s "$work/native/$name.tally" ] || cp "$work/native/$name.tally" "$native/tally/$name"
done
finish $((${#suites[@]} + 9))
