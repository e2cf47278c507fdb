"""A text cut into the pieces a value can begin and end with, and the look of each piece."""

from __future__ import annotations

import re
import unicodedata

from intents.contacts import spelled_emails

MAX_TOKENS = 300
"""Tokens of one text; a value stands near the words that announce it, and a mail of one page fits."""

Span = tuple[int, int]

_HAN, _HIRAGANA, _KATAKANA = "\u3005\u3400-\u9fff", "\u3041-\u309f", "\u30a0-\u30ff\uff66-\uff9f"
_UNSPACED = _HAN + _HIRAGANA + _KATAKANA
_SEPARATORS = r" .()/\u2010-\u2015\u2212\uff0d-"
# Japanese has no spaces: a character is a piece there, a run of katakana one. A number keeps its separators, an
# address is one piece. Arabic writes "in", "to", "by" and "and" as one letter in front of a word.
_TOKEN = re.compile(
    r"[A-Za-z0-9_.+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}"
    rf"|(?<![^\W_{_UNSPACED}])[+\uff0b]?\(?\d(?:[{_SEPARATORS}]{{0,2}}\d){{0,24}}(?![^\W_{_UNSPACED}])"
    r"|(?<!\w)[\u0628\u0644\u0641\u0648]\u0640?(?=[\u0620-\u06ff]{3})"
    rf"|[{_KATAKANA}]+|[{_HIRAGANA}]|[{_HAN}]|[^\W_{_UNSPACED}]+|\n\s*|[=-]{{1,3}}>|[^\w\s]|_"
)
_BREAK = "line"
_ARROW = re.compile("[=-]{1,3}>|[\u2190-\u21ff\u27a1]")


def tokens(text: str) -> list[Span]:
    """Where each piece begins and ends, in order; line breaks are pieces, spaces are not. At most MAX_TOKENS."""
    found: list[Span] = []
    spelled = [(start, end) for start, end, _ in spelled_emails(text)]
    for match in _TOKEN.finditer(text):
        while spelled and spelled[0][1] <= match.start():
            spelled.pop(0)
        inside = bool(spelled) and spelled[0][0] < match.end()
        if inside and found[-1:] != spelled[:1]:
            found.append(spelled[0])
        elif not inside:
            found.append(match.span())
        if len(found) == MAX_TOKENS:
            break
    return found


def shape(token: str) -> str:
    """What a piece looks like: `email`, `line`, `arrow`, a sign, digits by their number, a word by script and case."""
    first = token[0]
    if first == "\n":
        return _BREAK
    if _ARROW.fullmatch(token):
        return "arrow"
    if "@" in token[1:] or _spelled(token):
        return "email"
    digits = sum(char.isdigit() for char in token)
    if digits:
        return _number(token, digits)
    if not first.isalpha():
        return first
    return _word(token)


def _spelled(token: str) -> bool:
    plain = token.isascii() and token.isalnum()
    return token[0].isalnum() and not plain and next(spelled_emails(token), None) is not None


def _number(token: str, digits: int) -> str:
    if any(char.isalpha() for char in token):
        return "code" if token == token.upper() else "mixed"
    if "/" in token or (digits in (6, 8) and token.count(".") == 2):
        return "date"
    size = str(digits) if digits < 7 else "7" if digits < 9 else "9" if digits < 14 else "14"
    return f"digits{size}{'+' if token[0] in '+＋' else ''}"


def _word(token: str) -> str:
    script = unicodedata.name(token[0], "").partition(" ")[0].lower()
    if token == token.lower() == token.upper():
        return script
    single = "one " if len(token) == 1 else ""
    return f"{single}{script} " + ("upper" if token.isupper() else "title" if token[0].isupper() else "lower")
