#!/usr/bin/env bash
# schedule_test.sh RECTIFY_EXE: schedules on Windows as far as Wine goes.  Its Task Scheduler keeps a
# task but loses its action, and its event log writes nothing: what is shown here is the task's XML,
# that the words in it come back as they were, that an installation which cannot be read back is no
# success, the source of the event log, and what runs leave.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
exe=$1 here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/session.sh"
session_begin
cd "$work"

# The folder of the program is looked at as well: nobody else may write there.
umask 022
home="prefix/drive_c/Program Files/rectify"
mkdir -p "$home"
cp "$exe" "$home/rectify.exe"
rectify() { wine 'C:\Program Files\rectify\rectify.exe' "$@" </dev/null; }
code_of() { # code_of COMMAND...: its exit code, output in out and err
    local code=0
    "$@" >out 2>err || code=$?
    echo "$code"
}

# Starts a command line that lies in a file, in UTF-16, as Task Scheduler starts a task's.
cat >launch.c <<'C'
#include <stdio.h>
#include <windows.h>
int wmain(int argc, wchar_t **argv)
{
    static wchar_t line[32768];
    STARTUPINFOW start = {sizeof start};
    PROCESS_INFORMATION made;
    DWORD code = 99;
    FILE *f = argc == 2 ? _wfopen(argv[1], L"rb") : NULL;
    if (!f || !fread(line, sizeof *line, 32767, f))
        return 98;
    if (!CreateProcessW(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &start, &made))
        return 97;
    WaitForSingleObject(made.hProcess, INFINITE);
    GetExitCodeProcess(made.hProcess, &code);
    return (int)code;
}
C
cat >words.c <<'C'
#include <stdio.h>
#include <wchar.h>
int wmain(int argc, wchar_t **argv)
{
    for (int i = 1; i < argc; i++) {
        for (const wchar_t *c = argv[i]; *c; c++)
            printf("%04x", (unsigned)*c);
        printf("\n");
    }
    return argc - 1;
}
C
for name in launch words; do
    x86_64-w64-mingw32-gcc -municode -o $name.exe $name.c
done

# ---- the texts of the event log ------------------------------------------------------------------------

# The message table in the executable, beside its source: [MS-DTYP] and PE resources are read here.
same "message table" same "$(python3 - "$exe" "$here" <<'PYTHON'
import re, struct, sys
sys.path.insert(0, sys.argv[2])
from import_audit import Image, RESOURCES
with open(sys.argv[1], 'rb') as f:
    image = Image(f.read())
base = image.offset(image.folders[RESOURCES][0])
def entries(at):
    named, numbered = struct.unpack_from('<HH', image.data, at + 12)
    return {image.u32(at + 16 + 8 * i): image.u32(at + 20 + 8 * i) for i in range(named + numbered)}
at = entries(base)[11]
for _ in range(2):                       # type, name, language
    (at,) = entries(base + (at & 0x7FFFFFFF)).values()
start, size = struct.unpack_from('<II', image.data, base + at)
start = image.offset(start)
have = {}
for i in range(image.u32(start)):
    low, high, place = struct.unpack_from('<III', image.data, start + 4 + 12 * i)
    for number in range(low, high + 1):
        length, kind = struct.unpack_from('<HH', image.data, start + place)
        assert kind == 1                 # UTF-16
        have[number] = image.data[start + place + 4:start + place + length].decode('utf-16-le').rstrip('\0')
        place += length
severity = {'Informational': 1, 'Warning': 2, 'Error': 3}
with open(sys.argv[2] + '/../../cmake/windows/events.mc', encoding='ascii') as f:
    want = {severity[level] << 30 | int(number): text + '\n' for number, level, text in re.findall(
        r'MessageId=(\d+)\nSeverity=(\w+)\nSymbolicName=\w+\nLanguage=English\n(.*)\n\.\n', f.read())}
print('same' if have == want and len(want) == 5 and set(want.values()) == {'%1\n'} else (have, want))
PYTHON
)"

# ---- the task -------------------------------------------------------------------------------------------

