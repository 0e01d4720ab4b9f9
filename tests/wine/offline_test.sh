#!/usr/bin/env bash
# offline_test.sh RECTIFY MKHOSTS RECTIFY_EXE: `check --root` of every sample host, by the native
# build and by the Windows build under Wine, gives the same report and exit code.
set -euo pipefail
native=$1 mkhosts=$2 windows=$3
. "$(dirname "${BASH_SOURCE[0]}")/session.sh"
session_begin
"$mkhosts" "$work/hosts" >/dev/null

count=0
for host in "$work"/hosts/*/; do
    name=$(basename "$host")
    a=0 b=0
    "$native" check --root "$host" --format "json:$work/a.json" 2>/dev/null || a=$?
    (cd "$work" && wine "$windows" check --root "Z:${host//\//\\}" --format json:b.json 2>/dev/null) || b=$?
    same "$name: exit code" "$a" "$b"
    same "$name: report" "$(normal_report "$work/a.json" | sha256sum)" "$(normal_report "$work/b.json" | sha256sum)"
    rm -f "$work/a.json" "$work/b.json"
    count=$((count + 1))
done
[ "$count" -ge 20 ]
finish $((2 * count))
