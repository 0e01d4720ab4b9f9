#!/usr/bin/env bash
# rectify roots mirror: a folder filled from a mirror, resumed, and never from a bad one.
. "$(dirname "$0")/lib.sh"

"$BUILD/mkhosts" --lists lists hosts healthy || exit 1
export RECTIFY_TEST_LIST_ROOT=$work/lists/list-root.der
unset http_proxy HTTP_PROXY no_proxy NO_PROXY SUDO_UID
rectify=$BUILD/rectify-testroots

# serve FOLDER: a server on a port of its own; sets $base, its log is FOLDER.log.
serve() {
    coproc server { exec python3 "$SOURCE/tests/http_server.py" "$1" "$1.log"; }
    read -r port <&"${server[0]}"
    base=http://127.0.0.1:$port
}
stop() {
    eval "exec ${server[1]}>&-"
    wait "$server_PID" 2>/dev/null
}

run 64 roots && err_has 'mirror'
run 64 roots shrink && one_line 'unknown verb shrink'
run 64 roots mirror && one_line 'no folder given'
run 64 roots mirror a b && one_line 'more than one folder'
run 64 roots mirror a --progress sometimes && one_line 'auto, always or never'
run 0 roots mirror --help && out_has 'This verb goes to the network'
run 0 roots --help && out_has 'mirror'

# From a folder; what is there is not fetched again.
run 0 roots mirror closed --from lists/current
out_has 'certificates  4 fetched, 0 there already, 0 missing'
out_has 'roots       2023-03-10, sequence '
out_has 'disallowed  2023-03-10, sequence '
err_has 'from lists/current'
run 0 roots mirror closed --from lists/current --quiet && [ ! -s out ] && [ ! -s err ] && ok || fail "--quiet"
run 0 roots mirror closed --from lists/current
out_has 'certificates  0 fetched, 4 there already, 0 missing'
[ "$(find closed -type f | wc -l)" -eq 6 ] && ok || fail "six files"
[ "$(find closed -name '.*' -type f | wc -l)" -eq 0 ] && ok || fail "nothing temporary is left"
cmp -s closed/authrootstl.cab lists/current/authrootstl.cab && ok || fail "the list as it came"
readable() { [ "$(stat -c %a closed/authrootstl.cab)" = 644 ] && ok || fail "a web server can read it"; }
posix_only 'modes of files' readable

# Never back, never from somebody else; the folder stays as it was.
find closed -type f -exec sha256sum {} + | sort >before
run 1 roots mirror closed --from lists/older && err_has 'the folder holds a newer list'
run 1 roots mirror closed --from lists/forged && err_has "does not count: its signer's chain does not end in a Microsoft list root"
run 1 roots mirror closed --from nowhere && err_has "nowhere: $(here_or_windows 'No such file' 'cannot list it: no such file or folder')"
find closed -type f -exec sha256sum {} + | sort >after
cmp -s before after && ok || fail "a refused source changed the folder"

# The program that is installed has no such root.
"$BUILD/rectify" roots mirror other --from lists/current >out 2>err
[ $? -eq 1 ] && grep -q 'does not end in a Microsoft list root' err && ok || fail "rectify takes the tests' lists"
[ ! -e other ] && ok || fail "a refused source left a folder"

# From a server: one line for everything that can go wrong.
serve "$work/lists/current"
run 0 roots mirror web --from "$base/ok"
out_has 'certificates  4 fetched'
for manner in cut flaky changed redirect/3; do
    rm -rf web
    run 0 roots mirror web --from "$base/$manner" && out_has 'certificates  4 fetched'
done
grep -q '/cut/authrootstl.cab bytes=' "$work/lists/current.log" && ok || fail "a cut list is resumed"
rm -rf web
for bad in 'corrupt:does not count' 'short:does not count' 'huge:more than 8388608 bytes' \
    'redirect/4:redirected more than 3 times' 'to-file:only http:// and https://' 'none:answers 404'; do
    run 1 roots mirror web --from "$base/${bad%%:*}" --quiet && one_line "${bad#*:}"
    [ ! -e web ] && ok || fail "${bad%%:*}: a folder was made"
done

# An interrupted run goes on where it was.
run 0 roots mirror web --from "$base/ok"
victim=$(find web -name '*.crt' | head -1)
rm "$victim" web/authrootstl.cab
run 0 roots mirror web --from "$base/ok"
out_has 'certificates  1 fetched, 3 there already, 0 missing'

# Ctrl-C while a certificate comes: what came is kept, nothing half-done bears a name.
rm -rf web
mkdir web
ITSELF=1 "$rectify" roots mirror web --from "$base/first-then-slow" --quiet 2>err &
pid=$!
while kill -0 "$pid" && [ -z "$(ls web)" ]; do sleep 0.1; done
kill -INT "$pid" # to a program in Wine this is Ctrl-C
code=0
wait "$pid" || code=$?
[ "$code" -eq 130 ] && ok || fail "interrupted: exit code $code"
[ "$(ls web | wc -l)" -eq 1 ] && [ ! -e web/authrootstl.cab ] && ok || fail "interrupted: $(ls web)"
run 0 roots mirror web --from "$base/ok"
out_has 'certificates  3 fetched, 1 there already, 0 missing'
[ "$(find web -name '.*' -type f | wc -l)" -eq 0 ] && ok || fail "something temporary is left"

# Windows Update is the default, here by way of a proxy that is our own server.
proxy() {
    http_proxy=$base run 0 roots mirror wu
    err_has 'from http://ctldl.windowsupdate.com/msdownload/update/v3/static/trustedr/en'
    grep -q 'GET http://ctldl.windowsupdate.com/.*/authrootstl.cab - 200' "$work/lists/current.log" && ok || fail "the proxy was not asked"
    cmp -s wu/authrootstl.cab lists/current/authrootstl.cab && ok || fail "the proxy's list"
}
posix_only 'everybody is elevated in Wine, and an elevated run heeds no proxy of the environment' proxy
stop
finish
