#!/usr/bin/env bash
# libraries.sh PREFIX [x86_64] [i686]: the libraries of rectify, static, for Windows, cross-built from
# Debian's source packages (the machine's own apt sources, with deb-src added for this script alone:
# nothing in /etc/apt changes).  Result: PREFIX/<triplet>/{lib,include,licences}.  A library whose recipe
# did not change is not built again, and needs no network.
#
# Exit code 69: a library has to be built, and its source package cannot be had.
#
# Needs dpkg-dev, cmake, ninja, make, perl, gcc and gcc-mingw-w64-<arch>-win32 (./bootstrap windows).
# Environment: LIBRARY_SOURCES (folder of source packages, default PREFIX/src), JOBS.
set -euo pipefail
shopt -s inherit_errexit extglob
[ $# -ge 1 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 64; }
mkdir -p "$1"
prefix=$(cd "$1" && pwd)
shift
[ $# -ge 1 ] || set -- x86_64 i686
src=${LIBRARY_SOURCES:-$prefix/src}
mkdir -p "$src"
src=$(cd "$src" && pwd)
jobs=${JOBS:-$(nproc)}

apt_options=(-o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$src/apt/parts"
    -o "Dir::State::Lists=$src/apt/lists" -o "Dir::Cache=$src/apt/cache" -o APT::Sandbox::User=root)

say() { printf 'libraries: %s\n' "$*" >&2; }

# The machine's apt sources with source packages too, in a private folder.
sources() {
    local list=$src/apt
    [ ! -e "$list/ready" ] || return 0
    rm -rf "$list/parts"
    mkdir -p "$list/parts" "$list/lists/partial" "$list/cache/archives/partial"
    local file
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
        [ -e "$file" ] || continue
        grep -q -i -e debian -e ubuntu "$file" || continue
        case $file in
        *.sources) sed 's/^Types:.*/Types: deb-src/' "$file" >"$list/parts/${file##*/}" ;;
        *) sed -n 's/^deb \(.*\)/deb-src \1/p' "$file" >"$list/parts/${file##*/}" ;;
        esac
    done
    # An update that fails in part may still do; one that brought nothing does not.
    apt_get update -qq >"$list/update.log" 2>&1 || true
    if [ -z "$(apt-cache "${apt_options[@]}" showsrc --only-source zlib 2>/dev/null)" ]; then
        say "$prefix lacks libraries, and no source packages can be had from the machine's apt sources: $(
            grep -m 1 '^[EW]:' "$list/update.log" || echo 'none of them is Debian or Ubuntu')"
        return 69
    fi
    : >"$list/ready"
}

apt_get() {
    apt-get "${apt_options[@]}" "$@"
}

# The newest version that the archive really serves: an update may be listed before, or after, its
# files are there.
download() {
    local version
    for version in $(apt-cache "${apt_options[@]}" showsrc --only-source "$1" |
        sed -n 's/^Version: //p' | sort -Vru); do
        (cd "$src" && apt_get source --download-only -qq "$1=$version" >&2) && return
        rm -f "$src/$1_"*
    done
    say "no source package of $1 can be fetched"
    return 69
}

# fetch PACKAGE: prints its unpacked, patched source folder
fetch() {
    local name=$1 folder dsc
    folder=$(find "$src" -maxdepth 1 -type d -name "$name-[0-9]*" | sort | tail -n 1)
    if [ -z "$folder" ] || [ ! -e "$folder/.unpacked" ]; then
        [ -z "$folder" ] || rm -rf "$folder"
        sources
        download "$name"
        dsc=$(find "$src" -maxdepth 1 -name "${name}_*.dsc" | sort | tail -n 1)
        (cd "$src" && dpkg-source --no-check -x "$dsc" >/dev/null)
        folder=$(find "$src" -maxdepth 1 -type d -name "$name-[0-9]*" | sort | tail -n 1)
        : >"$folder/.unpacked"
    fi
    printf '%s\n' "$folder"
}

