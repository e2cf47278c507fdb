"""Texts as numbers: hashed words (1-2) and characters (1-5, inside a word), made without a vocabulary of strings.

The same code runs in training and in the running system, so a trained weight always meets the feature it was
trained on. Hashes are 64-bit polynomials over code points: no salt, no platform in them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
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
Floats = NDArray[np.float32]
_SPACE, _BETWEEN = 32, 0


@dataclass(frozen=True, slots=True)
class Grams:
    """The features of several texts, by text: which text, which feature, and how often (1 + its logarithm)."""

    rows: NDArray[np.intp]
    hashes: Hashes
    counts: Floats


def shape(text: str) -> str:
    """Folded text in which every digit is 0, every address @ and every reference pr-0."""
    zeros = _DIGIT.sub("0", fold(text[:MAX_FEATURE_CHARACTERS].replace("\0", " ")))
    return _REFERENCE.sub("pr-0", _EMAIL.sub("@", zeros))


def word_features(shaped: Sequence[str]) -> Grams:
    """Single words, signs and pairs of neighbours of each text."""
    hashed: list[int] = []
    sizes = []
    for text in shaped:
        words = _WORD.findall(text)
        grams = [gram.encode() for gram in (*words, *(f"{one} {two}" for one, two in pairwise(words)))]
        hashed += [zlib.crc32(gram) | (zlib.adler32(gram) << 32) for gram in grams]
        sizes.append(len(grams))
    return _counted(np.repeat(np.arange(len(sizes)), sizes), np.array(hashed, dtype=np.uint64))


def character_features(shaped: Sequence[str]) -> Grams:
    """Runs of 1 to 5 characters of each text that do not cross a word's edge (a space may stand at either end)."""
    joined = "".join(f" {text} \0" for text in shaped)
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    row = np.cumsum(codes == _BETWEEN)
    spaces = np.concatenate(([0], np.cumsum(codes == _SPACE)))
    borders = np.concatenate(([0], row))
    run = np.full(len(codes), _SEED, dtype=np.uint64)
    rows, found = [], []
    for length in range(1, LONGEST + 1):
        last = len(codes) - length + 1
        if last < 1:
            break
        run = run[:last] * _BASE + codes[length - 1 :] + np.uint64(length)
        run ^= run >> np.uint64(29)
        starts = np.arange(last)
        inner = spaces[np.maximum(starts + length - 1, starts + 1)] - spaces[starts + 1]
        keep = (inner == 0 if length > 1 else codes != _SPACE) & (borders[starts + length] == borders[starts])
        rows.append(row[:last][keep])
        found.append(run[keep])
    return _counted(np.concatenate(rows), np.concatenate(found))


def _counted(rows: NDArray[np.intp], hashes: Hashes) -> Grams:
    kinds, kind = np.unique(hashes, return_inverse=True)
    if not len(kinds):
        return Grams(rows, hashes, np.empty(0, dtype=np.float32))
    cells, counts = np.unique(rows * len(kinds) + kind, return_counts=True)
    return Grams(cells // len(kinds), kinds[cells % len(kinds)], (1.0 + np.log(counts)).astype(np.float32))
