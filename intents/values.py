"""Which words of a correction are the new value, and which field they are of: every run of tokens weighed at once.

A field and a run of tokens (or none) get one sum of weights; the likeliest pair is the reading. The weights are learned
from the marks of the phrase files (intents/valuing.py), one column for any field and one for each of FIELDS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intents.clues import SIZE, ClueReader, Clues
from intents.cues import MAX_CHARACTERS
from intents.phrases import FIELDS

Floats = NDArray[np.float32]
SURE = 0.9
"""A further value of the same message is believed from here; the first one is only the likeliest."""
MAX_VALUES = 5


@dataclass(frozen=True, slots=True)
class Scores:
    """How strongly each candidate is the value of each field (a row each), and each field's case for no value."""

    values: Floats
    silence: Floats

    def likely(self) -> tuple[Floats, Floats]:
        """The same as probabilities that sum to one."""
        top = max(float(self.values.max(initial=-np.inf)), float(self.silence.max()))
        values, silence = np.exp(self.values - top), np.exp(self.silence - top)
        total = values.sum() + silence.sum()
        return values / total, silence / total


@dataclass(frozen=True, slots=True)
class Weights:
    """SIZE + 1 rows (the last one is of no clue and stays zero) of 1 + len(FIELDS) columns."""

    table: Floats | NDArray[np.float64]

    def weigh(self, clues: Clues) -> Scores:
        """The scores of one message."""
        table = self.table
        inside = _running(table[clues.inside].sum(axis=1))
        joined = _running(table[clues.joined].sum(axis=1))
        first, last = table[clues.first].sum(axis=1), table[clues.last].sum(axis=1)
        starts, ends = clues.starts, clues.ends
        told = first[starts] + last[ends] + table[clues.whole].sum(axis=1)
        told += inside[ends + 1] - inside[starts] + joined[ends + 1] - joined[starts + 1]
        field = table[clues.message].sum(axis=0)[1:]
        silence = table[clues.silence].sum(axis=0)
        return Scores(told[:, :1] + told[:, 1:] + field, silence[0] + silence[1:] + field)


@dataclass(frozen=True, slots=True)
class Value:
    """A field, the value's place in the text (None: not given), and how likely both are, 0 to 1."""

    field: str
    place: tuple[int, int] | None
    likely: float


class ValueReader:
    """Reads the new values of corrections."""

    def __init__(self, weights: Weights, common: Mapping[str, frozenset[int]]) -> None:
        self._weights = weights
        self._clues = ClueReader(common)

    @classmethod
    def open(cls, path: Path) -> ValueReader:
        """Read saved weights. Raises OSError or ValueError where the file is missing or damaged."""
        with np.load(path, allow_pickle=False) as arrays:
            table = np.zeros((SIZE + 1, 1 + len(FIELDS)), dtype=np.float32)
            table[arrays["rows"]] = arrays["weights"]
            common = {name[7:]: frozenset(arrays[name].tolist()) for name in arrays.files if name.startswith("common_")}
        return cls(Weights(table), common)

    def read(self, text: str, language: str) -> list[Value]:
        """The values of a text that corrects something, the likeliest first; one without a place where none is given.

        Reads the first MAX_CHARACTERS. Empty where the text holds no word.
        """
        text = text[:MAX_CHARACTERS]
        clues = self._clues.read(text, language)
        if clues is None:
            return []
        values, silence = self._weights.weigh(clues).likely()
        if not values.size or values.max() < silence.max():
            return [Value(self._clues.named(text, language), None, float(silence.sum()))]
        return self._several(clues, values, float(silence.sum()))

    def _several(self, clues: Clues, values: Floats, silence: float) -> list[Value]:
        """The best value, and others beside it of other fields that stand apart from it."""
        found: list[Value] = []
        left = values.copy()
        while len(found) < MAX_VALUES:
            at, field = np.unravel_index(int(left.argmax()), left.shape)
            rest = float(left.sum()) + silence
            likely = float(left[at, field]) / rest if rest > 0 else 0.0
            if found and likely < SURE:
                break
            start, end = int(clues.starts[at]), int(clues.ends[at])
            found.append(Value(FIELDS[int(field)], (clues.spans[start][0], clues.spans[end][1]), likely))
            left[:, field] = 0.0
            left[(clues.starts <= end) & (clues.ends >= start)] = 0.0
        return found


def _running(rows: Floats) -> Floats:
    """Sums of the rows before each place."""
    return np.concatenate((np.zeros((1, rows.shape[1]), dtype=rows.dtype), np.cumsum(rows, axis=0)))