# task CHECK-ARGUMENT...: the task's XML compared with what it should be, element by element; prints
# its command line into line.utf16, with words.exe in place of rectify into words.utf16.
task() {
    python3 - "$@" <<'PYTHON'
import sys
import xml.etree.ElementTree as ET
with open('out', 'rb') as f:
    text = f.read()
text.decode('ascii')
space = '{http://schemas.microsoft.com/windows/2004/02/mit/task}'
def flat(e, path=''):
    path += '/' + e.tag.removeprefix(space)
    assert e.tag.startswith(space) and not (len(e) and e.text.strip()), path
    for name, value in e.attrib.items():
        yield path + '@' + name, value
    if not len(e):
        yield path, e.text
    for child in e:
        yield from flat(child, path)
have = dict(flat(ET.fromstring(text)))
command, arguments = (have.pop('/Task/Actions/Exec/' + name) for name in ('Command', 'Arguments'))
assert command == '"C:\\Program Files\\rectify\\rectify.exe"', command
name, time, delay, keep = sys.argv[1:5]
want = {
    '/Task@version': '1.2',
    '/Task/RegistrationInfo/Author': 'rectify',
    '/Task/RegistrationInfo/Description': 'rectify: daily compliance check',
    '/Task/RegistrationInfo/URI': '\\rectify\\' + name,
    '/Task/Triggers/CalendarTrigger/StartBoundary': f'2024-01-01T{time}:00',
    '/Task/Triggers/CalendarTrigger/Enabled': 'true',
    '/Task/Triggers/CalendarTrigger/RandomDelay': delay,
    '/Task/Triggers/CalendarTrigger/ScheduleByDay/DaysInterval': '1',
    '/Task/Principals/Principal@id': 'Author',
    '/Task/Principals/Principal/UserId': 'S-1-5-18',
    '/Task/Principals/Principal/RunLevel': 'HighestAvailable',
    '/Task/Settings/MultipleInstancesPolicy': 'IgnoreNew',
    '/Task/Settings/DisallowStartIfOnBatteries': 'false',
    '/Task/Settings/StopIfGoingOnBatteries': 'false',
    '/Task/Settings/AllowHardTerminate': 'true',
    '/Task/Settings/StartWhenAvailable': 'true',
    '/Task/Settings/RunOnlyIfNetworkAvailable': 'false',
    '/Task/Settings/AllowStartOnDemand': 'true',
    '/Task/Settings/Enabled': 'true',
    '/Task/Settings/Hidden': 'false',
    '/Task/Settings/RunOnlyIfIdle': 'false',
    '/Task/Settings/WakeToRun': 'false',
    '/Task/Settings/ExecutionTimeLimit': 'PT4H',
    '/Task/Settings/Priority': '7',
    '/Task/Actions@Context': 'Author',
}
if not delay:
    del want['/Task/Triggers/CalendarTrigger/RandomDelay']
assert have == want, (have, want)
for name, program in (('line', command), ('words', '"words.exe"')):
    with open(name + '.utf16', 'wb') as f:
        f.write((program + ' ' + arguments).encode('utf-16-le'))
with open('want.hex', 'w', encoding='ascii') as f:
    for word in ['schedule', 'run', '--name', sys.argv[1], '--keep', keep, '--', *sys.argv[5:]]:
        f.write(''.join(f'{ord(c):04x}' for c in word) + '\n')
print('as wanted')
PYTHON
}
words() { # the words that a program gets which is started with the task's command line
    same "how many words: $1" "$(wc -l <want.hex)" "$(code_of wine launch.exe words.utf16)"
    same "the words: $1" "" "$(tr -d '\r' <out | diff want.hex - | head -n 3)"
}

same "print" 0 "$(code_of rectify schedule install --print -- --only 'windows-trust.*')"
same "the task" 'as wanted' "$(task check 03:00 PT60M 30 --only 'windows-trust.*')"
words plain
same "a run by the task's command line" 3 "$(code_of wine launch.exe line.utf16)"
same "its line" 1 "$(grep -c '^rectify: check: exit 3, .* report C:\\ProgramData\\rectify\\results\\check\\2' err)"
report=$(sed -n 's/.*, report C:\\\(.*\)/prefix\/drive_c\/\1/p' err | tr -d '\r' | tr '\\' '/')
same "its report" rectify.report/1 "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1], encoding="utf-8"))["schema"])' "$report")"

# Words that mean something to XML, to the C library, to Task Scheduler or to cmd.
hostile=(--set 'mirrors=a & <b> "c" '\''d'\'' %TEMP\日本\\e\ "^|>x' --set 'windows-trust.expected_roots="\\"\' --set 'mirrors='
    --only 'kb71083.*' --only 'kb?1083.vse-*' --only 'windows-trust.*' --set 'mirrors=\\' --set 'mirrors=\" *')
same "print hostile words" 0 "$(code_of rectify schedule install --print --name a.b-c_1 --time 23:59 --random-delay 0 --keep 7 -- "${hostile[@]}")"
same "the task with hostile words" 'as wanted' "$(task a.b-c_1 23:59 '' 7 "${hostile[@]}")"
words hostile

same "what Task Scheduler would replace" 64 "$(code_of rectify schedule install --print -- --set 'latest_patch=%TEMP%')"
same "says why" 1 "$(grep -c 'between two % signs' err)"
same "what it would replace, too" 64 "$(code_of rectify schedule install --print -- --set 'mirrors=$(Arg0)')"
same "a line break" 64 "$(code_of rectify schedule install --print -- --format $'csv:a\nb')"
same "--complete without a target" 64 "$(code_of rectify schedule install --print -- --complete)"
same "a rule that is not there" 64 "$(code_of rectify schedule install --print -- --only no-such-rule)"

# ---- what others can write ------------------------------------------------------------------------------

