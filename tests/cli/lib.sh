# Helpers of the command-line tests: sourced with BUILD set to the build directory.
# Each test runs a command line and says what exit code and which words it expects.
set -u
: "${BUILD:?BUILD is not set}"
BUILD=$(cd "$BUILD" && pwd)
rectify=$BUILD/rectify
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0 skipped=0
unset NO_COLOR

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    failed=$((failed + 1))
}

ok() { passed=$((passed + 1)); }

# run CODE ARGUMENT...: runs rectify, keeps $work/out and $work/err, compares the exit code.
run() {
    local want=$1 code=0
    shift
    "$rectify" "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
    last="rectify $*"
    if [ "$code" -ne "$want" ]; then
        fail "$last: exit code $code, want $want"
        sed 's/^/    /' "$work/err" >&2
        return 1
    fi
    ok
}

# Fixed strings that standard output (err: standard error) must hold, or must not.
out_has() { grep -qF -- "$1" "$work/out" && ok || fail "$last: stdout lacks: $1"; }
out_lacks() { grep -qF -- "$1" "$work/out" && fail "$last: stdout has: $1" || ok; }
err_has() { grep -qF -- "$1" "$work/err" && ok || fail "$last: stderr lacks: $1: $(head -c 300 "$work/err")"; }

# Exactly one line on stderr, nothing on stdout: what an error looks like.
one_line() {
    [ "$(wc -l <"$work/err")" -eq 1 ] || fail "$last: stderr is not one line: $(cat "$work/err")"
    [ ! -s "$work/out" ] || fail "$last: an error wrote to stdout"
    err_has "$1"
}

# json FILE EXPRESSION WANT: a Python expression over the document `d`.
json() {
    local have
    have=$(python3 -c 'import json,sys; d=json.load(open(sys.argv[1],encoding="utf-8")); print(eval(sys.argv[2]))' "$1" "$2" 2>&1)
    [ "$have" = "$3" ] && ok || fail "$last: $2 is $have, want $3"
}

finish() {
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ]
}
