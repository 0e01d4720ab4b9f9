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

# Keys are new in each run: files with certificates or signatures may differ, nothing else.
other=$(diff -rq "$dir/a" "$dir/b" | grep -v -e '/SOFTWARE[.LOG12]* differ$' \
    -e '\.\(exe\|dll\|sys\|cat\|CAT\) differ$' || true)
check "what differs between two runs" "$other" ""

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
    grep -c '^Key path')" 2351

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
[ $bad -eq 0 ] || exit $bad

# ---- signatures: verified against the roots in the host's own hive --------------------------------
for tool in osslsigncode openssl; do
    command -v "$tool" >/dev/null || { echo "signatures SKIPPED: $tool is not installed"; exit 77; }
done

# root HOST STORE: certificates of a store as PEM.  A Blob is a list of records: id, 1, length,
# bytes; the certificate is record 32.
root() {
    printf 'cd %s\\Certificates\nls\n' "$2" | hivexsh "$dir/a/$1/$soft" | while read -r key; do
        hivexget "$dir/a/$1/$soft" "$2\\Certificates\\$key" Blob >"$dir/blob"
        at=$(od -An -v -tu1 -w1 "$dir/blob" | awk '
            { b[n++] = $1 }
            function u32(p) { return b[p] + 256 * (b[p+1] + 256 * (b[p+2] + 256 * b[p+3])) }
            END { for (p = 0; p < n && u32(p) != 32; p += 12 + u32(p + 8)); print p + 13 }')
        tail -c +"$at" "$dir/blob" | openssl x509 -inform DER >"$dir/one.pem"
        case $(openssl x509 -in "$dir/one.pem" -noout -fingerprint -sha1 | tr -d :) in
        *="$key") cat "$dir/one.pem" ;;
        *) echo "key $key has another certificate" >&2 ;;
        esac
    done
}
machine='Microsoft\SystemCertificates'
for host in healthy words catalogs noroot; do
    { root $host "$machine\\ROOT"; root $host "$machine\\AuthRoot"; } >"$dir/$host.pem" 2>/dev/null
done
check "healthy: roots" "$(grep -c BEGIN "$dir/healthy.pem")" 3
check "noroot: roots" "$(grep -c BEGIN "$dir/noroot.pem")" 2

# signature HOST FILE [CATALOG]: what osslsigncode says at the host's "now"
signature() {
    osslsigncode verify ${3:+-catalog} ${3:+"$dir/a/$1/$3"} -CAfile "$dir/$1.pem" \
        -TSA-CAfile "$dir/$1.pem" -time 1679302800 -in "$dir/a/$1/$2" >"$dir/said" 2>&1 &&
        echo good || echo bad
}
vse='Program Files (x86)/McAfee/VirusScan Enterprise'
words='Program Files/Contoso/Words'
store='Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}'
v1="$store/Microsoft-Windows-Client-Features-Package~31bf3856ad364e35~amd64~~6.1.7601.17514.cat"
v2="$store/Microsoft-Windows-Client-Desktop-Required-Package~31bf3856ad364e35~amd64~~10.0.17763.1.cat"
check "McAfee's program" "$(signature healthy "$vse/VsTskMgr.exe")" good
check "its program name" "$(sed -n 's/.*Text description: //p' "$dir/said")" "McAfee Enterprise"
# osslsigncode 2.5 says it in other words than 2.9.
check "its timestamp" "$(sed -n 's/.*Timestamp time: //p;s/.*signature is timestamped: //p' "$dir/said")" "Aug 17 10:01:01 2011 GMT"
check "Microsoft's library" "$(signature healthy "$vse/msvcr90.dll")" good
check "driver signed twice" "$(signature healthy Windows/System32/drivers/mfehidk.sys)" good
check "both signatures" "$(grep -c '^Signature Index' "$dir/said")" 2
check "catalog v1" "$(signature healthy Windows/System32/msi.dll "$v1")" good
check "catalog v1, 10" "$(signature catalogs Windows/System32/msi.dll "$v1")" good
check "catalog v2" "$(signature catalogs Windows/System32/kernel32.dll "$v2")" good
check "catalog of Contoso" \
    "$(signature catalogs Windows/System32/drivers/ctfilter.sys "$store/oem7.CAT")" good
check "not in the catalog" "$(signature catalogs Windows/System32/msi.dll "$v2")" bad
check "without the root" "$(signature noroot "$vse/msvcr90.dll")" bad
for file in sha1-legacy sha256-rfc3161 nested no-timestamp expired-legacy expired-rfc3161; do
    check "$file" "$(signature words "$words/$file.dll")" good
done
for file in unsigned changed forged-root elsewhere expired not-yet; do
    check "$file" "$(signature words "$words/$file.dll")" bad
done

# Trust lists are DER, signed over the right bytes: one entry for each of the four roots.
hive lists $soft "$machine\\AuthRoot\\AutoUpdate" EncodedCtl >"$dir/list"
check "root list" "$(openssl asn1parse -inform DER -in "$dir/list" |
    grep -c 'OBJECT *:1.3.6.1.4.1.311.10.11.98')" 4

[ $bad -eq 0 ] && echo "signatures as meant"
exit $bad
