"""One spelling for what people type: width, case, accents, digits, invisible characters.

Every reader of this room looks at folded text, so "ＳＴＯＰ", "Stop" and "stop" are one word and
Arabic-Indic digits are digits.
"""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 20_000
"""Longest text that is read; what lies behind is kept by the store but not understood."""

# Direction marks (U+2066 wraps a number in Arabic), zero-width joiners, variation selectors, soft hyphen.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
# Accents of Latin and Cyrillic, Arabic vowel signs and the stretching line. Kana voicing marks (U+3099) stay:
# they make another letter.
_MARKS = re.compile("[\u0300-\u036f\u0640\u064b-\u065f\u0670]")
_ARABIC_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي"})
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"'})
_NOT_WORD = re.compile(r"[\W_]+")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """The text as typed, bounded, without invisible characters; width and digits are normal, case is kept."""
    text = _SURROGATE.sub(" ", text[:MAX_CHARACTERS])
    # NFKC can make one character eighteen, so the bound is set again after it.
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))[:MAX_CHARACTERS]
    return ascii_digits(text)


def ascii_digits(text: str) -> str:
    """Every decimal digit of every script as 0-9; other characters stay."""
    return _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)


def fold(text: str) -> str:
    """The text for comparing: `clean`, lower case, no accents, one spelling of Arabic letters, single spaces."""
    if not text.isascii() or len(text) > MAX_CHARACTERS:
        text = clean(text)
    text = text.casefold().translate(_QUOTES)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _MARKS.sub("", unicodedata.normalize("NFKD", text)))
        text = text.translate(_ARABIC_LETTERS)
    return " ".join(text.split())


def bare(text: str) -> str:
    """Only the letters and digits of the folded text, one space between words: for whole-message words."""
    return " ".join(_NOT_WORD.sub(" ", fold(text).replace("'", "")).split())
