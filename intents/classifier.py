"""One language's classifier: hashed features in, a score for each label out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intents import features
from intents.phrases import LABELS

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Weighed = tuple[NDArray[np.intp], NDArray[np.intp], Floats]
"""Text, feature and weight of each cell."""
CHARACTERS = 1.5
"""How much characters count against words: measured on writers not seen, flat from 1.2 to 2."""
BOUND = 9.0
"""A score counts up to here: beyond it a classifier is certain and no surer."""


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of feature: the sorted hashes seen in training and how rare each was."""

    hashes: features.Hashes
    rarity: Floats
    weight: float = 1.0

    def weigh(self, grams: features.Grams, texts: int) -> Weighed:
        """The known features of so many texts with their weights: frequency times rarity, of length `weight` a text."""
        where, known = self.find(grams.hashes)
        rows, weights = grams.rows[known], grams.counts[known] * self.rarity[where]
        length = np.sqrt(np.bincount(rows, weights * weights, minlength=texts))
        return rows, where, (weights * (self.weight / np.maximum(length, 1e-9))[rows]).astype(np.float32)

    def find(self, hashes: features.Hashes) -> tuple[NDArray[np.intp], Bools]:
        """Where the known ones among these stand, and which are known."""
        if not len(self.hashes):
            return np.empty(0, dtype=np.intp), np.zeros(len(hashes), dtype=np.bool_)
        where = np.searchsorted(self.hashes, hashes)
        where[where == len(self.hashes)] = 0
        known = self.hashes[where] == hashes
        return where[known], known


@dataclass(frozen=True, slots=True)
class Classifier:
    """Linear scores over two blocks of features: one row of weights for each feature, a column for each of LABELS."""

    words: Block
    characters: Block
    weights: NDArray[np.float16]
    bias: Floats

    def save(self, path: Path) -> None:
        """Write the arrays; the same classifier gives the same bytes."""
        np.savez(
            path,
            word_hashes=self.words.hashes,
            word_rarity=self.words.rarity,
            character_hashes=self.characters.hashes,
            character_rarity=self.characters.rarity,
            weights=self.weights,
            bias=self.bias,
        )

    @classmethod
    def open(cls, path: Path) -> Classifier:
        """Read a saved classifier. Raises OSError or ValueError where the file is missing or damaged."""
        with np.load(path, allow_pickle=False) as arrays:
            if arrays["bias"].shape != (len(LABELS),):
                raise ValueError(f"{path.name} was made for other labels")
            words = Block(arrays["word_hashes"], arrays["word_rarity"])
            characters = Block(arrays["character_hashes"], arrays["character_rarity"], CHARACTERS)
            return cls(words, characters, arrays["weights"], arrays["bias"])

    def read(self, shaped: Sequence[str]) -> Floats:
        """For each shaped text how strongly it asks for each of LABELS, as log odds within BOUND."""
        scores = np.tile(self.bias, (len(shaped), 1))
        first = 0
        for block, grams in (
            (self.words, features.word_features(shaped)),
            (self.characters, features.character_features(shaped)),
        ):
            rows, where, weights = block.weigh(grams, len(shaped))
            told = weights[:, None] * self.weights[first + where].astype(np.float32)
            for row, until in zip(*_runs(rows), strict=True):
                scores[rows[row]] += told[row:until].sum(axis=0)
            first += len(block.hashes)
        return np.clip(scores, -BOUND, BOUND)


def _runs(rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each run of one row begins and ends; the rows are in order."""
    edges = np.flatnonzero(np.diff(rows)) + 1
    if not len(rows):
        return edges, edges
    return np.concatenate(([0], edges)), np.concatenate((edges, [len(rows)]))
