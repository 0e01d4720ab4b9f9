# Sourced by tests that are scripts: comparisons that are counted, so that a test that ends early cannot
# pass.
passed=0 failed=0
same() { # same WHAT WANT GOT
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s: want %s, got %s\n' "$1" "$2" "$3"
    fi
}

finish() { # finish HOW_MANY: a test that ended early has fewer
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ] && [ "$passed" -ge "$1" ]
}

# A JSON report without what is the run's own: its id, times and the way to the target.  What is no
# report equals nothing, since its name is said.
normal_report() {
    python3 - "$1" <<'PYTHON' || echo "no report: $1"
import json, sys
with open(sys.argv[1], encoding='utf-8') as f:
    r = json.load(f)
assert r['schema'] == 'rectify.report/1' and r['results']
for name in ('id', 'started', 'duration_ms'):
    r['run'].pop(name)
r['target'].pop('location')
print(json.dumps(r, sort_keys=True))
PYTHON
}
