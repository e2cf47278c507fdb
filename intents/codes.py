"""One-time codes in a text, and what people write instead of one."""

from __future__ import annotations

import re

from intents import tables
from intents.contacts import without_contacts
from intents.fold import clean, fold
from intents.understanding import CodeAct, CodeReading

MAX_CHARACTERS = 1_000
"""A code stands near the top of a message; a longer text is read to here."""

# Six digits together, in threes or pairs, or spelled out one by one; not inside a number, word, amount or decimal.
_CODE = re.compile(
    r"(?<![A-Za-z0-9_+@#/-])(?<!\d[.,])"
    r"(?:\d{6}|\d{3}[ \-.\u2010-\u2015]\d{3}|\d\d[ -]\d\d[ -]\d\d|\d(?: \d){5})"
    r"(?![A-Za-z0-9_@/]|[.,-]\d)"
)
_BEFORE = 24
_BY_KEYWORD: dict[str, CodeAct] = {"not_me": "not_me", "cancel": "cancel", "withdraw": "cancel", "new_code": "resend"}


class CodeReader:
    """Reads codes and the words around them."""

    def __init__(self) -> None:
        table = tables.finders(tables.read("codes"))
        self._not_a_code = re.compile(rf"(?:{table.pop('not_a_code').pattern})[\s:.#№]*$")
        self._acts = table

    def read(self, text: str, keyword: str = "", wish: str = "") -> CodeReading:
        """What a text says to somebody waiting for a code.

        `keyword` is the whole message's keyword; `wish` a label the text surely asks for, which makes it a digression
        (withdraw ends the request).
        """
        text = clean(text[:MAX_CHARACTERS])
        codes = self.codes(without_contacts(text))
        if codes:
            return CodeReading("code", codes[0]) if len(codes) == 1 else CodeReading("two")
        if keyword or wish:
            return CodeReading(_BY_KEYWORD.get(keyword or wish, "other"))
        return CodeReading(self._by_pattern(fold(text)))

    def _by_pattern(self, folded: str) -> CodeAct:
        if self._acts["other_contact"].search(folded):
            return "other_contact"
        if self._acts["not_me"].search(folded):
            return "not_me"
        if self._acts["resend"].search(folded):
            return "resend"
        return "cancel" if self._acts["cancel"].fullmatch(folded.strip(" .!")) else "other"

    def codes(self, text: str) -> tuple[str, ...]:
        """The different six-digit codes of a cleaned text, in order; an invoice or order number is none."""
        found = []
        for match in _CODE.finditer(text):
            if not self._not_a_code.search(fold(text[max(0, match.start() - _BEFORE) : match.start()]) + " "):
                found.append(re.sub(r"\D", "", match[0]))
        return tuple(dict.fromkeys(found))
