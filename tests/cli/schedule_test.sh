#!/usr/bin/env bash
# Scheduled checks: command lines, what a run leaves, and on Linux the units, printed and installed.
# Tasks of Windows are the matter of tests/wine/schedule_test.sh.
. "${SOURCE:?}/tests/cli/lib.sh"

"$BUILD/mkhosts" hosts unpatched >/dev/null || exit 1
umask 022
host=$work/hosts/unpatched

# ---- command lines ------------------------------------------------------------------------------------

run 0 schedule --help && out_has 'install'
run 0 schedule install --help && out_has '--random-delay TIME'
run 0 schedule run --help && out_has '--results DIR'
run 64 schedule && [ ! -s out ] && ok || fail "schedule alone writes to stdout"
run 64 schedule instal && one_line 'unknown verb'
run 64 schedule install --print --root "$host" && one_line 'unknown option --root'
run 64 schedule install --print here -- --root "$host" && one_line 'behind --'
run 64 schedule install --print -- --root "$host" --polcy x && one_line 'did you mean --policy?'
run 64 schedule install --print -- --root "$host" here && one_line 'unexpected argument here'
for time in 24:00 03:60 3:00 03:0 0300 -1:00 03:00:00; do
    run 64 schedule install --print --time "$time" -- --root "$host" && one_line 'a time such as'
done
for delay in 25h 1441m 5 m -1m 1d ''; do
    run 64 schedule install --print --random-delay "$delay" -- --root "$host" && one_line 'up to a day'
done
for name in '' . ../x a/b 'a b' -x "$(printf 'x%.0s' $(seq 65))" a. 'ä' nul Con.x; do
    run 64 schedule install --print --name "$name" -- --root "$host" && one_line 'letters, digits'
done
run 64 schedule run --name nul -- --root "$host" && one_line 'no name of a device'
run 64 schedule install --print --keep 0 -- --root "$host" && one_line '1 to 10000'
run 1 schedule show --name none && one_line 'no schedule none'
run 1 schedule remove --name none && one_line 'no schedule none'

# ---- a run --------------------------------------------------------------------------------------------

reports() { (cd results && ls | tr '\n' ' '); }
written() { sed -n 's/.*, report //p' err | tr '\\' '/'; }
check=(--results results -- --root "$host" --only 'kb71083.vse-*')
run 2 schedule run "${check[@]}" && [ ! -s out ] && ok || fail "a run writes to stdout"
err_has 'rectify: check: exit 2, 2 fail, 0 pass, 0 unknown'
[ "$(wc -l <err)" -eq 1 ] && ok || fail "a run says more than a line: $(cat err)"
report=$(written)
[ "$report" = "results/$(reports | tr -d ' ')" ] && ok || fail "the line names $report"
json "$report" 'd["schema"], d["summary"]["fail"]' "('rectify.report/1', 2)"
private() {
    [ "$(stat -c %a results results/.lock "$report" | tr '\n' ' ')" = '700 600 600 ' ] && ok || fail 'others may read results'
}
posix_only 'modes of files' private
run 0 schedule run --results results -- --root "$host" --only system-log-capacity --set window_days=1 --format csv
out_has 'kb71083.system-log-capacity,' && err_has 'exit 0, 0 fail, 1 pass'
run 1 schedule run --results results -- --root none && err_has 'none'
run 64 schedule run --results results -- --rot none && one_line 'did you mean --root?'
run 64 schedule run --results results --root none && one_line 'unknown option'
run 64 schedule run --results results none && one_line 'behind --'
[ "$(reports | wc -w)" -eq 2 ] && ok || fail "runs that could not be left reports: $(reports)"

# Keeping: the oldest go, nothing else does, and never what this run wrote.
touch results/{20200101T000000.000Z.json,20200101T000000.001Z.json,note.json,20200101T000000.000Z.jsonx}
run 2 schedule run --keep 3 "${check[@]}"
[ "$(ls results | wc -l)" -eq 5 ] && ok || fail "kept: $(reports)"
[ ! -e results/20200101T000000.000Z.json ] && [ ! -e results/20200101T000000.001Z.json ] && ok || fail "the oldest stay: $(reports)"
touch results/99990101T000000.00{0,1,2}Z.json # a clock that was wrong
run 2 schedule run --keep 2 "${check[@]}"
[ -e "$(written)" ] && ok || fail "the run removed its own report: $(reports)"
[ "$(reports | wc -w)" -eq 4 ] && ok || fail "kept: $(reports)"

