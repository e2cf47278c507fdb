"""What a correction wants changed: the field, and the new text where the message gives it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from intents.cues import MAX_CHARACTERS
from intents.phrases import DATA
from intents.understanding import Detail
from intents.values import ValueReader

WEIGHTS = DATA / "values.npz"
"""What `python -m intents.valuing` learned from the phrases."""
MAX_VALUE = 200
"""Characters of a new text; a longer one is a sentence that was misread."""


class DetailReader:
    """Reads the details of a correction."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        """Raises OSError or ValueError where the weights are missing or damaged."""
        self._values = ValueReader.open(weights)

    def read(self, text: str, language: str, others: Sequence[str] = ()) -> tuple[Detail, ...]:
        """The details of a text that asks for a correction, the surest first; new values are as they were typed.

        `others` are the clauses of the text that ask for something else; no value is looked for in them.
        """
        text = without_others(text[:MAX_CHARACTERS], others)
        found = self._values.read(text, language)
        return tuple(Detail(one.field, _literal(text, one.place)) for one in found)


def without_others(text: str, others: Sequence[str]) -> str:
    """The text of the same length in which each of these clauses is an empty line."""
    for clause in others:
        at = text.find(clause)
        if clause and at >= 0:
            text = f"{text[:at]}\n{' ' * (len(clause) - 1)}{text[at + len(clause) :]}"
    return text


def _literal(text: str, place: tuple[int, int] | None) -> str | None:
    if place is None or place[1] - place[0] > MAX_VALUE:
        return None
    return text[slice(*place)]
