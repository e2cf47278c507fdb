#!/bin/sh
# Sees to it that Debian packages are installed: scripts/debian.sh PACKAGE...
# Does nothing where they are there. Installs them as root or with a sudo that asks for no password; otherwise says
# plainly what is missing and ends with 1. A browser under another name counts as chromium.
set -eu

present() {
    [ "$1" = chromium ] && for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    case $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) in
        installed) return 0 ;;
    esac
    return 1
}

missing=
for package in "$@"; do
    present "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

refuse() {
    echo "Missing:$missing. $1" >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 || refuse "This is no Debian or Ubuntu (no apt-get): install their like by hand."
if [ "$(id -u)" = 0 ]; then
    as_root="env"
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n env"
else
    refuse "Install them as root: apt-get install$missing"
fi

echo "Installing Debian packages:$missing"
quiet="$as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0"
# shellcheck disable=SC2086 # words are meant to split
{
    $quiet update </dev/null || echo "The package lists could not be refreshed; trying with the old ones." >&2
    $quiet install -y --no-install-recommends $missing </dev/null >/dev/null ||
        refuse "apt-get could not install them: is the network there, and room on the disk?"
}
