#!/bin/sh
# Learns anew what is kept with the phrases: the network, the words of each language, where new values stand. torch is only needed here, so it lives in a
# place of its own and in no lock file of the running system.
set -eu
cd "$(dirname "$0")/.."

place=build/teach
[ -x "$place/bin/python" ] || .venv/bin/python -m venv --system-site-packages "$place"
"$place/bin/python" -c "import torch" 2>/dev/null || "$place/bin/python" -m pip install --quiet "torch==2.13.0"
PYTHONPATH=.:$(.venv/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))") "$place/bin/python" -m intents.teach
.venv/bin/python -m intents.vocabulary
.venv/bin/python -m intents.valuing
