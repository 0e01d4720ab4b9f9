#!/usr/bin/env bash
# live_actions_test.sh RECTIFY_EXE: every kind of action on the running Windows, that is, in a Wine
# prefix: planned, applied, read back by another program and from Wine's own registry file, checked
# against the predicted verdicts, and taken back, after which all of HKEY_LOCAL_MACHINE is as before.
# shellcheck disable=SC2154
set -euo pipefail
exe=$1
. "$(dirname "${BASH_SOURCE[0]}")/session.sh"
. "$(dirname "${BASH_SOURCE[0]}")/live_common.sh"
live_begin

for name in one two; do
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out $name.pem -days 3650 \
        -subj "/O=Example Corp/CN=Example Root $name" 2>/dev/null
    openssl x509 -in $name.pem -outform DER -out $name.der
done
one=$(sha1sum one.der | cut -c1-40 | tr a-f A-F) two=$(sha1sum two.der | cut -c1-40 | tr a-f A-F)

# Wine puts the certificates of the machine that it runs on into this store when a program first opens
# it, as keys that do not outlive the session.
ALLOWED=("SOFTWARE\\\\Microsoft\\\\SystemCertificates\\\\Root(\\\\Certificates)?(\\\\(?!$one)[0-9A-F]{40})?\$=Wine's own")

# What is there before: values to replace and to delete, a log, and a certificate that another program
# put into two stores.
system='HKLM\SYSTEM\CurrentControlSet\Services'
wine reg add "$system\\EventLog\\System" /v MaxSize /t REG_DWORD /d 524288 /f >/dev/null
wine reg add 'HKLM\SOFTWARE\Example\Old' /v Delete /t REG_SZ /d 'old text' /f >/dev/null
wine reg add 'HKLM\SOFTWARE\Example\Old' /v Replace /t REG_SZ /d 'old text' /f >/dev/null
probe addcert CA two.der
probe addcert TrustedPublisher two.der

# ---- registry ------------------------------------------------------------------------------------
cat >registry.lua <<'LUA'
local OLD, NEW = [[HKLM\SOFTWARE\Example\Old]], [[HKLM\SOFTWARE\Example\New\Deep]]
local function value(id, key, name, want)
  return rule { id = id, title = id, severity = "low", references = { "R" },
    want = registry.value(key, name, want), repair = enforce() }
end
return policy { id = "registry", title = "Values", references = { "R" },
  value("dword", NEW, "Gr\u{f6}\u{df}e", dword(4294967295)),
  value("qword", NEW, "Q", qword(-2)),
  value("sz", NEW, "", sz "\u{8b66}\u{544a} \u{1F600}"),
  value("expand", NEW, "E", expand_sz "%SystemRoot%\\x"),
  value("multi", NEW, "M", multi_sz { "a", "b c" }),
  value("binary", NEW, "B", binary "00 01 ff"),
  value("other-type", OLD, "Replace", dword(7)),
  rule { id = "gone", title = "gone", severity = "low", references = { "R" },
    want = registry.absent(OLD, "Delete"), repair = registry.delete_value { key = OLD, name = "Delete" } },
  rule { id = "in-32", title = "in-32", severity = "low", references = { "R" },
    want = registry.value([[HKLM\SOFTWARE\Example\Narrow]], "N", dword(32), { view = "32" }),
    repair = registry.set { key = [[HKLM\SOFTWARE\Example\Narrow]], name = "N", value = dword(32), view = "32" } },
}
LUA
between() {
    probe values 'SOFTWARE\Example' 'SOFTWARE\Wow6432Node\Example' >have
    cat >want <<'TEXT'
SOFTWARE\Example
SOFTWARE\Example\New
SOFTWARE\Example\New\Deep
SOFTWARE\Example\New\Deep		1	668B4A5420003DD800DE0000
SOFTWARE\Example\New\Deep	B	3	0001FF
SOFTWARE\Example\New\Deep	E	2	2500530079007300740065006D0052006F006F00740025005C0078000000
SOFTWARE\Example\New\Deep	Gr\x00f6\x00dfe	4	FFFFFFFF
SOFTWARE\Example\New\Deep	M	7	6100000062002000630000000000
SOFTWARE\Example\New\Deep	Q	11	FEFFFFFFFFFFFFFF
SOFTWARE\Example\Old
SOFTWARE\Example\Old	Replace	4	07000000
SOFTWARE\Wow6432Node\Example
SOFTWARE\Wow6432Node\Example\Narrow
SOFTWARE\Wow6432Node\Example\Narrow	N	4	20000000
TEXT
    same "registry: values as another program reads them" "$(LC_ALL=C sort want)" "$(LC_ALL=C sort have)"
}
cycle registry registry --policy registry.lua

