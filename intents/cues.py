"""The words of a correction that tell of its new value: the fields it names, and the cues around a value.

Both are tables of corrections.toml. Texts are folded character by character, so that places are those of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from intents import tables
from intents.fold import fold
from intents.tokens import Span, tokens

MAX_CHARACTERS = 3_000
"""Beginning of a text that is read for a new value."""

Hit = tuple[int, int, str]
"""End and start of a word found, and what it names."""


class CueReader:
    """Finds fields and cues in a folded text."""

    def __init__(self) -> None:
        data = tables.read("corrections")
        self._fields = {name: _by_language(patterns) for name, patterns in data["fields"].items()}
        self._cues = {name: _by_language(patterns) for name, patterns in data["cues"].items()}

    def fields(self, folded: str, language: str) -> list[Hit]:
        """Each field named, in order of appearance."""
        return sorted(_hits(self._fields, folded, language))

    def narrowest(self, folded: str, language: str) -> str:
        """The first field of the table that a text names; empty where it names none."""
        found = (name for name, words in self._fields.items() if words.get(language, words["en"]).search(folded))
        return next(found, "")

    def cues(self, spans: Sequence[Span], folded: str, language: str) -> list[list[str]]:
        """For each token the names of the cues it is part of, in the table's order."""
        found: list[list[str]] = [[] for _ in spans]
        begins = [start for start, _ in spans]
        for end, start, name in _hits(self._cues, folded, language):
            at = bisect_left(begins, start)
            at -= at > 0 and spans[at - 1][1] > start
            while at < len(spans) and begins[at] < end:
                found[at].append(name)
                at += 1
        return found


def same_length(text: str) -> str:
    """Folded character by character, so that positions are those of the text."""
    return "".join(map(_folded, text))


def words_of(text: str) -> Iterator[str]:
    """The folded words of a text as `ClueReader` sees them."""
    folded = same_length(text[:MAX_CHARACTERS])
    return (folded[start:end] for start, end in tokens(folded) if not folded[start:end].isspace())


@lru_cache(maxsize=4_096)
def _folded(character: str) -> str:
    if character.isspace():
        return character
    folded = fold(character)
    return folded if len(folded) == 1 else character


def latest(hits: Sequence[Hit], spans: Sequence[Span]) -> list[str]:
    """For each token the field that was named last before it."""
    found, at, name = [], 0, ""
    for start, _ in spans:
        while at < len(hits) and hits[at][0] <= start:
            name = hits[at][2]
            at += 1
        found.append(name)
    return found


def _by_language(patterns: Mapping[str, list[str]]) -> dict[str, re.Pattern[str]]:
    """English words count in every language."""
    english = patterns["en"]
    return {
        code: tables.finder(list(dict.fromkeys([*words, *english]))) for code, words in {"en": [], **patterns}.items()
    }


def _hits(table: Mapping[str, Mapping[str, re.Pattern[str]]], folded: str, language: str) -> Iterator[Hit]:
    for name, languages in table.items():
        for match in languages.get(language, languages["en"]).finditer(folded):
            yield match.end(), match.start(), name
