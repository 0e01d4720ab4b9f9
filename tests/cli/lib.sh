# Helpers of the command-line tests: sourced with BUILD set to the build directory.
# Each test runs a command line and says what exit code and which words it expects.
#
# tests/wine/cli_test.sh runs the same suites with rectify.exe under Wine: BUILD then holds a script
# `rectify` that starts it, and RECTIFY_ON=windows says so.  What differs between the two systems is
# written with posix_only, windows_only and here_or_windows, nowhere else; everything that is not in
# a posix_only case must hold on both.  With TALLY set, finish writes there how many checks were made.
set -u
: "${BUILD:?BUILD is not set}"
BUILD=$(cd "$BUILD" && pwd)
rectify=$BUILD/rectify
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0 skipped=0 checks_posix=0 checks_windows=0
unset NO_COLOR
on_windows() { [ "${RECTIFY_ON:-}" = windows ]; }

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

# json FILE EXPRESSION WANT: a Python expression over the document `d`; unix(PATH) is the path as it
# would be here, where the program under Wine wrote it.
json() {
    local have
    have=$(python3 -IS -c 'import json, os, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
windows = os.environ.get("RECTIFY_ON") == "windows"
def unix(path):
    return path[2:].replace("\\", "/") if windows and path[:3] == "Z:\\" else path
print(eval(sys.argv[2]))' "$1" "$2" 2>&1)
    [ "$have" = "$3" ] && ok || fail "$last: $2 is $have, want $3"
}

# linux_plans FILE ARGUMENT...: the plan that Linux makes by that command line is the one in FILE.  Its
# digest is another where the command line names files, whose paths are part of it.
linux_plans() {
    local file=$1 said
    shift
    "$RECTIFY_NATIVE/${rectify##*/}" plan "$@" --format json:linux.json >/dev/null 2>linux.err || true
    said=$(python3 -IS - "$file" linux.json 2>&1 <<'P'
import json, sys
def unix(x):
    """Paths as they are here: whoever writes Z:\a\b, perhaps behind NAME=, means /a/b."""
    if isinstance(x, dict):
        return {k: unix(v) for k, v in x.items()}
    if isinstance(x, list):
        return [unix(v) for v in x]
    if isinstance(x, str) and "Z:\\" in x:
        return x.replace("Z:\\", "/").replace("\\", "/")
    return x
def load(path):
    with open(path, encoding="utf-8") as f:
        d = unix(json.load(f))
    for name in ("id", "started", "duration_ms"):
        del d["run"][name]
    del d["location"]
    for p in d["policies"]:
        p["path"] = (p["path"] or "").replace("\\", "/")
    if any("/" in i["value"] for i in d["inputs"]):
        del d["digest"]
    return d
a, b = load(sys.argv[1]), load(sys.argv[2])
print("same" if a == b and a["actions"] else [(k, a.get(k), b.get(k)) for k in b if a.get(k) != b[k]])
P
)
    [ "$said" = same ] && ok || fail "$file: Linux plans something else: ${said:0:600}$(cat linux.err)"
}

# posix_only REASON COMMAND...: cases that Windows, or Wine, cannot have.  Skipped there, and said.
posix_only() {
    local reason=$1 before=$((passed + failed))
    shift
    if on_windows; then
        skip "POSIX only: $reason"
    else
        "$@"
        checks_posix=$((checks_posix + passed + failed - before))
    fi
}

# windows_only COMMAND...: cases that only rectify.exe can have.
windows_only() {
    local before=$((passed + failed))
    on_windows || return 0
    "$@"
    checks_windows=$((checks_windows + passed + failed - before))
}

# here_or_windows WORDS WORDS: the words of this system where the two have their own.
here_or_windows() {
    if on_windows; then printf '%s' "$2"; else printf '%s' "$1"; fi
}

skip() {
    printf 'SKIPPED: %s\n' "$1"
    skipped=$((skipped + 1))
}

finish() {
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ -z "${TALLY:-}" ] || printf '%d %d %d %d %d\n' \
        "$passed" "$failed" "$skipped" "$checks_posix" "$checks_windows" >"$TALLY"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
