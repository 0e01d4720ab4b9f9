#!/usr/bin/env bash
# live_folder_test.sh RECTIFY_EXE RECTIFY_OWNERS_EXE: where journals of live changes go, and that nothing
# is written when they cannot; which access lists are believed; and that a DLL beside the program is
# not loaded.
# shellcheck disable=SC2154
set -euo pipefail
exe=$1 owners=$2
. "$(dirname "${BASH_SOURCE[0]}")/session.sh"
. "$(dirname "${BASH_SOURCE[0]}")/live_common.sh"
live_begin

# Access lists that Windows' files have and Wine's have not, by the code that judges them.
same "access lists" "0 38 right, 0 wrong end" "$(code_of wine "$owners") $(tr -d '\r' <out | tr '\n' ' ' | sed 's/ $//')"

cat >one.lua <<'LUA'
return policy { id = "one", title = "One", references = { "O" },
  rule { id = "r", title = "r", severity = "low", references = { "O" },
    want = registry.value([[HKLM\SOFTWARE\Example]], "Value", dword(5)), repair = enforce() },
}
LUA
same "plan" 4 "$(code_of rectify plan --policy one.lua --format json:one.json)"
chmod 644 one.json
data=prefix/drive_c/ProgramData
[ -d "$data" ] || mkdir "$data"
refused() { # refused WHAT WORDS ARGUMENT...: in one line, with nothing written
    local what=$1 words=$2
    shift 2
    same "$what: exit code" 1 "$(code_of rectify "$@")"
    same "$what: one line" "1 0" "$(wc -l <err) $(wc -c <out)"
    same "$what: $words" yes "$(grep -qF -- "$words" err && echo yes || head -c 200 err)"
    same "$what: nothing was written" '' "$(probe values 'SOFTWARE\Example')"
}
apply=(apply one.json --allow registry)

: >"$data/rectify"
refused "a file is in the folder's place" 'is not a folder' "${apply[@]}"
rm "$data/rectify"
mkdir -m 777 "$data/rectify"
refused "a folder that others may write" 'others than Administrators may write it' "${apply[@]}"
same "nothing was put into it" 0 "$(find "$data/rectify" -type f | wc -l)"
rmdir "$data/rectify"
refused "no such folder" 'no such file or folder' "${apply[@]}" --journal 'C:\nowhere\one.journal'
refused "a folder that nobody may write" 'one.journal' "${apply[@]}" --journal 'Z:\proc\self\one.journal'
: >there.journal
refused "a journal that is there" 'exists already' "${apply[@]}" --journal there.journal
same "it is as it was" 0 "$(wc -c <there.journal)"

# The folder that is made, and its journal, are their owner's alone as far as Wine can keep that.
same "apply" 0 "$(code_of rectify "${apply[@]}")"
same "others' rights" "0 0" "$(stat -c %a "$data/rectify" "$data/rectify/one.journal" | sed 's/.*\(.\)$/\1/' | tr '\n' ' ' | sed 's/ $//')"
probe values 'SOFTWARE\Example' >applied
journal='C:\ProgramData\rectify\one.journal'
chmod 666 "$data/rectify/one.journal"
same "undo by a journal that others may write" 1 "$(code_of rectify undo "$journal")"
same "why" yes "$(grep -q 'others than Administrators may write it' err && echo yes || cat err)"
same "resume by it" 1 "$(code_of rectify "${apply[@]}" --resume "$journal")"
probe values 'SOFTWARE\Example' >have
same "neither changed anything" "$(cat applied)" "$(cat have)"
chmod 600 "$data/rectify/one.journal"
same "undo" 0 "$(code_of rectify undo "$journal")"
same "all is as before" '' "$(probe values 'SOFTWARE\Example')"

# ---- a DLL beside the program ------------------------------------------------------------------------
mkdir beside
cat >planted.c <<'C'
#include <stdio.h>
#include <windows.h>
BOOL WINAPI DllMain(HINSTANCE self, DWORD why, LPVOID unused)
{
    char path[MAX_PATH];
    FILE *f = why == DLL_PROCESS_ATTACH ? fopen("loaded", "a") : NULL;
    (void)unused;
    if (f) {
        GetModuleFileNameA(self, path, sizeof path);
        fprintf(f, "%s\n", path);
        fclose(f);
    }
    return TRUE;
}
C
x86_64-w64-mingw32-gcc -shared -o planted.dll planted.c
printf '#include <windows.h>\nint main(void) { return LoadLibraryA("wevtapi.dll") ? 0 : 1; }\n' >careless.c
x86_64-w64-mingw32-gcc -o beside/careless.exe careless.c
cp "$exe" beside/rectify.exe
# Not those that Wine's own libraries import, which Windows has ready (KnownDLLs) and Wine has not.
for name in wevtapi taskschd wintrust; do
    cp planted.dll beside/$name.dll
done
export WINEDLLOVERRIDES="$WINEDLLOVERRIDES;wevtapi,taskschd,wintrust=n,b"
same "a program that takes no care loads it" "0 1" "$(code_of wine beside/careless.exe) $(grep -c 'beside.wevtapi.dll' loaded || true)"
rm -f loaded
exe=beside/rectify.exe
same "check" yes "$(case $(code_of rectify check) in [0-5]) echo yes ;; esac)"
same "it read this host" yes "$(grep -q 'this host' out && echo yes)"
same "schedule" yes "$(case $(code_of rectify schedule show) in [0-5]) echo yes ;; esac)"
same "nothing beside it was loaded" '' "$(cat loaded 2>/dev/null || true)"
finish 37
