"""How good the classifier is on phrases it has not seen: `python -m intents.measure` (part of `make bench`).

Nine tenths of a language's phrases train, the tenth left out is read as messages are. The phrases of one writer
cluster, so people who write otherwise are read somewhat worse than this says.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass

from intents import clauses
from intents.phrases import DATA, LANGUAGES, Phrase, read
from intents.train import train

SEED = 20261208


@dataclass(frozen=True, slots=True)
class Score:
    """Shares from 0 to 1 over the phrases left out."""

    exact: float
    """The whole label set was right."""
    sure: float
    """The reading was sure, so the bot would act without asking."""
    right_when_sure: float


def measure(phrases: list[Phrase], seed: int = SEED) -> Score:
    """Train on nine tenths, read the tenth."""
    shuffled = random.Random(seed).sample(phrases, len(phrases))  # noqa: S311 - a split, not a secret
    unseen, seen = shuffled[: len(phrases) // 10], shuffled[len(phrases) // 10 :]
    model = train(seen)
    wishes = [clauses.unite(model, phrase.text, clauses.split(phrase.text)) for phrase in unseen]
    right = [set(wish.labels) == set(phrase.intents) for wish, phrase in zip(wishes, unseen, strict=True)]
    sure = [ok for ok, wish in zip(right, wishes, strict=True) if wish.sureness >= model.sure]
    return Score(sum(right) / len(right), len(sure) / len(right), sum(sure) / max(1, len(sure)))


def main() -> int:
    """Print a line per language."""
    for language in LANGUAGES:
        score = measure(read(DATA / f"{language}.yml"))
        sys.stdout.write(
            f"{language}: exact {score.exact:.3f}, sure {score.sure:.3f}, right when sure {score.right_when_sure:.3f}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
