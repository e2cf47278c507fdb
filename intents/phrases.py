"""The phrase files: what people write, by intent and language, in Rasa's NLU YAML shape.

A language is a folder of files. A message for several rights, or a long one, marks the clauses that ask, each by its
label: `[wipe all of it](deletion) and [who has it](disclosure)`. A correction marks its new value by the field:
`it is [j.kamau@mail.ke](email) now`. To Rasa both are entities, so nothing is lost on the way there and back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"
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
RIGHTS = LABELS[:8]
"""The ones that become a ticket: access to complaint."""
FIELDS = ("name", "address", "email", "phone", "company", "consignee", "other")
"""What a correction can be about."""

_MARK = re.compile(r'\[([^\[\]]+)\](?:\(([a-z_]+)\)|\{"entity": ?"([a-z_]+)"\})')


class BadPhrases(ValueError):
    """A phrase file is not in the shape this room reads; the message names file and intent."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked part of a text: characters `start` to `end` are a clause (name in LABELS) or a new value (in FIELDS)."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """One example: the text as typed, what it asks for, its marks in order, and the channel if that is known."""

    text: str
    intents: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    channel: str = ""

    @property
    def clauses(self) -> tuple[tuple[str, str], ...]:
        """The marked clauses: text and label."""
        return tuple((self.text[one.start : one.end], one.name) for one in self.marks if one.name not in FIELDS)

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """The marked new values of a correction: field and literal text."""
        return tuple((one.name, self.text[one.start : one.end]) for one in self.marks if one.name in FIELDS)


@cache
def languages() -> tuple[str, ...]:
    """The languages that have phrases, English first: each is a folder of the data."""
    found = sorted(path.name for path in DATA.iterdir() if path.is_dir() and any(path.glob("*.yml")))
    return tuple(sorted(found, key=lambda code: (code != "en", code)))


def files(language: str) -> list[Path]:
    """The phrase files of one language, in order of their names."""
    return sorted((DATA / language).glob("*.yml"))


def of_language(language: str) -> list[Phrase]:
    """All phrases of a language. Raises BadPhrases."""
    return [phrase for path in files(language) for phrase in read(path)]


def read(path: Path, known: Sequence[str] = LABELS) -> list[Phrase]:
    """The phrases of one file, in file order.

    Raises BadPhrases for what is not NLU YAML, an unknown intent or entity, or a block without examples.
    """
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        blocks = list(document["nlu"])
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError):
        raise BadPhrases(f'{path.name}: no YAML with a list "nlu"') from None
    return [phrase for block in blocks for phrase in _block(path.name, block, known)]


def _block(name: str, block: Any, known: Sequence[str]) -> Iterator[Phrase]:
    if not isinstance(block, dict) or "intent" not in block:
        raise BadPhrases(f"{name}: only blocks of an intent can be read, not synonyms, lookups or regexes")
    intents = tuple(str(block["intent"]).split("+"))
    if not set(intents) <= set(known):
        raise BadPhrases(f"{name}: unknown intent {block['intent']!r}")
    channel = (block.get("metadata") or {}).get("channel", "")
    for example in _examples(name, block):
        text, marks = _unmark(example)
        if not {one.name for one in marks} <= {*known, *FIELDS}:
            raise BadPhrases(f"{name}: unknown entity in block {block['intent']!r}")
        yield Phrase(text, intents, marks, channel)


def _examples(name: str, block: dict[str, Any]) -> list[str]:
    """Lines that begin with a dash, or, for texts of several lines, a list of `text`."""
    examples = block.get("examples")
    if isinstance(examples, list) and all(isinstance(one, dict) and "text" in one for one in examples):
        return [str(one["text"]).strip("\n") for one in examples]
    lines = str(examples or "").splitlines()
    if not lines or not all(line.startswith("- ") for line in lines):
        raise BadPhrases(f"{name}: block {block['intent']!r} has no examples or a line without '- '")
    return [line[2:] for line in lines]


def _unmark(example: str) -> tuple[str, tuple[Mark, ...]]:
    text, marks, done = "", [], 0
    for found in _MARK.finditer(example):
        text += example[done : found.start()]
        marks.append(Mark(len(text), len(text) + len(found[1]), found[2] or found[3]))
        text, done = text + found[1], found.end()
    return text + example[done:], tuple(marks)


def write(phrases: Iterable[Phrase]) -> str:
    """The phrases as NLU YAML that `read` gives back as they were."""
    lines = ['version: "3.1"', "nlu:"]
    for (intents, channel, long), block in groupby(phrases, lambda one: (one.intents, one.channel, "\n" in one.text)):
        lines.append(f"- intent: {'+'.join(intents)}")
        lines += ["  metadata:", f"    channel: {channel}"] * bool(channel)
        lines.append("  examples:" if long else "  examples: |")
        for phrase in block:
            lines += _as_text(_marked(phrase)) if long else [f"    - {_marked(phrase)}"]
    return "\n".join(lines) + "\n"


def _marked(phrase: Phrase) -> str:
    text = phrase.text
    for one in reversed(phrase.marks):
        text = f"{text[: one.start]}[{text[one.start : one.end]}]({one.name}){text[one.end :]}"
    return text


def _as_text(text: str) -> list[str]:
    # The 2 says how deep the text stands, so that a first line may begin with a space.
    return ["  - text: |2", *(f"      {line}" if line else "" for line in text.split("\n"))]
