#!/bin/sh
# Other people's tools read what mkhosts writes, and find what was meant.
# usage: independent.sh MKHOSTS          exit 77: a tool is missing
set -eu
mkhosts=$1
for tool in evtxexport evtxinfo evtexport hivexget hivexsh regfexport; do
    command -v "$tool" >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$mkhosts" "$dir/a"
"$mkhosts" "$dir/b"
bad=0

# check WHAT HAVE WANT
check() {
    [ "$2" = "$3" ] && return
    echo "FAILED: $1: \"$2\", want \"$3\""
    bad=1
}
hive() { # HOST FILE KEY VALUE
    hivexget "$dir/a/$1/$2" "$3" "$4" 2>&1
}
events() { # FILE ID: how many events have this number in their low 16 bits
    case $1 in
    *.evtx) evtxexport "$1" ;;
    *) evtexport "$1" ;;
    esac 2>/dev/null |
        awk -v id="$2" '/^Event identifier/ { v = $NF; gsub(/[()]/, "", v)
                                              n += v % 65536 == id } END { print n + 0 }'
}

diff -r "$dir/a" "$dir/b" >/dev/null || { echo "FAILED: two runs differ"; bad=1; }

soft=Windows/System32/config/SOFTWARE
vse='Wow6432Node\McAfee\DesktopProtection'
log=Windows/System32/winevt/Logs/System.evtx
check "healthy: version" "$(hive healthy $soft "$vse" szProductVer)" 8.8.0.2300
check "healthy: Windows" "$(hive healthy $soft 'Microsoft\Windows NT\CurrentVersion' ProductName)" \
    "Windows 7 Professional"
check "healthy: mfevtp" "$(hive healthy Windows/System32/config/SYSTEM \
    'ControlSet001\Services\mfevtp' Start)" 2
check "healthy: MaxSize" "$(hive healthy Windows/System32/config/SYSTEM \
    'ControlSet001\Services\EventLog\System' MaxSize)" 20971520
check "conflict: registry" "$(hive conflict $soft "$vse" szProductVer)" 8.8.0.1982
check "conflict: uninstall" "$(hive conflict $soft \
    'Wow6432Node\Microsoft\Windows\CurrentVersion\Uninstall\{CE15D1B6-19B6-4D4D-8F43-CF5D2C3356FF}' \
    DisplayVersion)" 8.8.0.849
check "agent45: agent" "$(hive agent45 $soft \
    'Network Associates\TVD\Shared Components\Framework' Version)" 4.5.0.1810
check "japanese: owner" "$(hive japanese $soft 'Microsoft\Windows NT\CurrentVersion' \
    RegisteredOwner)" 管理部
check "japanese: zone" "$(hive japanese Windows/System32/config/SYSTEM \
    'ControlSet001\Control\TimeZoneInformation' StandardName)" "東京 (標準時)"
check "dirty: without its logs" "$(hive dirty $soft "$vse" szProductVer)" 8.8.0.849
check "xp: without its log" "$(hive xp WINDOWS/system32/config/SOFTWARE \
    'McAfee\DesktopProtection' szProductVer)" 8.8.0.975
check "healthy: many subkeys" "$(printf 'cd Classes\\CLSID\nls\n' |
    hivexsh "$dir/a/healthy/$soft" | wc -l)" 1100
check "healthy: keys of regfexport" "$(regfexport "$dir/a/healthy/$soft" 2>/dev/null |
    grep -c '^Key path')" 2306

check "healthy: 516" "$(events "$dir/a/healthy/$log" 516)" 0
check "healthy: 6013" "$(events "$dir/a/healthy/$log" 6013)" 65
check "unpatched: 516" "$(events "$dir/a/unpatched/$log" 516)" 6048
check "unpatched: 514" "$(events "$dir/a/unpatched/$log" 514)" 18
check "unpatched: 519" "$(events "$dir/a/unpatched/$log" 519)" 12
check "japanese: 516" "$(events "$dir/a/japanese/$log" 516)" 4320
check "shortlog: 104" "$(events "$dir/a/shortlog/$log" 104)" 1
check "xp: 516" "$(events "$dir/a/xp/WINDOWS/system32/config/SysEvent.Evt" 516)" 177
check "server2003: 7036" \
    "$(events "$dir/a/server2003/WINDOWS/system32/config/SysEvent.Evt" 7036)" 2163
check "unpatched: records" "$(evtxinfo "$dir/a/unpatched/$log" |
    awk '/Number of records/ { print $NF }')" 6504
check "unpatched: rendered as XML" "$(evtxexport -f xml "$dir/a/unpatched/$log" 2>/dev/null |
    grep -c '<Provider Name="mfehidk"/>')" 6078
check "japanese: wording" "$(evtxexport "$dir/a/japanese/$log" 2>/dev/null |
    grep -c 'プロセス \*\*\\VSTSKMGR.EXE')" 1102

[ $bad -eq 0 ] && echo "all of it read back"
exit $bad
