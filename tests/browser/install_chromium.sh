#!/bin/sh
# Chromium for the browser tests, where it is not there yet: Debian's package, as root or by sudo.
set -eu
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -n "${CHROMIUM:-}" ] && exit 0
echo "Installing Chromium for the browser tests ..."
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Chromium is missing. Install it, or set CHROMIUM to its path, then run this again." >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then sudo=""; elif command -v sudo >/dev/null 2>&1; then sudo="sudo -n"; else
    echo "Chromium is missing. As root: apt-get install chromium. Or set CHROMIUM to its path." >&2
    exit 1
fi
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends chromium >/dev/null
