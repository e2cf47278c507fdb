"""Whole messages that are one word or one courtesy: keywords and social phrases."""

from __future__ import annotations

import re

from intents import phrases, tables
from intents.fold import bare, fold

SOCIAL = ("deny", "affirm", "thanks", "greet")
"""In the order they win in a message that holds several ("hello, yes please" is affirm)."""
LONGEST = 80
"""A longer message is never only a courtesy, in characters."""

LONGEST_CHOICE = 40
"""A longer message does more than choose, in characters."""

_SIGN = re.compile(r"[^\w\s]")


class WordReader:
    """Knows the keywords of all languages and what is only courtesy."""

    def __init__(self) -> None:
        self._keywords = tables.whole_messages(tables.read("keywords"))
        self._social: dict[str, str] = {}
        for phrase in phrases.read(phrases.DATA / "social.yml", SOCIAL):
            self._social.setdefault(bare(phrase.text) or _signs(phrase.text), phrase.intents[0])
        for filler in tables.read("social")["fillers"]:
            self._social.setdefault(bare(filler), "")
        choices = tables.read("choices")
        self._numbers = {bare(word): int(number) for number, words in choices["numbers"].items() for word in words}
        self._around = frozenset(bare(word) for word in choices["around"]["words"])
        self._unspaced = re.compile("|".join(map(re.escape, choices["around"]["unspaced"])))

    def keyword(self, text: str) -> str:
        """The keyword the whole message is, or empty."""
        return self._keywords.get(bare(text), "") if len(text) <= LONGEST else ""

    def social(self, text: str) -> str:
        """affirm, deny, greet or thanks where every word of the message is courtesy, else empty."""
        if len(text) > LONGEST:
            return ""
        words = bare(text).split()
        found = self._covered(words) if words else [self._social.get(_signs(text), "")]
        return next((kind for kind in SOCIAL if kind in found), "")

    def choice(self, text: str) -> int:
        """Which of the choices offered the whole message names: 1 to 9, -1 for the last, 0 where it names none."""
        said = bare(text) if len(text) <= LONGEST_CHOICE else ""
        if said in self._numbers:
            return self._numbers[said]
        words = [word for word in said.split() if word not in self._around]
        if not words and any(word in self._numbers for word in said.split()):
            words = [word for word in said.split() if word in self._numbers][-1:]
        if len(words) == 1:
            return self._numbers.get(words[0]) or self._numbers.get(self._unspaced.sub("", words[0]), 0)
        return 0

    def _covered(self, words: list[str]) -> list[str]:
        """The kinds of the phrases that cover all words, longest first; nothing where a word is left over."""
        found, at = [], 0
        while at < len(words):
            size = next((n for n in range(min(7, len(words) - at), 0, -1) if self._known(words[at : at + n])), 0)
            if not size:
                return []
            found.append(self._social[" ".join(words[at : at + size])])
            at += size
        return found

    def _known(self, words: list[str]) -> bool:
        return " ".join(words) in self._social


def _signs(text: str) -> str:
    """The first sign of a message of signs only, for example a thumb."""
    signs = _SIGN.findall(fold(text))
    return signs[0] if signs and all(sign == signs[0] or not sign.isprintable() for sign in signs) else ""
