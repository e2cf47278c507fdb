"""One-time codes in a text, and what people write instead of one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intents import tables
from intents.contacts import without_contacts
from intents.digits import in_digits
from intents.fold import bare, clean, fold
from intents.understanding import CodeAct, CodeReading

MAX_CHARACTERS = 1_000
"""A code stands near the top of a message; a longer text is read to here."""

_LEFT = r"(?<![A-Za-z0-9_+@#/-])(?<!\d[.,:])(?<!\d )(?<![$€£¥₦₹])(?<![$€£¥₦₹] )"
_RIGHT = r"(?![A-Za-z0-9_@/]|[.,:-]\d| \d)"
_APART = r"[ \-.,\u2010-\u2015\u2212]"
# Six digits together, in threes, in pairs or one by one ...
_CODE = re.compile(
    rf"{_LEFT}(?:\d{{6}}|\d{{3}}{_APART}\d{{3}}|\d\d([ -])\d\d\1\d\d|\d(?:{_APART}{{1,2}}\d){{5}}){_RIGHT}"
)
# ... or cut anyhow, which counts only where little else is said.
_ANYHOW = re.compile(rf"{_LEFT}\d{{1,5}}(?:{_APART}{{1,2}}\d{{1,5}}){{1,4}}{_RIGHT}")
_TOGETHER = re.compile(r"(?<![\d.,:/-])(?<!\d )\d{6}(?:[ ,;/]{1,3}\d{6})+(?![\d.,:/-])")
_DAY = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])[ -](?:0?[1-9]|1[0-2])[ -]\d\d|\d\d[ -](?:0[1-9]|1[0-2])[ -](?:[0-2]\d|3[01])"
)
_LITTLE = 3
"""Words beside the digits."""
_SMALL = 4
"""Small words between a number and the word that says what it is."""
_GAP = r"[\s:.,#№°='\"-]{0,3}"
LONGEST_CANCEL = 80
"""A longer message is not only the wish to end it, in characters."""
_BEFORE, _BEHIND = 32, 24
_BY_KEYWORD: dict[str, CodeAct] = {"not_me": "not_me", "cancel": "cancel", "withdraw": "cancel", "new_code": "resend"}


@dataclass(frozen=True, slots=True)
class _Found:
    code: str
    ruled_out: bool


class CodeReader:
    """Reads codes and the words around them."""

    def __init__(self) -> None:
        data = tables.read("codes")
        found = tables.finders(data)
        small = rf"(?:{_GAP}(?:{found['small'].pattern})){{0,{_SMALL}}}{_GAP}$"
        self._no_code = re.compile(rf"(?:{found['not_a_code'].pattern}){small}")
        self._ruled_out = re.compile(rf"(?:{found['ruled_out'].pattern}){small}")
        self._amount = re.compile(rf"\d{{4,}} ?(?:{found['unit'].pattern})")
        self._found = found

    def read(self, text: str, keyword: str = "", wish: str = "") -> CodeReading:
        """What a text says to somebody waiting for a code.

        `keyword` is the whole message's keyword; `wish` a label the text surely asks for, which makes it a digression
        (withdraw ends the request).
        """
        text = clean(text[:MAX_CHARACTERS])
        codes = self.codes(without_contacts(_apart(text)))
        folded = fold(text)
        if wish == "status":
            wish = ""  # "nothing came yet" is about the code that is awaited here
        if len(codes) < 2 and not wish and self._in_vain(folded):
            return CodeReading("resend")
        if codes:
            return CodeReading("code", codes[0]) if len(codes) == 1 else CodeReading("two")
        if keyword or wish:
            return CodeReading(_BY_KEYWORD.get(keyword or wish, "other"))
        return CodeReading(self._by_pattern(folded))

    def _by_pattern(self, folded: str) -> CodeAct:
        if self._found["other_contact"].search(folded):
            return "other_contact"
        if self._found["not_me"].search(folded):
            return "not_me"
        if self._cancels(folded):
            return "cancel"
        if self._amount.search(folded):
            return "other"
        return "resend" if self._found["resend"].search(folded) else "other"

    def _in_vain(self, folded: str) -> bool:
        """Whether a code is said to have failed and another one is wished for."""
        return bool(self._found["fails"].search(folded) and self._found["another"].search(folded))

    def _cancels(self, folded: str) -> bool:
        """Whether a short message says that it should end, and nothing else."""
        rest, ends = self._found["cancel"].subn(" ", folded[:LONGEST_CANCEL])
        return ends > 0 and len(folded) <= LONGEST_CANCEL and not bare(self._found["beside"].sub(" ", rest))

    def codes(self, text: str) -> tuple[str, ...]:
        """The different six-digit codes of a cleaned text, in order; an invoice or order number is none.

        Of several, those that are named only to be ruled out ("not 111222, it is 482913") do not count.
        """
        text = in_digits(text)
        found = [one for match in _CODE.finditer(text) if (one := self._code(text, match))]
        if not found and len(re.findall(r"[^\W\d]+", text)) <= _LITTLE:
            found = [one for match in _ANYHOW.finditer(text) if (one := self._code(text, match))]
        kept = [one.code for one in found if not one.ruled_out] or [one.code for one in found]
        return tuple(dict.fromkeys(kept))

    def _code(self, text: str, match: re.Match[str]) -> _Found | None:
        digits = re.sub(r"\D", "", match[0])
        before = fold(text[max(0, match.start() - _BEFORE) : match.start()])
        behind = fold(text[match.end() : match.end() + _BEHIND]).lstrip(" ,'\"")
        if len(digits) != 6 or self._no_code.search(before) or self._found["unit"].match(behind):
            return None
        if _DAY.fullmatch(match[0]) and len(re.findall(r"[^\W\d]+", text)) > _LITTLE:
            return None
        return _Found(digits, bool(self._ruled_out.search(before) or self._found["ruled_out_behind"].match(behind)))


def _apart(text: str) -> str:
    """Codes that follow each other with a comma between them, so that none is taken for part of a longer number."""
    return _TOGETHER.sub(lambda found: re.sub(r"[ ,;/]+", " or ", found[0]), text)
