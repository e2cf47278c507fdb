"""Learn which words of a correction are the new value, from the marks of the phrase files.

`python -m intents.valuing [FILE]` writes intents/data/values.npz. The same phrases give the same weights. What is
learned: the log-linear model of intents/values.py, by gradient steps of falling size (Duchi et al. 2011, AdaGrad), half
of the clues hidden each time, so that none is relied on alone.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from intents import phrases
from intents.clues import SIZE, ClueReader, Clues, Numbers, word_number
from intents.cues import MAX_CHARACTERS, same_length, words_of
from intents.details import WEIGHTS, without_others
from intents.phrases import FIELDS, Phrase
from intents.values import Weights

SEED = 20261208
ROUNDS = 12
STEP = 0.2
HIDDEN = 0.5
SMALL = 0.15
"""Share of the steps in which a text is read in lower case."""
DECAY = 3e-3
"""Measured on writers left out; flat around these."""
COMMON = 3
"""A word in so many phrases is common: hardly ever the name of somebody."""
SMALLEST = 0.02
"""A weight nearer to zero decides nothing and is not kept."""
COLUMNS = 1 + len(FIELDS)

Gradients = NDArray[np.float64]
Writer = tuple[str, Sequence[Phrase]]
"""A language and what one person wrote in it: one phrase file."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One correction: its clues and the right candidates as rows and columns of the scores, none for no value."""

    clues: Clues
    right: tuple[tuple[int, int], ...]
    small: Clues | None = None
    """Of the same text in lower case, as people chat."""


def common_words(writers: Sequence[Writer]) -> dict[str, frozenset[int]]:
    """By language the words, outside the marked values, that COMMON phrases or more hold."""
    counts: dict[str, Counter[int]] = {}
    for language, written in writers:
        for phrase in written:
            counts.setdefault(language, Counter()).update(map(word_number, set(words_of(_unvalued(phrase)))))
    return {language: frozenset(word for word, n in found.items() if n >= COMMON) for language, found in counts.items()}


def _unvalued(phrase: Phrase) -> str:
    text = phrase.text
    for mark in reversed(phrase.marks):
        if mark.name in FIELDS:
            text = f"{text[: mark.start]} {text[mark.end :]}"
    return text


def lessons(writers: Sequence[Writer], reader: ClueReader) -> list[Lesson]:
    """A lesson of each correction whose marks can be candidates.

    A writer who marked no value at all teaches nothing: there a phrase without a mark may well hold one.
    """
    marking = [writer for writer in writers if any(phrase.details for phrase in writer[1])]
    asking = [(language, one) for language, written in marking for one in written if "correction" in one.intents]
    found = (_lesson(phrase, language, reader) for language, phrase in asking)
    return [lesson for lesson in found if lesson]


def _lesson(phrase: Phrase, language: str, reader: ClueReader) -> Lesson | None:
    values = [mark for mark in phrase.marks if mark.name in FIELDS]
    others = [clause for clause, label in phrase.clauses if label != "correction"]
    text = without_others(phrase.text, others)[:MAX_CHARACTERS]
    clues = reader.read(text, language)
    if clues is None or (len(phrase.intents) > 1 and not values):
        return None
    places = {
        (clues.spans[start][0], clues.spans[end][1]): row
        for row, (start, end) in enumerate(zip(clues.starts, clues.ends, strict=True))
    }
    right = [(places.get((mark.start, mark.end), -1), FIELDS.index(mark.name)) for mark in values]
    known = tuple((row, column) for row, column in right if row >= 0)
    small = reader.read(same_length(text), language)
    alike = small is not None and small.spans == clues.spans
    return Lesson(clues, known, small if alike else None) if known or not values else None