chmod 777 "$home"
same "a folder that others may write" 1 "$(code_of rectify schedule install --print)"
same "which one" 1 "$(grep -c 'C:\\Program Files\\rectify: others than Administrators may write it' err)"
chmod 755 "$home" && chmod 777 "prefix/drive_c/Program Files"
same "the folder above" 1 "$(code_of rectify schedule install --print)"
chmod 755 "prefix/drive_c/Program Files" && chmod 777 "$home/rectify.exe"
same "the program itself" 1 "$(code_of rectify schedule install --print)"
chmod 755 "$home/rectify.exe"
same "and none of them" 0 "$(code_of rectify schedule install --print)"
# All files are the user's here, which SYSTEM would not believe.
echo '{}' >prefix/drive_c/inputs.json
same "a file that is the user's own" 1 "$(code_of rectify schedule install --print -- --inputs 'C:\inputs.json')"
same "what to do" 1 "$(grep -c 'C:\\inputs.json: does not belong to Administrators' err)"

# ---- install and remove ---------------------------------------------------------------------------------

source='HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\rectify'
registered() { wine reg query "$source" 2>/dev/null | tr -d '\r' | sed -n 's/^ *\(EventMessageFile\|TypesSupported\) *REG_[A-Z_]* *//p' | tr '\n' ' '; }
task_file=prefix/drive_c/windows/system32/tasks/rectify/check
same "no source yet" "" "$(registered)"
same "install" 1 "$(code_of rectify schedule install)"
same "no success is claimed" "" "$(cat out)"
same "one line" 1 "$(grep -c 'not installed: Task Scheduler: cannot read the task' err)"
same "the source" 'C:\Program Files\rectify\rectify.exe 0x7 ' "$(registered)"
same "the task" "rectify/check" "$(cd "${task_file%/rectify/check}" && find . -type f | cut -c3-)"
same "remove" 0 "$(code_of rectify schedule remove)"
same "what is removed" 2 "$(grep -c '^removed ' out)"
same "the source is gone" "" "$(registered)"
same "the task is gone" "" "$([ ! -e "$task_file" ] || echo there)"
same "the results stay" yes "$([ -e "$report" ] && echo yes)"
same "remove again" 1 "$(code_of rectify schedule remove)"
same "show what is not there" 1 "$(code_of rectify schedule show)"
# The source goes with the last of two.  Rights of folders are not to be had here, so the second one
# is refused; it is put there by hand.
same "install" 1 "$(code_of rectify schedule install)"
same "one beside it" 1 "$(code_of rectify schedule install --name other)"
same "why" 1 "$(grep -c 'cannot set the rights of the folder' err)"
cp "$task_file" "${task_file%/*}/other"
same "remove one of two" "0 1" "$(code_of rectify schedule remove) $(grep -c '^removed ' out)"
same "the source stays" 'C:\Program Files\rectify\rectify.exe 0x7 ' "$(registered)"
same "remove the other" "0 2" "$(code_of rectify schedule remove --name other) $(grep -c '^removed ' out)"

# ---- runs -----------------------------------------------------------------------------------------------

results=prefix/drive_c/ProgramData/rectify/results/two
check=(--only 'windows-trust.*')
for i in 1 2 3; do
    same "run $i" 3 "$(code_of rectify schedule run --name two --keep 2 -- "${check[@]}")"
done
same "two are kept" 2 "$(ls $results | wc -l)"
same "the newest one" 1 "$(grep -c "$(ls $results | tail -n 1)" err)"
same "results are not for others" "0 0 0" "$(stat -c %a $results $results/.. $results/../.. | sed 's/.*\(.\)/\1/' | tr '\n' ' ' | sed 's/ $//')"

# The first one is held while it writes a report into a pipe that nobody reads: it has the lock from
# before its first byte.  How soon a killed one's lock is free is the server's matter.
cat >two.py <<'PYTHON'
import fcntl, os, signal, subprocess
def start(name, **more):
    return subprocess.Popen(['wine', r'C:\Program Files\rectify\rectify.exe', 'schedule', 'run', '--name', name,
                             '--', '--only', 'windows-trust.*', '--format', 'json'],
                            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
def held():
    r, w = os.pipe()
    fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
    child = start('one', stdout=w)
    os.close(w)
    assert os.read(r, 1), 'it wrote nothing'
    return child, r
def second(name):
    child = start(name, stdout=subprocess.DEVNULL)
    said = child.communicate()[1].decode()
    return child.returncode, said
first, r = held()
code, said = second('one')
assert code == 75 and said.count('\n') == 1 and 'still going' in said and 'results\\one\\.lock' in said, (code, said)
assert second('two')[0] == 3                     # another schedule
first.send_signal(signal.SIGKILL)
first.wait()
os.close(r)
assert any(second('one')[0] == 3 for _ in range(100)), 'the lock of a killed run stays'
first, r = held()
assert second('one')[0] == 75
rest = open(r, 'rb').read()                      # now it goes on
assert first.wait() == 3 and rest.endswith(b'}\n'), rest[-20:]
assert second('one')[0] == 3
print('one at a time')
PYTHON
same "two at once" 'one at a time' "$(python3 two.py 2>&1 | tail -n 1)"
same "a target that is not there" 1 "$(code_of rectify schedule run --name two -- --root 'C:\none')"
same "wrong arguments" 64 "$(code_of rectify schedule run --name two -- --rot x)"
finish 53
