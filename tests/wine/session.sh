# Sourced: one Wine prefix of its own for a test, its session held open so that a program starts in a
# tenth of a second; all of it gone at the end.  What is heeded here, because else tests pass that should
# not: winedbg off (a crashed program would end with 0), UTF-8 (arguments would be transliterated),
# no display, and a program that crashes on purpose must be seen to crash before anything is tested.
export WINEDEBUG=-all LC_ALL=C.UTF-8
export WINEDLLOVERRIDES='winedbg.exe=;mscoree=;mshtml=;winemenubuilder.exe='
unset DISPLAY
command -v wine >/dev/null || { echo "skipped: no wine"; exit 77; }
work=$(mktemp -d)
export WINEPREFIX=$work/prefix
holder=

session_end() {
    [ -z "$holder" ] || kill "$holder" 2>/dev/null || true
    # This prefix's server only: WINEPREFIX names it.
    wineserver -k 2>/dev/null || true
    wineserver -w 2>/dev/null || true
    rm -rf "$work"
}
trap session_end EXIT

# WINE_TEMPLATE: a prefix that is there already, whose DLLs are linked, not copied.
session_begin() {
    local folder
    if [ -n "${WINE_TEMPLATE:-}" ]; then
        mkdir -p "$WINEPREFIX/drive_c"
        cp -a "$WINE_TEMPLATE"/*.reg "$WINE_TEMPLATE"/.update-timestamp "$WINE_TEMPLATE"/dosdevices "$WINEPREFIX/"
        for folder in "$WINE_TEMPLATE"/drive_c/*; do
            case ${folder##*/} in
            windows)
                # Links cannot lead to another file system.
                cp -al "$folder" "$WINEPREFIX/drive_c/" 2>/dev/null || cp -a "$folder" "$WINEPREFIX/drive_c/"
                ;;
            *) cp -a "$folder" "$WINEPREFIX/drive_c/" ;;
            esac
        done
    else
        wineboot -i >/dev/null 2>&1
        wineserver -w
    fi
    session_hold
    expect_crash
}

session_hold() {
    wine ping -n 3600 127.0.0.1 >/dev/null 2>&1 &
    holder=$!
}

# As if Windows was started anew: what is not in its files is gone.
session_restart() {
    kill "$holder" 2>/dev/null || true
    wineserver -k 2>/dev/null || true
    wineserver -w
    session_hold
}

# A write that faults: were it read as success, so would be every crash below.
expect_crash() {
    local code=0
    printf 'int main(void) { *(volatile int *)8 = 1; return 0; }\n' >"$work/crash.c"
    x86_64-w64-mingw32-gcc -o "$work/crash.exe" "$work/crash.c"
    wine "$work/crash.exe" >/dev/null 2>&1 || code=$?
    [ "$code" -ne 0 ] || { echo "FAILED: a program that crashes ends with 0 here"; exit 1; }
}

. "$(dirname "${BASH_SOURCE[0]}")/../same.sh"
