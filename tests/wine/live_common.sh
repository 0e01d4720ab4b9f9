# Sourced by the live tests after session.sh: rectify and an independent program in the session, which
# says what all of HKEY_LOCAL_MACHINE holds.
# shellcheck disable=SC2154
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

live_begin() {
    session_begin
    cd "$work" || exit 1
    x86_64-w64-mingw32-gcc -municode -O1 -o probe.exe "$here/probe.c" -lcrypt32
}

rectify() { wine "${RECTIFY_EXE:-$exe}" "$@" </dev/null; }

code_of() { # code_of COMMAND...: its exit code, output in out and err
    local code=0
    "$@" >out 2>err || code=$?
    echo "$code"
}

probe() { # probe VERB ...: what probe.c prints; a run that did not come to its end is none
    wine probe.exe "$@" </dev/null 2>probe.err | tr -d '\r' >probe.out
    [ "$(tail -n 1 probe.out)" = end ] || { echo "FAILED: probe $*: $(cat probe.err)" >&2; exit 1; }
    sed '$d' probe.out
}

hklm() { # hklm DUMP: all of it, as another program reads it now
    probe values SOFTWARE SYSTEM HARDWARE >"$1"
}

# value KEY NAME: as it lies in Wine's own file, which is written when the session ends.
value() { python3 "$here/hklm.py" value prefix/system.reg "$1" "$2"; }

# Verdicts of the check REPORT beside those that PLAN predicted.
predicted() {
    python3 - "$1" "$2" <<'PYTHON'
import json, sys
plan, report = (json.load(open(p, encoding='utf-8')) for p in sys.argv[1:3])
found = {r['rule']: r['verdict'] for r in report['results']}
wrong = [(p['rule'], p['then'], found.get(p['rule'])) for p in plan['predictions']
         if found.get(p['rule']) != p['then']]
print(wrong if wrong or not plan['predictions'] else 'as predicted')
PYTHON
}

# cycle NAME ALLOW OPTION...: plan, apply, check, undo; the registry before, between and after in
# NAME.before, NAME.applied and NAME.undone.  `between` may be a function that looks in between; PLAN_ONLY
# holds options that check has not, ALLOWED differences that are not ours (RE=WHY).
cycle() {
    local name=$1 allow=$2
    shift 2
    same "$name: plan" 4 "$(code_of rectify plan "$@" "${PLAN_ONLY[@]}" --format "json:$name.json")"
    hklm "$name.before"
    same "$name: apply" 0 "$(code_of rectify apply "$name.json" --allow "$allow")"
    same "$name: applied and verified" 1 "$(grep -c '^applied and verified' out)"
    hklm "$name.applied"
    same "$name: what was changed" "as planned" "$(differences planned "$name.json" \
        "$name.before" "$name.applied")"
    code_of rectify check "$@" --format "json:$name.check.json" >/dev/null
    same "$name: verdicts" "as predicted" "$(predicted "$name.json" "$name.check.json")"
    ! declare -F between >/dev/null || between
    same "$name: undo" 0 "$(code_of rectify undo "C:\\ProgramData\\rectify\\$name.journal")"
    hklm "$name.undone"
    same "$name: what undo left" nothing "$(differences differ "$name.before" "$name.undone")"
}
ALLOWED=() PLAN_ONLY=()

# differences VERB ...: hklm.py, less what Wine writes itself while a session starts.
differences() {
    python3 "$here/hklm.py" "$@" "${ALLOWED[@]}" \
        'HARDWARE(\\.*)?$=devices' \
        'SYSTEM\\CurrentControlSet\\(Enum|Hardware Profiles)(\\.*)?$=devices' \
        'SYSTEM\\CurrentControlSet\\Control\\ServiceCurrent$=services that start' \
        'SYSTEM\\CurrentControlSet\\Services\\[^\\]*\\Enum$=devices' \
        'SYSTEM\\CurrentControlSet\\Control\\(Class|DeviceClasses|GraphicsDrivers|Network|Video)(\\.*)?$=devices'
}
