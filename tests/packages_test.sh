#!/usr/bin/env bash
# packages_test.sh PACKAGE RECTIFY MKHOSTS: what is in a package of `cpack` (.deb, or .zip of a Windows
# build), unpacked and run: of a sample host it must say what RECTIFY says.  As root a .deb is also
# installed and removed again; a .zip is unpacked into a Wine prefix, that of the 32-bit build is only
# unpacked, since Debian's Wine has no 32-bit part.
set -euo pipefail
package=$(realpath "$1") native=$(realpath "$2") mkhosts=$(realpath "$3")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(dirname "$here")
export LC_ALL=C.UTF-8

# contents DIR DOCUMENTS LIBRARY [crlf]: the documents and Lua files, and they are the source's
contents() {
    local file got
    same "policies and library" "$(cd "$source" && find lua policies -name '*.lua' | sort)" \
        "$(cd "$1/$3" && find lua policies -type f | sort)"
    while read -r file; do
        same "$file" "$(sha256sum <"$source/$file")" "$(sha256sum <"$1/$3/$file")"
    done < <(cd "$source" && find lua policies -name '*.lua')
    for file in README.md CHANGELOG.md SECURITY.md docs/design.md docs/writing-policies.md docs/policy-tests.md; do
        got=$(tr -d '\r' <"$1/$2/$file" | sha256sum)
        same "$file" "$(sha256sum <"$source/$file")" "$got"
        same "$file: ends of lines" "$([ -z "${4-}" ] && echo 0 || wc -l <"$source/$file")" \
            "$(grep -c $'\r$' "$1/$2/$file" || true)"
    done
}

# reports PROGRAM HOST NAME: its report of a host is the native build's
reports() {
    local code=0
    (cd "$work" && "$1" check --root "$2" --format "json:$3.json" >/dev/null 2>"$3.err") || code=$?
    same "$3: exit code" 2 "$code"
    same "$3: report" "$(normal_report "$work/native.json")" "$(normal_report "$work/$3.json")"
}

sample() {
    "$mkhosts" "$work/hosts" unpatched >/dev/null
    "$native" check --root "$work/hosts/unpatched" --format "json:$work/native.json" >/dev/null 2>&1 || true
}

field() { dpkg-deb -f "$package" "$1"; }

deb() {
    . "$here/same.sh"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    sample
    local x=$work/x
    dpkg-deb -x "$package" "$x"
    contents "$x/usr/share" doc/rectify rectify
    same "its folders" "bin share share/doc share/doc/rectify share/man share/man/man1 share/rectify" \
        "$(cd "$x/usr" && find bin share -type d | grep -v -e /lua -e /policies -e rectify/docs | sort | tr '\n' ' ' | sed 's/ $//')"
    same "manual" "$(sha256sum <"$source/docs/rectify.1")" \
        "$(zcat "$x/usr/share/man/man1/rectify.1.gz" | sha256sum)"
    same "changelog" "rectify ($(field Version)) unstable; urgency=medium" \
        "$(zcat "$x/usr/share/doc/rectify/changelog.gz" | head -n 1)"
    same "copyright" 1 "$(grep -c '^License: Apache-2.0' "$x/usr/share/doc/rectify/copyright")"
    # Every library that the program names belongs to a package that is asked for.
    local needed
    for needed in $(objdump -p "$x/usr/bin/rectify" | sed -n 's/^ *NEEDED *//p'); do
        same "who has $needed is asked for" 1 "$(field Depends | grep -c -w -F -e "$(owner "$needed")")"
    done
    same "what is loaded later is recommended" 1 "$(field Recommends | grep -c 'libarchive13.*libcurl4')"
    same "root's, and only root writes" "" \
        "$(dpkg-deb -c "$package" | grep -v -E '^[-d]rw[-x]r-[-x]r-[-x] root/root ' || true)"
    same "in order" "$(dpkg-deb -c "$package" | awk '{ print $6 }' | sort)" \
        "$(dpkg-deb -c "$package" | awk '{ print $6 }')"
    reports "$x/usr/bin/rectify" "$work/hosts/unpatched" unpacked
    same "its policies" 0 "$("$x/usr/bin/rectify" policy lint "$x/usr/share/rectify/policies/kb71083" >/dev/null && echo 0)"
    installed
    finish $((48 + more))
}