# What --format asks for cannot be written: the report is there all the same, and named.
run 1 schedule run "${check[@]}" --format csv:none/out.csv
err_has 'check: exit 1, ' && err_has 'none' && [ -s "$(written)" ] && ok || fail "$last: no report: $(cat err)"

# What could not be kept is no result.
run 1 schedule run --results none/results "${check[@]:2}" && one_line 'none'

# All that follows is systemd's, and root's: whatever a schedule uses must be.
if on_windows || [ "$(id -u)" -ne 0 ]; then
    not_root() {
        mkdir bin && cp "$rectify" bin/rectify && rectify=$work/bin/rectify
        run 1 schedule install --print -- --root "$host" && one_line 'must be root'
        skip 'units: needs root'
    }
    posix_only 'units of systemd' not_root
    finish
    exit
fi
before=$((passed + failed))
# Its own folder: nobody else may write the program that root would run.
mkdir bin && cp "$rectify" bin/rectify && rectify=$work/bin/rectify
rm -r results

# A results folder that others could put links into is refused.
mkdir results && chmod 777 results
run 1 schedule run "${check[@]}" && one_line 'others may write it'
chmod 700 results && mv results real && ln -s real results
run 1 schedule run "${check[@]}" && one_line 'results'
rm results

# ---- units --------------------------------------------------------------------------------------------

# Reads a unit by the rules of systemd.syntax(7), systemd.service(5) and systemd.unit(5), which the
# program does not use: it only writes.
cat >unit.py <<'PYTHON'
import re, sys

def words(text):
    out, word, inside, i = [], None, None, 0
    while i < len(text):
        c = text[i]
        if c == '\\':
            i += 1
            word = (word or '') + {'n': '\n', 't': '\t', 's': ' '}.get(text[i], text[i])
        elif inside:
            if c == inside:
                inside = None
            else:
                word += c
        elif c in '"\'':
            inside, word = c, word or ''
        elif c in ' \t':
            if word is not None:
                out.append(word)
            word = None
        else:
            word = (word or '') + c
        i += 1
    assert inside is None, 'a quote is open'
    return out if word is None else out + [word]

def specifiers(text):
    assert not re.search(r'%(?![%C])', text.replace('%%', '')), text
    return text.replace('%%', '%')

def variables(text):
    assert '$' not in text.replace('$$', ''), text
    return text.replace('$$', '$')

def read(text):
    section, found = None, {}
    for line in text.splitlines():
        if line.startswith('[') and line.endswith(']'):
            section = line
        elif line and line[0] not in '#;':
            name, value = line.split('=', 1)
            found.setdefault((section, name), []).append(value)
    return found

parts = re.split(r'(?m)^# (/etc/systemd/system/.*)\n', open(sys.argv[1], encoding='utf-8').read())
assert not parts[0]
units = {path.rsplit('.', 1)[1]: read(text) for path, text in zip(parts[1::2], parts[2::2])}
service, timer = units['service'], units['timer']

def command():
    first, *rest = words(service['[Service]', 'ExecStart'][0])
    return [specifiers(first)] + [variables(specifiers(word)) for word in rest]

def paths(section, name):
    return [specifiers(word) for value in service.get((section, name), []) for word in words(value)]