# ---- certificates --------------------------------------------------------------------------------
{
    printf 'return policy { id = "certs", title = "Certificates", references = { "C" },\n'
    printf '  rule { id = "add", title = "One is there", severity = "high", references = { "C" },\n'
    printf '    want = certificate.stored { store = "ROOT", sha1 = { "%s" } },\n' "$one"
    printf '    repair = certificate.add { store = "ROOT", pem = [[%s]] } },\n' "$(cat one.pem)"
    printf '  rule { id = "new", title = "And where no store was", severity = "high", references = { "C" },\n'
    printf '    want = certificate.stored { store = "Disallowed", sha1 = { "%s" } },\n' "$one"
    printf '    repair = certificate.add { store = "Disallowed", pem = [[%s]] } },\n' "$(cat one.pem)"
    printf '  rule { id = "remove", title = "Two is nowhere", severity = "high", references = { "C" },\n'
    printf '    want = certificate.absent { sha1 = { "%s" } },\n' "$two"
    printf '    repair = certificate.remove { sha1 = { "%s" } } },\n}\n' "$two"
} >certs.lua
# in_store STORE THUMBPRINT: how often, by CryptoAPI in another process.
in_store() { probe certs "$1" | grep -c "^$2 $2\$" || true; }
stores() { echo "$(in_store Root "$one") $(in_store CA "$two") $(in_store TrustedPublisher "$two")"; }
between() {
    same "certificates: as CryptoAPI has them after apply" "1 0 0" "$(stores)"
    session_restart
    same "certificates: after a restart" "1 0 0" "$(stores)"
    # In the file, the Blob ends with the certificate.
    value "Software\\Microsoft\\SystemCertificates\\Root\\Certificates\\$one" Blob | sed 's/^hex://' |
        tr -d ',\n' | xxd -r -p | tail -c "$(stat -c %s one.der)" >blob.der
    same "certificates: the Blob in Wine's file" "$one" "$(sha1sum blob.der | cut -c1-40 | tr a-f A-F)"
}
same "certificates: before" "0 1 1" "$(stores)"
cycle certs certificates --policy certs.lua
same "certificates: as CryptoAPI has them after undo" "0 1 1" "$(stores)"

# ---- event log and service -------------------------------------------------------------------------
cat >settings.lua <<'LUA'
return policy { id = "settings", title = "Settings", references = { "S" },
  rule { id = "log", title = "log", severity = "low", references = { "S" },
    want = eventlog.size { channel = "System", bytes = 67108864 }, repair = enforce() },
  rule { id = "service", title = "service", severity = "low", references = { "S" },
    want = service.start("MSIServer", "disabled"), repair = enforce() },
}
LUA
between() {
    # The service manager reads it when Windows starts, as the plan says.
    same "settings: note" 1 "$(grep -c 'counts from the next start of Windows' shown)"
    session_restart
    same "settings: MaxSize in Wine's file" dword:04000000 "$(value 'System\CurrentControlSet\Services\Eventlog\System' MaxSize)"
    same "settings: Start in Wine's file" dword:00000004 "$(value 'System\CurrentControlSet\Services\MSIServer' Start)"
    same "settings: the service manager after a restart" 4 "$(probe service MSIServer)"
}
code_of rectify plan --policy settings.lua >/dev/null
cp out shown
cycle settings eventlog,services --policy settings.lua
session_restart
same "settings: the service manager after undo and a restart" 3 "$(probe service MSIServer)"

# ---- a key that is somewhere else --------------------------------------------------------------------
# Whoever may write a key may make a link in it: an administrator's writes do not follow.
probe set 'SOFTWARE\Example\Theirs' Value 1
probe link 'SOFTWARE\Example\Way' '\Registry\Machine\SOFTWARE\Example\Theirs'
linked() { # linked NAME KEY
    printf 'return policy { id = "linked", title = "L", references = { "L" },\n rule { id = "r", title = "r", severity = "low", references = { "L" },\n want = registry.value([[HKLM\\SOFTWARE\\Example\\%s]], "Value", dword(5)), repair = enforce() } }\n' "$2" >"$1.lua"
    same "$1: plan" 4 "$(code_of rectify plan --policy "$1.lua" --format "json:$1.json")"
    same "$1: apply" 1 "$(code_of rectify apply "$1.json" --allow registry)"
    same "$1: why" 1 "$(grep -c 'a registry link leads to it' err)"
    same "$1: no journal" none "$([ -e "prefix/drive_c/ProgramData/rectify/$1.journal" ] || echo none)"
}
linked link 'Way'
linked below 'Way\Below\New'
probe values 'SOFTWARE\Example\Theirs' >have
printf 'SOFTWARE\\Example\\Theirs\nSOFTWARE\\Example\\Theirs\tValue\t4\t01000000\n' >want
same "what the link leads to" "$(cat want)" "$(cat have)"
probe unlink 'SOFTWARE\Example\Way'

# ---- a flagged upgrade ------------------------------------------------------------------------------
wine reg add 'HKLM\SOFTWARE\McAfee\DesktopProtection' /v szProductVer /t REG_SZ /d '8.8.0.777' /f >/dev/null
wine reg add 'HKLM\SOFTWARE\McAfee\DesktopProtection' /v Product /t REG_SZ /d 'VirusScan Enterprise' /f >/dev/null
cat >due.lua <<'LUA'
return policy { id = "due", title = "Upgrades", references = { "U" },
  rule { id = "vse", title = "VSE is current", severity = "high", references = { "U" },
    want = registry.value([[HKLM\SOFTWARE\McAfee\DesktopProtection]], "szProductVer", at_least "8.8.0.1982"),
    repair = upgrade { product = "mcafee.vse", to = "8.8.0.1982" } },
}
LUA
between() {
    same "upgrade: the flag as another program reads it" 1 \
        "$(probe values 'SOFTWARE\rectify' | grep -c '^SOFTWARE\\rectify\\UpgradesDue.*mcafee\.vse')"
}
cycle due upgrades --policy due.lua
finish 49
