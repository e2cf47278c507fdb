"""The phrase files: what people write, by intent and language, in Rasa's NLU YAML shape."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"
LANGUAGES = ("en", "ja", "es", "fr", "pt", "ru", "sw", "ar")
LABELS = (
    "access",
    "correction",
    "deletion",
    "opt_out",
    "restriction",
    "objection",
    "disclosure",
    "complaint",
    "question",
    "status",
    "withdraw",
    "human",
    "out_of_scope",
)
"""The intents of the outside contract, in the order of a model's columns."""

_ENTITY = re.compile(r"\[([^\[\]]+)\]\(([a-z_]+)\)")


class BadPhrases(ValueError):
    """A phrase file is not in the shape this room reads; the message names file and intent."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One example: the text as typed, what it asks for, and the marked new value of a correction."""

    text: str
    intents: tuple[str, ...]
    field: str = ""
    new_value: str = ""


def read(path: Path, known: tuple[str, ...] = LABELS) -> list[Phrase]:
    """The phrases of one file, in file order.

    Raises BadPhrases for an unknown intent or a block that is not a list of examples.
    """
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [phrase for block in document["nlu"] for phrase in _block(path, block, known)]


def _block(path: Path, block: dict[str, Any], known: tuple[str, ...]) -> list[Phrase]:
    intents = tuple(str(block["intent"]).split("+"))
    lines = str(block["examples"]).splitlines()
    if not set(intents) <= set(known) or not all(line.startswith("- ") for line in lines):
        raise BadPhrases(f"{path.name}: block {block['intent']!r} has an unknown intent or a line without '- '")
    return [_phrase(line[2:], intents) for line in lines]


def _phrase(example: str, intents: tuple[str, ...]) -> Phrase:
    entity = _ENTITY.search(example)
    if entity is None:
        return Phrase(example, intents)
    return Phrase(_ENTITY.sub(r"\1", example), intents, field=entity[2], new_value=entity[1])
