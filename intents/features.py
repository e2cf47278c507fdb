"""A text as numbers: hashed words (1-2) and characters (1-5, inside a word), made without a vocabulary of strings.

The same code runs in training and in the running system, so a trained weight always meets the feature it was
trained on. Hashes are 64-bit polynomials over code points: no salt, no platform in them.
"""

from __future__ import annotations

import re
import zlib
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from intents.fold import fold

MAX_FEATURE_CHARACTERS = 4_000
"""A clause is read to here; a longer run without a sentence end carries nothing new for the classifier."""

LONGEST = 5
_BASE = np.uint64(0x9E3779B97F4A7C15)
_SEED = np.uint64(0xD6E8FEB86659FD93)
# Japanese writes no spaces: a change of script is its best word edge.
_WORD = re.compile(r"[一-鿿々〆]+|[ぁ-ゟ]+|[ァ-ヿー]+|[^\W一-鿿々〆ぁ-ゟァ-ヿー]+|[^\w\s]")
_DIGIT = re.compile(r"\d")
# Whose address or which reference it is never matters to what is wanted; that there is one does.
_EMAIL = re.compile(r"[a-z0-9._+'-]{1,64}@[a-z0-9.-]{1,255}")
_REFERENCE = re.compile(r"\bpr[- ]?(?=[0a-z]*0)[0a-z]{8,10}\b")

Hashes = NDArray[np.uint64]
Counts = NDArray[np.float32]


def shape(text: str) -> str:
    """Folded text in which every digit is 0, every address @ and every reference pr-0."""
    zeros = _DIGIT.sub("0", fold(text[:MAX_FEATURE_CHARACTERS]))
    return _REFERENCE.sub("pr-0", _EMAIL.sub("@", zeros))


def word_features(shaped: str) -> tuple[Hashes, Counts]:
    """Single words, signs and pairs of neighbours, each once, with how often they come."""
    words = _WORD.findall(shaped)
    grams = words + [f"{one} {two}" for one, two in pairwise(words)]
    hashed = [zlib.crc32(gram.encode()) | (zlib.adler32(gram.encode()) << 32) for gram in grams]
    return _counted(np.array(hashed, dtype=np.uint64))


def character_features(shaped: str) -> tuple[Hashes, Counts]:
    """Runs of 1 to 5 characters that do not cross a word's edge (a space may stand at either end)."""
    codes = np.frombuffer(f" {shaped} ".encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    spaces = np.concatenate(([0], np.cumsum(codes == 32)))
    run = np.full(len(codes), _SEED, dtype=np.uint64)
    found = []
    for length in range(1, LONGEST + 1):
        if len(codes) < length:
            break
        run = run[: len(codes) - length + 1] * _BASE + codes[length - 1 :] + np.uint64(length)
        run ^= run >> np.uint64(29)
        starts = np.arange(len(run))
        inner = spaces[np.maximum(starts + length - 1, starts + 1)] - spaces[starts + 1]
        keep = inner == 0 if length > 1 else codes != 32
        found.append(run[keep])
    return _counted(np.concatenate(found))


def _counted(hashes: Hashes) -> tuple[Hashes, Counts]:
    unique, counts = np.unique(hashes, return_counts=True)
    return unique, (1.0 + np.log(counts)).astype(np.float32)
