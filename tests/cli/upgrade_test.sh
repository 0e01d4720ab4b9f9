#!/usr/bin/env bash
# upgrade.flag and upgrade.stage from the command line: a package comes from the administrator's own
# server with the policy's SHA-256 or not at all, and a receiver is told what is due.
. "$(dirname "$0")/lib.sh"

"$BUILD/mkhosts" hosts unpatched || exit 1
unset http_proxy HTTP_PROXY no_proxy NO_PROXY SUDO_UID
mkdir repository
head -c 300000 /dev/zero | tr '\0' 'p' >repository/VSE880P16.Zip
sum=$(sha256sum repository/VSE880P16.Zip | cut -d' ' -f1)
policy() { # SHA256
    cat >due.lua <<LUA
return policy {
  id = "due", title = "House rules",
  rule {
    id = "patch", title = "VirusScan Enterprise 8.8 Patch 16", severity = "high",
    want = product.version("mcafee.vse", at_least "8.8.0.2300"),
    repair = {
      upgrade { product = "mcafee.vse", to = "8.8.0.2300" },
      upgrade.stage { product = "mcafee.vse", to = "8.8.0.2300", package = "VSE880P16.Zip", sha256 = "$1" },
    },
  },
}
LUA
}
coproc server { exec python3 "$SOURCE/tests/http_server.py" "$work/repository" "$work/log"; }
read -r port <&"${server[0]}"
base=http://127.0.0.1:$port
# plan CODE SOURCE: with packages from there, and a place to stage.
plan() {
    local code=$1 from=$2
    rm -f plan*.json plan*.journal
    run "$code" plan --root hosts/unpatched --policy due.lua --set "upgrade.source=$from" \
        --set upgrade.stage=stage --set "upgrade.post=$base/flaky/due" --format json:plan.json
}

# Without a place to stage there is nothing to stage, and it is said.
policy "$sum"
run 4 plan --root hosts/unpatched --policy due.lua
out_has 'upgrade.stage'

# Planning neither contacts nor writes.
plan 4 "$base/cut"
[ ! -e stage ] && [ ! -e log ] && ok || fail "planning staged or fetched something"
json plan.json "[a['kind'] for a in d['actions']]" "['upgrade.flag', 'upgrade.stage']"

not_applied() {
    plan 4 "$base/ok"
    run 1 apply plan.json --root hosts/unpatched --allow upgrades
    one_line 'an offline Windows can only be written to from Linux'
    [ ! -e stage ] && [ ! -e log ] && [ ! -e plan.journal ] && ok || fail "a refused apply staged, fetched or noted something"
    run 0 apply plan.json --root hosts/unpatched --dry-run
}
linux='only Linux writes to an offline Windows'
apply_all() {
    # Applied: fetched in two pieces, verified, placed; the flag is in the registry, the receiver told.
    run 0 apply plan.json --root hosts/unpatched --allow upgrades
    out_has 'staged as'
    out_has 'not a PE file'
    cmp -s stage/VSE880P16.Zip repository/VSE880P16.Zip && ok || fail "the staged package"
    grep -q 'GET /cut/VSE880P16.Zip bytes=150000- 206' log && ok || fail "a cut package is resumed"
    [ "$(grep -c 'POST /flaky/due' log)" -eq 2 ] && ok || fail "a post is tried again"
    gzip -dc <repository/posted.1 >posted.json
    json posted.json '(d["schema"], d["product"], d["to"])' "('rectify.upgrade/1', 'mcafee.vse', '8.8.0.2300')"
    json posted.json 'd["plan"] == json.load(open("plan.json"))["digest"]' 'True'
    json repository/posted.1.json 'len(d["idempotency-key"])' '64'
    run 0 inspect hive hosts/unpatched/Windows/System32/config/SOFTWARE --key 'rectify\UpgradesDue' --format tsv
    out_has 'mcafee.vse'

    # What is staged and flagged is not done again; a patch that is due still fails.
    plan 2 "$base/ok"
    rm stage/VSE880P16.Zip
    plan 4 "$base/ok"
    json plan.json "[a['kind'] for a in d['actions']]" "['upgrade.stage']"

    # Nothing but the package gets its name.
    for bad in corrupt short always-cut broken none loop; do
        plan 4 "$base/$bad"
        code=0
        "$rectify" apply plan.json --root hosts/unpatched --allow upgrades >out 2>err </dev/null || code=$?
        last="apply with $bad"
        [ "$code" -ne 0 ] && ok || fail "$last: exit code 0"
        [ "$(find stage -type f | wc -l)" -eq 0 ] && ok || fail "$last: something is staged"
    done
    policy "$(printf '0%.0s' {1..64})"
    plan 4 repository
    run 1 apply plan.json --root hosts/unpatched --allow upgrades
    cat out err >both
    grep -q 'its SHA-256 is' both && ok || fail "a wrong SHA-256 is told"
}
posix_only "$linux" apply_all
windows_only not_applied

eval "exec ${server[1]}>&-"
wait "$server_PID" 2>/dev/null
finish