PYTHON
unit() { # unit EXPRESSION WANT
    local have
    have=$(python3 -c 'exec(open("unit.py").read()); print(eval(sys.argv[2]))' units.txt "$1" 2>&1)
    [ "$have" = "$2" ] && ok || fail "unit: $1 is $have, want $2"
}
verify() { # the units in units.txt, by systemd itself
    rm -rf verify && mkdir verify
    awk '/^# \/etc\/systemd\/system\//{f="verify/" substr($2, 21)} {print > f}' units.txt
    if ! command -v systemd-analyze >/dev/null; then
        skip 'systemd-analyze verify'
        return
    fi
    systemd-analyze verify --man=no verify/* >verify.txt 2>&1 && [ ! -s verify.txt ] && ok ||
        fail "systemd-analyze verify: $(cat verify.txt)"
}

run 0 schedule install --print -- --root hosts/../hosts/unpatched --only 'kb71083.*' --quiet && cp out units.txt
verify
unit 'command()[1:9]' "['schedule', 'run', '--name', 'check', '--keep', '30', '--', '--root']"
unit 'command()[0]' "$rectify"
unit 'command()[9:]' "['$host', '--only', 'kb71083.*', '--quiet']"
unit 'paths("[Unit]", "RequiresMountsFor")' "['$host']"
unit 'timer["[Timer]", "OnCalendar"], timer["[Timer]", "RandomizedDelaySec"], timer["[Timer]", "Persistent"]' \
    "(['*-*-* 03:00:00'], ['60min'], ['true'])"
unit 'service["[Service]", "StateDirectory"], service["[Service]", "StateDirectoryMode"]' "(['rectify/results/check'], ['0700'])"
unit '[service["[Service]", name] for name in ("Type", "NoNewPrivileges", "ProtectSystem", "PrivateNetwork")]' \
    "[['oneshot'], ['yes'], ['strict'], ['yes']]"

odd=$work/$'odd %h $HOME ${PATH} "q" \'s\' \\n\\ ; & < > 日本'
mkdir "$odd" && cp -r hosts/unpatched "$odd/h"
cd "$odd" || exit 1
run 0 schedule install --print --name a.b-c_1 --time 23:59 --random-delay 0 --keep 7 -- \
    --root h --format $'csv:\'%i;"$X".csv' --cache "c c" --set latest_patch=8.8.0.2300
cd "$work" && cp out units.txt && verify
python3 - "$rectify" "$odd" <<'PYTHON' && ok || fail "hostile words do not come back as they were"
import sys
rectify, odd = sys.argv[1:]
sys.argv = ['', 'units.txt']
exec(open('unit.py').read())
want = [rectify, 'schedule', 'run', '--name', 'a.b-c_1', '--keep', '7', '--', '--root', odd + '/h',
        '--format', 'csv:' + odd + '/\'%i;"$X".csv', '--cache', odd + '/c c', '--set', 'latest_patch=8.8.0.2300']
assert command() == want, (command(), want)
assert paths('[Unit]', 'RequiresMountsFor') == [odd + '/h']
assert paths('[Service]', 'ReadWritePaths') == ['-' + odd, '-' + odd + '/c c']
assert timer['[Timer]', 'OnCalendar'] == ['*-*-* 23:59:00']
assert timer['[Timer]', 'RandomizedDelaySec'] == ['0min']
PYTHON

run 64 schedule install --print && one_line 'name no target'
run 64 schedule install --print -- --root "$host" --archive x.zip && one_line 'exclude each other'
run 64 schedule install --print -- --root "$host" --only no-such-rule && one_line 'no-such-rule'
run 64 schedule install --print -- --root "$host" --set no_such=1 && one_line 'no_such'
run 1 schedule install --print -- --root "$host" --policy none.lua && one_line 'none.lua'
run 64 schedule install --print -- --root "$host" --format $'csv:a\nb' && one_line 'control characters'
run 64 schedule install --print -- --root "$host" --format $'csv:a\x1bb' && one_line 'control characters'
run 64 schedule install --print -- --root "$host" --format $'csv:a\xffb' && one_line 'not UTF-8'

# A program in such a folder: systemd itself looks whether what it understands is there.
rectify=$work/$'% %h $HOME ${PATH} ; & < > 日本/rectify' && mkdir "${rectify%/*}" && cp bin/rectify "$rectify"
run 0 schedule install --print -- --root "$host" && cp out units.txt && verify
unit 'command()[0]' "$rectify"
rectify=$odd/rectify && cp bin/rectify "$rectify"
run 64 schedule install --print -- --root "$host" && one_line 'quotes or backslashes'
rectify=$work/bin/rectify

# ---- what others can write ----------------------------------------------------------------------------

mkdir site site/more
cat >site/own.lua <<'LUA'
return policy { id = "own", title = "Own", rule { id = "key", title = "Key", severity = "low",
  want = registry.key [[HKLM\SOFTWARE\Microsoft]] } }
LUA
cp site/own.lua site/more/other.lua && sed -i 's/"own"/"other"/' site/more/other.lua
echo 'return profile { title = "Site", rules = { only = { "own.*" } } }' >site/site.lua
echo '{"own": {}}' >site/inputs.json
echo '{"schema": "rectify.waivers/1", "waivers": []}' >site/waivers.json
ln -s site link
ask=(schedule install --print -- --root "$host" --policy link --profile site/site.lua --inputs site/inputs.json
    --waivers site/waivers.json)
mkdir policies && mv site/own.lua site/more policies/ && rm link && ln -s policies link
run 0 "${ask[@]}" && cp out units.txt
unit 'command()[10:]' "['--policy', '$work/policies', '--profile', '$work/site/site.lua', '--inputs', '$work/site/inputs.json', '--waivers', '$work/site/waivers.json']"
refused() { # refused MODE PATH WORDS
    local mode
    mode=$(stat -c %a "$2")
    chmod "$1" "$2"
    run 1 "${ask[@]}" && one_line "$3"
    chmod "$mode" "$2"
}
chown 0:100 policies/more/other.lua site/waivers.json
refused 664 policies/more/other.lua 'its group may write it'
refused 664 site/waivers.json 'its group may write it'
refused 666 site/inputs.json 'everybody may write it'
refused 777 site 'everybody may write it'
refused 777 policies/more 'everybody may write it'
refused 777 bin 'everybody may write it'
refused 757 bin/rectify 'everybody may write it'
refused 777 . 'everybody may write it'
chown 65534 site/site.lua
run 1 "${ask[@]}" && one_line 'belongs to user 65534'
chown 0 site/site.lua
chown 65534 bin
run 1 "${ask[@]}" && one_line 'belongs to user 65534'
chown 0 bin
run 0 "${ask[@]}"
# An access list that lets user 65534 write a file of root's: its mode is 664, its group root.
cp site/inputs.json listed.json
if python3 - listed.json 2>/dev/null <<'PYTHON'; then
import os, struct, sys
entries = [(1, 6, 0xffffffff), (2, 6, 65534), (4, 4, 0xffffffff), (16, 6, 0xffffffff), (32, 4, 0xffffffff)]
os.setxattr(sys.argv[1], 'system.posix_acl_access', struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *e) for e in entries))
PYTHON
    run 1 schedule install --print -- --root "$host" --inputs listed.json && one_line 'others on its access list may write it'
else
    skip 'access lists: this file system has none'
fi
chmod 664 site/inputs.json
run 0 "${ask[@]}" # its group is root's
chmod 644 site/inputs.json
run 0 schedule install --print -- --root "$host" --profile quick && cp out units.txt
unit 'command()[-2:]' "['--profile', 'quick']"

# ---- one at a time ------------------------------------------------------------------------------------

# The first one is held while it writes a report into a pipe that nobody reads: it has the lock from
# before its first byte.
cat >two.py <<'PYTHON'
import fcntl, os, signal, subprocess, sys
rectify, host = sys.argv[1:]
def start(name, **more):
    return subprocess.Popen([rectify, 'schedule', 'run', '--name', name, '--results', 'results-' + name,
                             '--', '--root', host, '--format', 'json'], stderr=subprocess.PIPE, **more)
def held():
    r, w = os.pipe()
    fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
    child = start('one', stdout=w)
    os.close(w)
    assert os.read(r, 1), 'it wrote nothing'
    return child, r
def second(name, want):
    child = start(name, stdout=subprocess.DEVNULL)
    said = child.communicate()[1].decode()
    assert child.returncode == want, (name, child.returncode, said)
    return said
first, r = held()
said = second('one', 75)
assert said.count('\n') == 1 and 'still going' in said and 'results-one/.lock' in said, said
second('two', 2)                      # another schedule
first.send_signal(signal.SIGKILL)
first.wait()
os.close(r)
second('one', 2)                      # the lock went with the process
first, r = held()
second('one', 75)
rest = open(r, 'rb').read()           # now it goes on
assert first.wait() == 2 and rest.endswith(b'}\n'), rest[-20:]
second('one', 2)
# The killed run had kept its report already, as every other one but those that were refused.
have = sorted(os.listdir('results-one'))
assert len([n for n in have if n.endswith('.json')]) == 4 and len(have) == 5, have
PYTHON
python3 two.py "$rectify" "$host" && ok || fail 'two runs at once'

# ---- install ------------------------------------------------------------------------------------------

# In a mount namespace of its own, where systemctl is a script that notes what it is asked.
cat >systemctl <<'BASH'
#!/bin/bash
printf '%s|' "$@" >>/run/systemd/said; echo >>/run/systemd/said
env | grep -q '^SECRET=' && echo leaked >>/run/systemd/said
case $* in
"show "*ActiveState) echo "ActiveState=$(cat /run/systemd/state)" ;;
"show "*.timer*) printf 'LastTriggerUSec=\nNextElapseUSecRealtime=tomorrow\nActiveState=active\n' ;;
"show "*.service*) printf 'Result=exit-code\nExecMainStatus=2\n' ;;
"enable "*) exit "$(cat /run/systemd/code)" ;;
"disable "*) [ -e "/etc/systemd/system/$3" ] ;;
esac
BASH
chmod 755 systemctl
cat >namespace.sh <<'BASH'
set -eu
mkdir -p /run/systemd
mount -t tmpfs none /run/systemd
mkdir /run/systemd/system
mkdir -p /etc/systemd/system
mount -t tmpfs -o mode=755 none /etc/systemd/system
[ -e /usr/bin/systemctl ]
mount --bind "$work/systemctl" /usr/bin/systemctl
echo active >/run/systemd/state
echo 0 >/run/systemd/code
export SECRET=1
BASH
if work=$work unshare -m bash -c '. "$work/namespace.sh"' 2>/dev/null; then
    export work rectify host BUILD
    cat >inside.sh <<'BASH'
. "$work/namespace.sh"
cd "$work"
r() { local want=$1 code=0; shift; "$rectify" "$@" >out 2>err || code=$?; [ "$code" = "$want" ] || { echo "$*: exit $code, want $want"; cat err; exit 1; }; }
said() { diff -u - /run/systemd/said; : >/run/systemd/said; }
units=/etc/systemd/system
r 0 schedule install --print -- --root "$host"
cp out printed
[ ! -e $units/rectify-check.timer ] && [ ! -e /run/systemd/said ]
r 0 schedule install -- --root "$host"
grep -q '^installed ' out
said <<'SAID'
daemon-reload|
enable|rectify-check.timer|
restart|rectify-check.timer|
show|rectify-check.timer|--property=ActiveState|
SAID
{ echo "# $units/rectify-check.service"; cat $units/rectify-check.service; echo
  echo "# $units/rectify-check.timer"; cat $units/rectify-check.timer; } | diff printed -
[ "$(stat -c %a $units/rectify-check.service)" = 644 ]
r 0 schedule install --time 04:30 --name other -- --root "$host"
grep -q '04:30' $units/rectify-other.timer
: >/run/systemd/said
r 0 schedule show
diff - <(head -n 7 out) <<'SHOWN'
last run   -
next run   tomorrow
timer      active
result     exit-code
exit code  2
results    /var/lib/rectify/results/check
newest     none
SHOWN
grep -q '^ExecStart=' out && grep -q '^newest     none' out
: >/run/systemd/said
r 0 schedule remove
said <<'SAID'
disable|--now|rectify-check.timer|
daemon-reload|
SAID
grep -q 'its results stay' out
[ "$(ls $units)" = "$(printf 'rectify-other.service\nrectify-other.timer')" ]
r 1 schedule show
# What is left of an installation that failed half-way can be removed.
cp $units/rectify-other.service $units/rectify-half.service
: >/run/systemd/said
r 0 schedule remove --name half
said <<'SAID'
daemon-reload|
SAID
[ ! -e $units/rectify-half.service ]
# Success is what systemd says it is.
echo failed >/run/systemd/state
r 1 schedule install -- --root "$host"
grep -q 'systemd says ActiveState=failed' err && [ "$(wc -l <err)" = 1 ] && [ ! -s out ]
echo 5 >/run/systemd/code
r 1 schedule install -- --root "$host"
grep -q 'systemctl enable ended with 5' err
rmdir /run/systemd/system
r 1 schedule install -- --root "$host"
grep -q 'systemd does not run here' err && diff printed out
echo inside: all passed
BASH
    code=0
    unshare -m bash inside.sh >inside.txt 2>&1 || code=$?
    [ "$code" -eq 0 ] && [ "$(tail -n 1 inside.txt)" = 'inside: all passed' ] && ok || fail "install: $(tail -n 20 inside.txt)"
else
    skip 'install: needs a mount namespace'
    run 1 schedule install -- --root "$host" && out_has '[Timer]' && err_has 'not installed'
fi
checks_posix=$((checks_posix + passed + failed - before))
finish