# archive NAME FOLDER "FLAGS" FILE...: compiles plain C files into lib/NAME
archive() {
    local name=$1 folder=$2 flags=$3 objects=$build/objects-$1
    shift 3
    rm -rf "$objects"
    mkdir -p "$objects"
    printf '%s\n' "$@" | xargs -P "$jobs" -I{} sh -c \
        "$cc $cflags $flags -I'$folder' -c '$folder/{}' -o '$objects/'\$(echo {} | tr / _).o"
    rm -f "$out/lib/$name"
    "$ar" rcsD "$out/lib/$name" "$objects"/*.o
}

build_zlib() {
    local s
    s=$(fetch zlib)
    archive libz.a "$s" "" adler32.c compress.c crc32.c deflate.c inffast.c inflate.c inftrees.c \
        trees.c uncompr.c zutil.c
    cp "$s/zlib.h" "$s/zconf.h" "$out/include/"
}

build_lua5.4() {
    local s extra=
    s=$(fetch lua5.4)/src
    mkdir -p "$out/include/lua5.4"
    if [ "$arch" = i686 ]; then
        # msvcrt.dll of the oldest Windows has no _difftime64.
        printf '#include <time.h>\n#define difftime(a, b) ((double)((a) - (b)))\n' >"$build/old-time.h"
        extra="-include $build/old-time.h"
    fi
    archive liblua5.4.a "$s" "$extra" \
        $(cd "$s" && ls -- *.c | grep -v -x -e lua.c -e luac.c -e ltests.c)
    cp "$s"/{lua,lauxlib,lualib,luaconf}.h "$out/include/lua5.4/"
}

build_libdeflate() {
    local s
    s=$(fetch libdeflate)
    archive libdeflate.a "$s" "" $(cd "$s" && ls lib/*.c lib/x86/*.c)
    cp "$s/libdeflate.h" "$out/include/"
}

build_jansson() {
    local s
    s=$(fetch jansson)
    cmake -S "$s" -B "$build/jansson" -G Ninja "${cmake_flags[@]}" -DJANSSON_BUILD_DOCS=OFF \
        -DJANSSON_WITHOUT_TESTS=ON -DJANSSON_EXAMPLES=OFF >"$build/jansson.log"
    cmake --build "$build/jansson" --target jansson >>"$build/jansson.log"
    cp "$build/jansson/lib/libjansson.a" "$out/lib/"
    cp "$build"/jansson/include/*.h "$out/include/"
}

build_pcre2() {
    local s
    s=$(fetch pcre2)
    cmake -S "$s" -B "$build/pcre2" -G Ninja "${cmake_flags[@]}" -DPCRE2_BUILD_PCRE2GREP=OFF \
        -DPCRE2_BUILD_TESTS=OFF -DPCRE2_SUPPORT_UNICODE=ON -DPCRE2_SUPPORT_JIT=OFF >"$build/pcre2.log"
    cmake --build "$build/pcre2" --target pcre2-8-static >>"$build/pcre2.log"
    cp "$build/pcre2/libpcre2-8.a" "$out/lib/"
    cp "$build/pcre2/pcre2.h" "$out/include/"
}

build_libarchive() {
    local s b=$build/libarchive
    s=$(fetch libarchive)
    # As if just made, in this order, so that autotools are not asked for.
    touch "$s/aclocal.m4" && sleep 1 && touch "$s/configure" "$s/config.h.in" "$s/Makefile.in"
    rm -rf "$b"
    mkdir -p "$b"
    (
        cd "$b"
        # Static: else the functions are marked for export, and so the program would export them.
        CC=$cc CFLAGS="$cflags" CPPFLAGS="-I$out/include -DLIBARCHIVE_STATIC" LDFLAGS="-L$out/lib" \
            "$s/configure" --host="$triplet" --disable-shared --enable-static --disable-bsdtar \
            --disable-bsdcat --disable-bsdcpio --disable-acl --disable-xattr --with-zlib \
            --without-bz2lib --without-libb2 --without-iconv --without-lz4 --without-zstd \
            --without-lzma --without-cng --without-xml2 --without-expat --without-openssl
        make -j"$jobs" libarchive.la
    ) >"$b.log" 2>&1
    cp "$b/.libs/libarchive.a" "$out/lib/"
    cp "$s"/libarchive/archive{,_entry}.h "$out/include/"
}

# In a copy of its tree and without prefix maps, so that no folder of this machine is recorded.  The
# 32-bit assembler files do not assemble to COFF with GNU as.
build_openssl() {
    local s b=$build/openssl assembler=
    s=$(fetch openssl)
    rm -rf "$b"
    cp -r "$s" "$b"
    [ "$arch" = x86_64 ] || assembler=no-asm
    (
        cd "$b"
        export SOURCE_DATE_EPOCH=0
        perl ./Configure "$openssl_target" --cross-compile-prefix="$triplet-" --prefix=/ \
            --openssldir=/ssl --libdir=lib no-shared no-module no-dso no-engine no-async no-tests \
            no-autoload-config no-ui-console no-cmp no-ct no-srp no-srtp no-psk no-dgram no-sock no-gost \
            no-idea no-rc5 no-mdc2 no-whirlpool no-seed no-camellia no-aria no-bf no-cast no-sm2 no-sm3 \
            no-sm4 no-siphash no-blake2 no-legacy no-ocb no-scrypt no-rfc3779 no-dtls no-ssl3 no-tls1 \
            no-tls1_1 $assembler ${cflags//-ffile-prefix-map=*([! ])/}
        make -j"$jobs" build_generated
        make -j"$jobs" libcrypto.a
    ) >"$build/openssl.log" 2>&1
    cp "$b/libcrypto.a" "$out/lib/"
    rm -rf "$out/include/openssl"
    mkdir "$out/include/openssl"
    cp "$b"/include/openssl/*.h "$out/include/openssl/"
}

# With Schannel: Windows' own TLS and its stores.
build_curl() {
    local s b=$build/curl
    s=$(fetch curl)
    rm -rf "$b"
    cp -r "$s" "$b"
    mkdir -p "$b/lib/$triplet"
    # Through the environment: the makefile appends to these variables.
    CFLAGS="$cflags" CPPFLAGS="-DCURL_STATICLIB -DHTTP_ONLY -DCURL_DISABLE_NTLM -DCURL_DISABLE_ALTSVC -DCURL_DISABLE_HSTS -DCURL_DISABLE_CRYPTO_AUTH -I$out/include" \
        CFG=-schannel-sspi-zlib-ipv6 ZLIB_PATH="$out" make -C "$b/lib" -j"$jobs" -f Makefile.mk \
        CROSSPREFIX="$triplet-" ARCH="$curl_arch" libcurl.a >"$build/curl.log" 2>&1
    cp "$b/lib/libcurl.a" "$out/lib/"
    rm -rf "$out/include/curl"
    cp -r "$s/include/curl" "$out/include/"
    rm -f "$out"/include/curl/Makefile*
}

# What the library's makers want said where it is used, as Debian gathered it.
licence() {
    local s
    s=$(fetch "$1")
    {
        printf '%s %s, as in Debian\n\n' "$1" "$(cd "$s" && dpkg-parsechangelog -S Version)"
        cat "$s/debian/copyright"
    } >"$out/licences/$1.txt"
}

# The compiler's own parts that every program has inside.
runtime_licences() {
    local name
    for name in gcc-mingw-w64-base mingw-w64-common; do
        cp "/usr/share/doc/$name/copyright" "$out/licences/$name.txt"
    done
}

# What a library is made by, but for the folders of this machine.
recipe() {
    local flags="$cflags ${cmake_flags[*]}" folder
    for folder in "$src" "$build" "$out"; do
        flags=${flags//"$folder"/}
    done
    { declare -f archive licence "build_$1" && "$cc" -dumpfullversion && echo "$flags"; } |
        sha256sum | cut -c1-16
}

for arch; do
    triplet=$arch-w64-mingw32
    case $arch in
    x86_64)
        # windows.h would parse every intrinsic of x86: half a second a file, same objects without.
        openssl_target=mingw64 curl_arch=w64 more=-D_X86INTRIN_H_INCLUDED
        ;;
    i686) openssl_target=mingw curl_arch=w32 more="-march=i686 -msse2 -D__MINGW_USE_VC2005_COMPAT" ;;
    *)
        say "unknown architecture $arch"
        exit 64
        ;;
    esac
    cc=$triplet-gcc-win32 ar=$triplet-ar
    command -v "$cc" >/dev/null || cc=$triplet-gcc
    out=$prefix/$triplet build=$prefix/build/$arch
    mkdir -p "$out/lib" "$out/include" "$out/licences" "$build"
    cflags="-O2 -D_WIN32_WINNT=0x0601 -DWINVER=0x0601 $more -fstack-protector-strong -ffunction-sections -fdata-sections -ffile-prefix-map=$src=. -ffile-prefix-map=$build=."
    cmake_flags=(-DCMAKE_SYSTEM_NAME=Windows -DCMAKE_C_COMPILER="$cc" -DCMAKE_RC_COMPILER="$triplet-windres"
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE=-DNDEBUG
        -DCMAKE_C_FLAGS="$cflags" -DBUILD_SHARED_LIBS=OFF
        -DCMAKE_FIND_ROOT_PATH="$out" -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY
        -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY)
    runtime_licences
    for library in zlib lua5.4 libdeflate jansson pcre2 libarchive openssl curl; do
        stamp=$out/.$library made_by=$(recipe "$library")
        [ "$(cat "$stamp" 2>/dev/null)" != "$made_by" ] || continue
        start=$SECONDS
        "build_$library"
        licence "$library"
        printf '%s\n' "$made_by" >"$stamp"
        say "$arch $library: $((SECONDS - start)) s"
    done
done
