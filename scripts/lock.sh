#!/bin/sh
# Writes both lock files anew: every dependency with its exact version and hashes, for any Python from 3.11 on.
# requirements.lock is for development and tests, requirements-run.lock for the running system.
# Usage: scripts/lock.sh [UV]   (UV: the uv program; without it, uv is installed into .venv)
set -eu
cd "$(dirname "$0")/.."

uv=${1:-.venv/bin/uv}
[ -x "$uv" ] || .venv/bin/python -m pip install --quiet uv

write() {
    file=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
        --no-emit-find-links "$@" --output-file "$file" pyproject.toml
    { echo "# Written by \`make lock\` from pyproject.toml; do not edit."; cat "$file"; } > "$file.new"
    mv "$file.new" "$file"
}

write requirements.lock --extra test
write requirements-run.lock --constraint requirements.lock  # the same versions in both
