#!/bin/sh
# Trains the intent model where it is missing or older than anything in the intents room.
set -eu
cd "$(dirname "$0")/.."

stamp=intents/model/.built
if [ -e "$stamp" ] && [ -n "$(find intents/model -name '*.npz' -print | head -n 1)" ]; then
    newer=$(find intents \( -path intents/model -o -name __pycache__ \) -prune -o -type f -newer "$stamp" -print | head -n 1)
    [ -n "$newer" ] || exit 0
fi
mkdir -p intents/model
begun=$(mktemp intents/model/.begun.XXXXXX)
trap 'rm -f "$begun"' EXIT
echo "Training the intent model from its phrases (about a minute, only where they have changed)"
.venv/bin/python -m intents.train
mv "$begun" "$stamp" # dated at the begin: what changed during training trains again
