"""Long messages: cut into clauses, read each, and unite what they ask for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intents.classifier import Bools, Floats, Model
from intents.phrases import LABELS

MAX_CLAUSES = 40
"""A text of more clauses is read as that many; the last one holds the rest."""
SHORTEST = 2
"""Words a clause needs to speak for itself; of Japanese, three characters stand for a word."""
ALONE = 0.65
"""A clause adds a label from this confidence: more than a whole message needs, since its context is cut off."""
AGREED = 0.30
"""A label of the whole message stays where some clause gives it at least this."""

OUT_OF_SCOPE = LABELS.index("out_of_scope")
# An address, a decimal or "PR-..." holds no sentence end: a dot needs a space behind it.
# The space before a dash is looked at once, from its beginning (or behind a line break, where the third part stopped).
_DASH = r"(?<![^\S\n])\s++[-\u2013\u2014]\s+"
_SENTENCE = rf"(?<=[.!?;\u061f])\s+|[\u3002\uff01\uff1f\uff1b]+\s*|\n+|{_DASH}"
# ", and ...": a comma and "and", "but" or "also" in the eight languages.
_JOINED = r"(?<=[^\W\d_]{2})[,\u060c\u3001]\s*(?=(?:and|but|also|y|et|e|\u0438|\u0430|na|\u0648)\s)"
_EDGE = re.compile(f"{_SENTENCE}|{_JOINED}")
_UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a message asks for: confidence by label, the labels, and how sure the weakest needed step was."""

    confidences: Floats
    labels: tuple[str, ...]
    sureness: float
    clauses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Each clause that asks for something by itself, with its labels."""

    def saying(self, label: str) -> tuple[str, ...]:
        """The clauses that ask for this label; all where none does so alone."""
        found = tuple(clause for clause, labels in self.clauses if label in labels)
        return found or tuple(clause for clause, _ in self.clauses)


def split(text: str) -> list[str]:
    """The clauses of a cleaned text, at sentence ends, line breaks, dashes and ", and"; at most MAX_CLAUSES."""
    parts = (part.strip() for part in _EDGE.split(text, maxsplit=MAX_CLAUSES - 1))
    return [part for part in parts if part]


def certain(*labels: str) -> Wish:
    """A wish that leaves no doubt, for a keyword or a rule."""
    confidences = np.array([label in labels for label in LABELS], dtype=np.float32)
    return Wish(confidences, tuple(sorted(set(labels))), 1.0)


def torn(likelier: str, other: str) -> Wish:
    """Two readings nobody can choose between."""
    confidences = np.zeros(len(LABELS), dtype=np.float32)
    confidences[LABELS.index(likelier)], confidences[LABELS.index(other)] = 0.46, 0.41
    return Wish(confidences, (likelier,), 0.0)


def unite(model: Model, text: str, parts: Sequence[str]) -> Wish:
    """What a message asks for: the whole text's reading, and every clause that asks for something by itself.

    `parts` are the clauses without greetings and thanks. A clause that is business or context neither adds nor
    removes a label.
    """
    speaking = [part for part in parts if long_enough(part)]
    if len(speaking) < 2:
        only = speaking[0] if speaking else text
        return _of_one(model, only)
    read = [(part, model.confidences(part)) for part in speaking]
    asking = [(part, found) for part, found in read if _asks(found)]
    whole = model.confidences(text)
    if not asking:
        return _with_clauses(_wish(whole, model), [(part, whole) for part in speaking], model)
    return _with_clauses(_several(whole, [found for _, found in asking], model), asking, model)


def long_enough(clause: str) -> bool:
    """Whether a clause has words enough to be read without its neighbours."""
    return len(clause.split()) >= SHORTEST or len(_UNSPACED.findall(clause)) >= 3 * SHORTEST


def _of_one(model: Model, clause: str) -> Wish:
    confidences = model.confidences(clause)
    return _with_clauses(_wish(confidences, model), [(clause, confidences)], model)


def _asks(confidences: Floats) -> bool:
    best = int(np.argmax(confidences))
    return best != OUT_OF_SCOPE and bool(confidences[best] >= ALONE)


def _several(whole: Floats, asking: Sequence[Floats], model: Model) -> Wish:
    strongest = np.max(asking, axis=0)
    united = np.maximum(strongest, np.minimum(whole, strongest + AGREED)).astype(np.float32)
    united[OUT_OF_SCOPE] = 0.0
    chosen = (strongest >= ALONE) | ((whole >= max(model.join, 0.5)) & (strongest >= AGREED))
    chosen[OUT_OF_SCOPE] = False
    # Each asking clause must be clear by itself for the message to be.
    return Wish(united, _names(chosen), float(min(found.max() for found in asking)))


def _wish(confidences: Floats, model: Model) -> Wish:
    chosen = chosen_of(confidences, model.join)
    return Wish(confidences, _names(chosen), float(confidences.max()))


def chosen_of(confidences: Floats, join: float) -> Bools:
    """Which labels one reading gives: the best one, and all others from `join`; out_of_scope stands alone."""
    best: Bools = np.arange(len(LABELS)) == int(np.argmax(confidences))
    if best[OUT_OF_SCOPE]:
        return best
    chosen: Bools = best | (confidences >= join)
    chosen[OUT_OF_SCOPE] = False
    return chosen


def _with_clauses(wish: Wish, read: Sequence[tuple[str, Floats]], model: Model) -> Wish:
    said = tuple((part, _names(chosen_of(found, model.join))) for part, found in read)
    return Wish(wish.confidences, wish.labels, wish.sureness, said)


def _names(chosen: Bools) -> tuple[str, ...]:
    return tuple(sorted(label for label, is_chosen in zip(LABELS, chosen, strict=True) if is_chosen))
