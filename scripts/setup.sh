#!/bin/sh
# Makes .venv with everything requirements.lock names and the command privacydesk in it.
# A stamp holds the checksum of what went in, so that a second call costs milliseconds and never asks the network.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/.installed
log=.venv/setup.log
wanted="$(pwd) $(cat requirements.lock pyproject.toml scripts/setup.sh | cksum)"
if [ -x .venv/bin/privacydesk ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

explain() {
    tail -n 15 "$log" >&2 2>/dev/null || true
    echo "" >&2
    if grep -qiE 'no space left|disk quota' "$log"; then
        echo "Setup stopped: the disk is full. About 2 GB are needed for .venv and pip's cache." >&2
    elif grep -qiE 'NewConnectionError|NameResolution|name resolution|ConnectTimeout|ReadTimeout|timed out|ProxyError|Max retries' "$log"; then
        echo "Setup stopped: the package registry cannot be reached. Check the network (and pip's proxy or index settings)." >&2
    elif grep -qiE 'do not match the hashes|HASHES' "$log"; then
        echo "Setup stopped: a package is not the one that requirements.lock names; nothing of it was installed." >&2
    elif grep -qiE 'No matching distribution|is not a supported wheel' "$log"; then
        echo "Setup stopped: the registry has no build of a package for this Python and machine (the line above names it)." >&2
    else
        echo "Setup stopped: $1. The whole story is in $log" >&2
    fi
    exit 1
}

if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(scripts/python.sh)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        # Debian keeps this part of Python in a package of its own.
        scripts/debian.sh "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    fi
    echo "Making .venv with $python"
    rm -rf .venv
    mkdir .venv
    "$python" -m venv .venv >"$log" 2>&1 || explain "no virtual environment could be made"
fi

rm -f "$stamp"
echo "Installing what requirements.lock names (some minutes on the first run)"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
.venv/bin/python -m pip install --quiet --require-hashes -r requirements.lock </dev/null >"$log" 2>&1 ||
    explain "pip could not install the packages"
.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation -e . </dev/null >>"$log" 2>&1 ||
    explain "pip could not install the project itself"
# Bytecode now rather than at the first start, also where the environment forbids Python to write it later.
.venv/bin/python -m compileall -q bot channels company intents law staff storage wiring >>"$log" 2>&1 || true
echo "$wanted" >"$stamp"
