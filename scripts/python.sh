#!/bin/sh
# Prints a Python that is new enough, or says plainly on stderr what is missing.
# PYTHON=/path/to/python names one; without it the newest of python3, python3.14 ... python3.11 is looked for.
set -eu

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

if [ -n "${PYTHON:-}" ]; then
    candidates=$PYTHON
else
    candidates="python3 python3.14 python3.13 python3.12 python3.11"
fi

old=
for candidate in $candidates; do
    found=$(command -v "$candidate" 2>/dev/null) || continue
    if "$found" -c "$new_enough" 2>/dev/null; then
        echo "$found"
        exit 0
    fi
    old="$old $candidate ($("$found" --version 2>&1 | head -n 1))"
done

if [ -n "$old" ]; then
    echo "Privacy Desk needs Python 3.11 or newer; found only:$old." >&2
else
    echo "Privacy Desk needs Python 3.11 or newer; found no $candidates." >&2
fi
echo "On Debian 12 and Ubuntu 24.04 or newer: apt install python3 python3-venv. Or name one: make PYTHON=/path/to/python3.11 ..." >&2
exit 1
