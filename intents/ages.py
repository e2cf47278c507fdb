"""Whether somebody says that they are a child: an age below eighteen, said of oneself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from intents import tables

MAX_CHARACTERS = 2_000
"""Beginning of a text that is looked at."""
OF_AGE = 18
"""Years; the highest age of majority below which a person decides everywhere (UN Convention on the Rights, art. 1)."""
YOUNGEST = 5


class AgeReader:
    """Finds "im 15 delete my data", "tengo 14", "15歳です"."""

    def __init__(self) -> None:
        data = tables.read("ages")
        self._ages = {code: _age(data, code) for code in data["lead"]}

    def minor(self, folded: str, language: str) -> bool:
        """Whether a folded text says so, in its language or in English."""
        codes = dict.fromkeys((language, "en"))
        found = (self._ages[code].finditer(folded[:MAX_CHARACTERS]) for code in codes if code in self._ages)
        return any(YOUNGEST <= int(match["age"]) < OF_AGE for matches in found for match in matches)


def _age(data: dict[str, dict[str, list[str]]], code: str) -> re.Pattern[str]:
    lead, years, follow = (_any(data[name][code]) for name in ("lead", "years", "follow"))
    small, deny = _any(data["small"]["any"]), _any(data["deny"]["any"])
    front = rf"(?:{lead})[\s:]{{0,2}}(?:(?:{small})\s){{0,2}}" if data["lead"][code] else ""
    behind = rf"(?:{years})(?!\s{{0,2}}(?:{deny}))"
    if data["follow"][code]:
        behind += rf"|(?=\s{{0,2}}(?:{follow}))|(?=\s{{0,2}}(?:[.,;!?)\n]|$))"
    return re.compile(rf"{front}(?<!\d)(?P<age>\d{{1,2}})(?![\d%]|[.,:/-]\d)\s?(?:{behind})")


def _any(patterns: Iterable[str]) -> str:
    return tables.finder(list(patterns)).pattern
