#!/usr/bin/env bash
# template.sh DIR: a Wine prefix that tests copy (WINE_TEMPLATE=DIR) instead of each making its own,
# which takes ten seconds; one that is there stays.
set -euo pipefail
[ ! -e "$1/.update-timestamp" ] || exit 0
. "$(dirname "${BASH_SOURCE[0]}")/session.sh"
wineboot -i >/dev/null 2>&1
wineserver -w
rm -rf "$1" "$1.new"
mkdir -p "$(dirname "$1")"
mv "$WINEPREFIX" "$1.new"
mv "$1.new" "$1"
