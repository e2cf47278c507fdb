"""Where somebody says they live: the literal words of the place, never what country that is."""

from __future__ import annotations

import re

from intents import tables
from intents.cues import same_length

MAX_CHARACTERS = 2_000
"""Beginning of a text that is looked at."""
LONGEST = 60
"""Characters of a place."""
MOST_WORDS = 6
_BEFORE = 16
_END = re.compile(r"[.!?,;:\n()。！？、،؟\"«»…]")
_FRONT = re.compile(r"[^\s.!?,;:\n()。！？、،؟「」はがも私僕俺今]{1,20}$")


class ResidenceReader:
    """Finds the place in "I live in Nairobi", "vivo en Lima", "東京に住んでいます"."""

    def __init__(self) -> None:
        data = tables.read("residence")
        english = {name: data[name].get("en", []) for name in data}
        codes = {code for languages in data.values() for code in languages}
        self._finders = {
            code: {name: tables.finder([*data[name].get(code, []), *english[name]]) for name in data} for code in codes
        }

    def read(self, text: str, language: str) -> str:
        """The place as it was typed, without what surrounds it; empty where none is named or it is where one was."""
        text = text[:MAX_CHARACTERS]
        folded = same_length(text)
        finders = self._finders.get(language, self._finders["en"])
        for match in finders["lead"].finditer(folded):
            place = self._behind(text, folded, match.end(), finders)
            if place and not self._denied(folded, match.start(), finders):
                return place
        for match in finders["tail"].finditer(folded):
            front = _FRONT.search(text, 0, match.start())
            if front and not self._denied(folded, front.start(), finders):
                return front[0]
        return ""

    def _behind(self, text: str, folded: str, start: int, finders: dict[str, re.Pattern[str]]) -> str:
        last = min(len(text), start + LONGEST)
        ends = (_END.search(text, start, last), finders["stop"].search(folded, start, last))
        place = text[start : min((match.start() for match in ends if match), default=last)]
        return " ".join(place.split()[:MOST_WORDS])

    def _denied(self, folded: str, start: int, finders: dict[str, re.Pattern[str]]) -> bool:
        return bool(finders["not"].search(folded, max(0, start - _BEFORE), start))
