#!/usr/bin/env bash
# startup.sh RECTIFY_EXE MKHOSTS [RUNS]: how much longer than an empty program rectify.exe takes to its
# first fact, a value of a sample host's registry, under Wine.  Both in turn, RUNS (31) times each; medians
# and least, and the processor time of the program itself, which other load on the machine changes less.
# It is a measurement, no test: it fails only if a program does not do what is measured.
set -euo pipefail
exe=$(realpath "$1") mkhosts=$(realpath "$2") runs=${3:-31}
. "$(dirname "${BASH_SOURCE[0]}")/session.sh"
session_begin
cd "$work"
"$mkhosts" hosts unpatched >/dev/null
printf 'int main(void) { return 0; }\n' >empty.c
x86_64-w64-mingw32-gcc -O2 -s -o empty.exe empty.c
cp "$exe" rectify.exe
hive=$(find hosts -iname SOFTWARE)
python3 - "$runs" "$hive" <<'PYTHON'
import resource, statistics, subprocess, sys, time
runs, hive = int(sys.argv[1]), sys.argv[2]
KEY = r'Microsoft\Windows NT\CurrentVersion'
COMMANDS = {
    'empty program': (['wine', 'empty.exe'], b''),
    'one key of a hive': (['wine', 'rectify.exe', 'inspect', 'hive', hive, '--key', KEY], b'CurrentBuild'),
    'facts of a host': (['wine', 'rectify.exe', 'facts', '--root', 'hosts/unpatched'], b'VirusScan'),
}
wall, cpu = ({name: [] for name in COMMANDS} for _ in range(2))


def used():
    u = resource.getrusage(resource.RUSAGE_CHILDREN)
    return u.ru_utime + u.ru_stime


for _ in range(runs):
    for name, (command, wanted) in COMMANDS.items():
        cpu_start, start = used(), time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=True)
        wall[name].append(1000 * (time.perf_counter() - start))
        cpu[name].append(1000 * (used() - cpu_start))
        assert wanted in done.stdout, (name, done.stdout[:200])
print(f'{"ms, " + str(runs) + " runs":20}' + ''.join(
    f'{title:>12}' for title in ('median', 'more', 'least', 'more', 'cpu', 'more')))
base = 'empty program'
for name in COMMANDS:
    row = []
    for of, all_of_it in (statistics.median, wall), (min, wall), (statistics.median, cpu):
        row += [of(all_of_it[name]), of(all_of_it[name]) - of(all_of_it[base])]
    print(f'{name:20}' + ''.join(f'{value:12.1f}' for value in row))
PYTHON
