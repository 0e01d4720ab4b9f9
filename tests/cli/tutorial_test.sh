#!/usr/bin/env bash
# Every sample of docs/writing-policies.md runs, in its order, and prints what the text says it does.
. "$(dirname "$0")/lib.sh"

"$BUILD/mkhosts" hosts || exit 1
mv hosts/unpatched image
mkdir bin && ln -s "$rectify" bin/rectify && PATH=$work/bin:$PATH
mkdir tutorial && mv image tutorial/image && cd tutorial || exit 1
umask 022
python3 "$SOURCE/tests/cli/samples.py" "$SOURCE/docs/writing-policies.md" ${UPDATE:+--update} >"$work/ran"
ran=$?
read -r passed _ failed _ <"$work/ran"
passed=${passed:-0} failed=${failed:-0}
[ "$ran" -eq 0 ] && failed=0
[ "$ran" -eq 0 ] || [ "$failed" -gt 0 ] || fail 'the samples did not run'
finish
