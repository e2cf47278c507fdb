"""A small network that reads any of the languages: word order and what is denied, where n-grams only see words.

Every word is the sum of the vectors of its letter runs (of Japanese, of each character and its neighbours), three
convolutions look at neighbouring words, and what matters most anywhere in the text decides. It is taught on all
languages at once by `intents.teach` and kept as `data/network.npz`: reading it needs numpy alone.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.phrases import DATA

FILE = DATA / "network.npz"
ROWS = 1 << 17
"""Vectors that letter runs are hashed to; row 0 is nothing."""
MAX_WORDS = 72
MAX_RUNS = 24
"""Letter runs of one word that count."""
GAP = 2
"""Empty places between two texts, so that no convolution sees across."""
STRIDES = (1, 1, 2)
"""How far apart the words are that each convolution looks at."""

_WORD = re.compile(r"[一-鿿々〆]|[ぁ-ゟ]|[ァ-ヿー]|[^\W一-鿿々〆ぁ-ゟァ-ヿー]+|[^\w\s]")
_UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")

Floats = NDArray[np.float32]


def runs(shaped: str) -> list[list[int]]:
    """For each word of a shaped text the rows of its letter runs; of an empty text one word of nothing."""
    words = _WORD.findall(shaped)[:MAX_WORDS]
    return [_of_word(words, at) for at in range(len(words))] or [[0]]


def _of_word(words: Sequence[str], at: int) -> list[int]:
    word = words[at]
    if not _UNSPACED.match(word):
        return list(_of_letters(word))
    following = words[at + 1] if at + 1 < len(words) else "$"
    before = words[at - 1] if at else "^"
    three, four = "".join(words[at + 1 : at + 3]), "".join(words[at + 1 : at + 4])
    return [_row(run) for run in (word, word + following, f"{word}{three}3", f"{word}{four}4", f"{before}{word}<")]


@lru_cache(20_000)
def _of_letters(word: str) -> tuple[int, ...]:
    bound = f"<{word[:18]}>"
    found = [bound] + [bound[at : at + size] for size in (3, 4, 5) for at in range(len(bound) - size + 1)]
    return tuple(_row(run) for run in found[:MAX_RUNS])


def _row(run: str) -> int:
    return zlib.crc32(run.encode()) % ROWS + 1


@dataclass(frozen=True, slots=True)
class Network:
    """The arrays; vectors are bytes with a scale for each row, which loses nothing that can be measured."""

    vectors: NDArray[np.int8]
    scale: NDArray[np.float16]
    enter: Floats
    enter_bias: Floats
    looks: Floats
    """For each convolution the weights of the word before, the word itself and the word after, side by side."""
    looks_bias: Floats
    heed: Floats
    """How much a word is heeded."""
    leave: Floats
    leave_bias: Floats

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of the arrays."""
        return tuple(field.name for field in fields(cls))

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Network:
        """The network of these arrays, by name."""
        return cls(*(arrays[name] for name in cls.names()))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays, by name."""
        return {name: getattr(self, name) for name in self.names()}

    def read(self, shaped: Sequence[str]) -> Floats:
        """For each shaped text how strongly it asks for each of LABELS, as log odds."""
        texts = [runs(text) for text in shaped]
        starts = np.cumsum([GAP, *(len(text) + GAP for text in texts)])[:-1]
        length = int(starts[-1]) + len(texts[-1]) + GAP
        words = [word for text in texts for word in text]
        sizes = np.array([len(text) for text in texts])
        places = np.repeat(starts - np.cumsum([0, *sizes])[:-1], sizes) + np.arange(len(words))
        state = np.zeros((length, self.enter.shape[1]), dtype=np.float32)
        state[places] = np.maximum(self._vectors(words) @ self.enter + self.enter_bias, 0)
        for look, bias, stride in zip(self.looks, self.looks_bias, STRIDES, strict=True):
            seen, size = state @ look, state.shape[1]
            told = seen[:, size : 2 * size] + bias
            told[stride:] += seen[:-stride, :size]
            told[:-stride] += seen[stride:, 2 * size :]
            state[places] += np.maximum(told[places], 0)
        return self._decide(state[places], np.cumsum([0, *sizes])[:-1], sizes)

    def _vectors(self, words: Sequence[Sequence[int]]) -> Floats:
        """A word is the sum of its runs' vectors, divided by the root of their number."""
        counts = np.array([len(word) for word in words])
        rows = np.array([row for word in words for row in word])
        found = self.vectors[rows].astype(np.float32) * self.scale[rows].astype(np.float32)[:, None]
        summed = np.add.reduceat(found, np.cumsum([0, *counts])[:-1], axis=0)
        return np.asarray(summed / np.sqrt(counts)[:, None], dtype=np.float32)

    def _decide(self, words: Floats, edges: NDArray[np.intp], sizes: NDArray[np.intp]) -> Floats:
        heeded = words @ self.heed
        heeded = np.exp(heeded - np.repeat(np.maximum.reduceat(heeded, edges), sizes))
        weighed = np.add.reduceat(words * heeded[:, None], edges, axis=0) / np.add.reduceat(heeded, edges)[:, None]
        strongest = np.maximum.reduceat(words, edges, axis=0)
        mean = np.add.reduceat(words, edges, axis=0) / sizes[:, None]
        pooled = np.concatenate([weighed, strongest, mean], axis=1)
        return np.asarray(pooled @ self.leave + self.leave_bias, dtype=np.float32)