def learn(taught: Sequence[Lesson]) -> Weights:
    """The weights under which the right candidates are the likeliest."""
    table, seen, mean = (np.zeros((SIZE + 1, COLUMNS)) for _ in range(3))
    seen += 0.1
    chance = np.random.default_rng(SEED)
    for turn in range(ROUNDS):
        for at in chance.permutation(len(taught)):
            lesson = taught[at]
            clues = _hidden(lesson.small if lesson.small and chance.random() < SMALL else lesson.clues, chance)
            rows, gradients = _gradients(Weights(table), clues, lesson.right)
            gradients += DECAY * table[rows]
            seen[rows] += gradients**2
            table[rows] -= STEP * gradients / np.sqrt(seen[rows])
        if turn >= ROUNDS // 2:
            mean += table
    return Weights((mean / (ROUNDS - ROUNDS // 2)).astype(np.float32))


def _hidden(clues: Clues, chance: Generator) -> Clues:
    """The clues with a share of them replaced by the one that weighs nothing."""

    def fewer(numbers: Numbers) -> Numbers:
        return np.where(chance.random(numbers.shape) < HIDDEN, SIZE, numbers)

    return replace(
        clues,
        first=fewer(clues.first),
        last=fewer(clues.last),
        inside=fewer(clues.inside),
        joined=fewer(clues.joined),
        whole=fewer(clues.whole),
        message=fewer(clues.message),
        silence=fewer(clues.silence),
    )


def _gradients(weights: Weights, clues: Clues, right: Sequence[tuple[int, int]]) -> tuple[Numbers, Gradients]:
    """By how much each clue's weights are wrong: what is believed less what is true."""
    values, silence = weights.weigh(clues).likely()
    believed, quiet = values.astype(np.float64), silence.astype(np.float64)
    if right:
        share = np.array([believed[one] for one in right]) + 1e-12
        for one, part in zip(right, share / share.sum(), strict=True):
            believed[one] -= part
    else:
        quiet -= quiet / quiet.sum()
    return _spread(clues, _summed(believed), quiet, believed.sum(axis=0) + quiet)


def _summed(rows: Gradients) -> Gradients:
    """With the column in front that counts for any field."""
    return np.concatenate((rows.sum(axis=1, keepdims=True), rows), axis=1)


def _spread(clues: Clues, candidates: Gradients, quiet: Gradients, field: Gradients) -> tuple[Numbers, Gradients]:
    """The gradients of the candidates carried to each clue they are made of, each clue's summed."""
    count = len(clues.spans)
    first, last = np.zeros((count, COLUMNS)), np.zeros((count, COLUMNS))
    inside, joined = np.zeros((count + 1, COLUMNS)), np.zeros((count + 2, COLUMNS))
    np.add.at(first, clues.starts, candidates)
    np.add.at(last, clues.ends, candidates)
    for running, begin in ((inside, clues.starts), (joined, clues.starts + 1)):
        np.add.at(running, begin, candidates)
        np.add.at(running, clues.ends + 1, -candidates)
    parts = (
        (clues.first, first),
        (clues.last, last),
        (clues.inside, np.cumsum(inside, axis=0)[:count]),
        (clues.joined, np.cumsum(joined, axis=0)[:count]),
        (clues.whole, candidates),
        (clues.message[None], np.append(0.0, field)[None]),
        (clues.silence[None], np.append(quiet.sum(), quiet)[None]),
    )
    numbers = np.concatenate([numbers.ravel() for numbers, _ in parts])
    told = np.concatenate([np.repeat(rows, numbers.shape[1], axis=0) for numbers, rows in parts])
    rows, which = np.unique(numbers, return_inverse=True)
    summed = np.stack([np.bincount(which, told[:, column], len(rows)) for column in range(COLUMNS)], axis=1)
    known: Numbers = rows[rows < SIZE]
    gradients: Gradients = summed[rows < SIZE].astype(np.float64)
    return known, gradients


def teach(writers: Sequence[Writer]) -> tuple[Weights, dict[str, frozenset[int]]]:
    """Weights and common words of what these people wrote."""
    common = common_words(writers)
    return learn(lessons(writers, ClueReader(common))), common


def save(path: Path, weights: Weights, common: Mapping[str, Iterable[int]]) -> None:
    """Write what `values.ValueReader.open` reads."""
    table = np.where(np.abs(weights.table) < SMALLEST, 0.0, weights.table)
    rows = np.flatnonzero(table.any(axis=1))
    arrays = {f"common_{code}": np.array(sorted(words), dtype=np.uint32) for code, words in common.items()}
    kept = table[rows].astype(np.float16)
    np.savez_compressed(path, rows=rows.astype(np.uint32), weights=kept, allow_pickle=False, **arrays)


def main(arguments: Sequence[str]) -> int:
    """Learn from all phrases into the file given, or into the data. Returns the exit code."""
    started = time.monotonic()
    path = Path(arguments[0]) if arguments else WEIGHTS
    writers = [(code, phrases.read(file)) for code in phrases.languages() for file in phrases.files(code)]
    save(path, *teach(writers))
    sys.stdout.write(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB in {time.monotonic() - started:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
