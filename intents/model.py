"""What reads a language: its classifier, and what all languages share (network, judge, limits); plain arrays."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from intents.classifier import Classifier
from intents.evidence import Judge
from intents.network import FILE, Network
from intents.phrases import files, languages

_CODE = ("fold", "features", "phrases", "clauses", "classifier", "lessons", "train")


@dataclass(frozen=True, slots=True)
class Limits:
    """From which confidence a choice is made, see `judging.limits_of`."""

    join: float
    """A second label is added from here."""
    wish: float
    """A label this likely is acted on without asking."""
    business: float
    """A label that is this likely *not* asked for is left alone without asking."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What reads every language, as `intents.teach` left it."""

    network: Network
    judge: Judge
    limits: Limits
    taught: tuple[str, ...]
    """The languages the network was taught; any other is read by its classifier alone."""

    def save(self, path: Path = FILE) -> None:
        """Write the arrays."""
        arrays = {f"net_{name}": value for name, value in self.network.arrays().items()}
        arrays["judge"] = self.judge.weights
        arrays["taught"] = np.array(self.taught, dtype="U3")
        arrays["limits"] = np.array([self.limits.join, self.limits.wish, self.limits.business])
        np.savez_compressed(path, allow_pickle=False, **arrays)

    @classmethod
    def open(cls, path: Path = FILE) -> Shared:
        """Read the arrays. Raises OSError or ValueError where the file is missing or damaged."""
        with np.load(path, allow_pickle=False) as arrays:
            network = Network.of({name: arrays[f"net_{name}"] for name in Network.names()})
            judge = Judge(arrays["judge"])
            limits = Limits(*(float(limit) for limit in arrays["limits"]))
            return cls(network, judge, limits, tuple(str(code) for code in arrays["taught"]))


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that reads one language."""

    classifier: Classifier
    network: Network | None
    judge: Judge
    limits: Limits


def stamp() -> str:
    """Hash of everything a classifier is made of: the phrase files and the code that reads them."""
    digest = hashlib.sha256()
    phrases = [path for language in languages() for path in files(language)]
    for path in [*phrases, *(Path(__file__).parent / f"{name}.py" for name in _CODE)]:
        digest.update(f"{path.parent.name}/{path.name}".encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:20]