# owner LIBRARY: the package that the linker's library is of
owner() {
    local file
    file=$(ldd "$x/usr/bin/rectify" | awk -v "name=$1" '$1 == name { print $3 }')
    dpkg -S "$(realpath "$file")" "$file" "/usr$file" 2>/dev/null | head -n 1 | cut -d: -f1
}

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=600 "$@" >"$work/apt.log" 2>&1 || {
        cat "$work/apt.log"
        return 1
    }
}

more=0
installed() {
    if [ "$(id -u)" -ne 0 ]; then
        echo "not installed: only root may"
        return
    fi
    if dpkg-query -s rectify >/dev/null 2>&1; then
        echo "not installed: a package rectify is installed here already"
        return
    fi
    more=6
    trap 'dpkg --purge rectify >/dev/null 2>&1; rm -rf "$work"' EXIT
    apt install --no-install-recommends "$package"
    same "installed" "installed $(field Version)" \
        "$(dpkg-query -W -f '${db:Status-Status} ${Version}' rectify)"
    same "every file is whole" "" "$(dpkg -V rectify)"
    reports /usr/bin/rectify "$work/hosts/unpatched" installed
    dpkg -L rectify | while read -r file; do [ -d "$file" ] || echo "$file"; done >"$work/files"
    apt purge rectify
    same "removed" "" "$(dpkg-query -W -f '${db:Status-Status}' rectify 2>/dev/null || true)"
    same "nothing is left" "" "$(xargs ls -d <"$work/files" 2>/dev/null || true)"
}

zip() {
    . "$here/wine/session.sh"
    local machine
    python3 - "$package" >"$work/listed" <<'PYTHON'
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
names = z.namelist()
print('sorted' if names == sorted(names) else 'not sorted')
print('one folder' if all(n.startswith('rectify/') and '..' not in n for n in names) else 'elsewhere too')
print('whole' if z.testzip() is None else 'damaged')
PYTHON
    same "names" "sorted, one folder, whole" "$(paste -sd, "$work/listed" | sed 's/,/, /g')"
    python3 -m zipfile -e "$package" "$work/unpacked"
    local x=$work/unpacked/rectify
    contents "$x" . . crlf
    same "beside the program" "CHANGELOG.md LICENSE.txt README.md SECURITY.md docs licences lua policies rectify.exe" \
        "$(ls "$x" | tr '\n' ' ' | sed 's/ $//')"
    same "licences of what is inside" \
        "curl gcc-mingw-w64-base jansson libarchive libdeflate lua5.4 mingw-w64-common openssl pcre2 zlib" \
        "$(ls "$x/licences" | sed 's/\.txt$//' | tr '\n' ' ' | sed 's/ $//')"
    same "none of them is empty" "" "$(find "$x/licences" -size -1k)"
    machine=$(objdump -f "$x/rectify.exe" | sed -n 's/.*file format //p')
    case $machine in
    pei-i386) finish 36 ;;
    pei-x86-64)
        run_zip
        finish 44
        ;;
    *)
        echo "FAILED: $machine"
        return 1
        ;;
    esac
}

in_prefix() { wine 'C:\Program Files\rectify\rectify.exe' "$@"; }

run_zip() {
    session_begin
    sample
    local c=$work/prefix/drive_c
    cp -r "$work/unpacked/rectify" "$c/Program Files/"
    cp -r "$work/hosts/unpatched" "$c/host"
    same "its version" "$("$native" --version | head -n 1)" "$(in_prefix --version | tr -d '\r' | head -n 1)"
    same "its policies" 0 \
        "$(in_prefix policy lint 'C:\Program Files\rectify\policies\kb71083' >/dev/null && echo 0)"
    reports in_prefix 'C:\host' with-its-files
    # The program alone, as copied to a host by hand.
    mv "$c/Program Files/rectify/rectify.exe" "$work/rectify.exe"
    rm -r "$c/Program Files/rectify"
    mkdir "$c/Program Files/rectify"
    mv "$work/rectify.exe" "$c/Program Files/rectify/"
    reports in_prefix 'C:\host' alone
    local code=0
    (cd "$work" && in_prefix check --format json:live.json >/dev/null 2>&1) || code=$?
    same "live" live "$(python3 -c 'import json; print(json.load(open("'"$work"'/live.json"))["target"]["kind"])')"
    same "live: a check was made" 1 "$(case $code in 0 | 2 | 3) echo 1 ;; *) echo "code $code" ;; esac)"
}

case $package in
*.deb) deb ;;
*.zip) zip ;;
*)
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 64
    ;;
esac
