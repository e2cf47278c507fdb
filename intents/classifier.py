"""One language's classifier: arrays, how they read a text, and how they are kept on disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intents import features
from intents.phrases import DATA, LABELS, LANGUAGES

_CODE = ("fold.py", "features.py", "phrases.py", "classifier.py", "train.py")
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Found = tuple[features.Hashes, features.Counts]
NO_LIMITS = np.zeros(2, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of feature: the sorted hashes seen in training and how rare each was."""

    hashes: features.Hashes
    rarity: Floats

    def weigh(self, hashes: features.Hashes, counts: features.Counts) -> tuple[NDArray[np.intp], Floats]:
        """Where the known features stand, and their weights (term frequency times rarity, unit length)."""
        if not len(self.hashes) or not len(hashes):
            return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float32)
        where = np.searchsorted(self.hashes, hashes)
        where[where == len(self.hashes)] = 0
        known = self.hashes[where] == hashes
        where, weights = where[known], counts[known] * self.rarity[where[known]]
        length = float(np.sqrt(np.dot(weights, weights)))
        return where, (weights / length if length else weights).astype(np.float32)


@dataclass(frozen=True)
class Model:
    """One language's classifier. `limits` are (join, sure), see `train.calibrate`."""

    words: Block
    characters: Block
    weights: Floats
    bias: Floats
    limits: Floats

    def confidences(self, text: str) -> Floats:
        """How likely each of LABELS is asked for, each 0 to 1 by itself (they need not sum to 1)."""
        shaped = features.shape(text)
        return self.confidences_of(features.word_features(shaped), features.character_features(shaped))

    def confidences_of(self, words: Found, characters: Found) -> Floats:
        """The same, from features already made."""
        score = self.bias.copy()
        for block, found, first in ((self.words, words, 0), (self.characters, characters, len(self.words.hashes))):
            where, weights = block.weigh(*found)
            score += weights @ self.weights[first + where]
        return (1.0 / (1.0 + np.exp(-score))).astype(np.float32)

    @cached_property
    def join(self) -> float:
        """A second label is added from this confidence."""
        return float(self.limits[0])

    @cached_property
    def sure(self) -> float:
        """The best label is taken without asking from this confidence."""
        return float(self.limits[1])

    def save(self, path: Path) -> None:
        """Write the arrays; the same model gives the same bytes."""
        np.savez(
            path,
            word_hashes=self.words.hashes,
            word_rarity=self.words.rarity,
            character_hashes=self.characters.hashes,
            character_rarity=self.characters.rarity,
            weights=self.weights,
            bias=self.bias,
            limits=self.limits,
        )

    @classmethod
    def open(cls, path: Path) -> Model:
        """Read a saved model. Raises OSError or ValueError where the file is missing or damaged."""
        with np.load(path, allow_pickle=False) as arrays:
            if arrays["bias"].shape != (len(LABELS),):
                raise ValueError(f"{path.name} was made for other labels")
            return cls(
                Block(arrays["word_hashes"], arrays["word_rarity"]),
                Block(arrays["character_hashes"], arrays["character_rarity"]),
                arrays["weights"],
                arrays["bias"],
                arrays["limits"],
            )


def stamp() -> str:
    """Hash of everything a model is made of: the phrase files and the code that reads them."""
    digest = hashlib.sha256()
    for path in [DATA / f"{code}.yml" for code in LANGUAGES] + [Path(__file__).parent / name for name in _CODE]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:20]
