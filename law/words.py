"""Names of places as words that can be compared: without case, accents, marks and the endings of a few languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

Words = tuple[str, ...]

# A word is a run of letters and digits. Japanese writes no spaces: there a run of katakana or hiragana, or one kanji.
_WORD = re.compile(r"[ァ-ヺー]+|[ぁ-ゖ]+|[㐀-鿿々]|[^\W_ァ-ヺーぁ-ゖ㐀-鿿々]+")
# Arabic letters that people write in more than one way: alef, teh marbuta as heh, alef maksura as yeh; no tatweel.
_ARABIC = str.maketrans("\u0623\u0625\u0622\u0629\u0649", "\u0627\u0627\u0627\u0647\u064a", "\u0640")
_ACCENTS = re.compile(r"[\u0300-\u036f\u064b-\u0652]")
_HIDDEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_PARENTHESES = re.compile(r"\s*\(.*?\)")


def words_of(text: str) -> list[str]:
    """The words of a text in their own case, full-width letters made plain."""
    return _WORD.findall(_HIDDEN.sub("", unicodedata.normalize("NFKC", text)))


def fold(word: str) -> str:
    """A word without case and accents, so that `México` and `MEXICO` are one."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", word.casefold()))
    return unicodedata.normalize("NFC", bare).translate(_ARABIC)


def name_words(name: str) -> Words:
    """A name as folded words."""
    return tuple(fold(word) for word in words_of(name))


def ways_to_write(name: str, language: str) -> Iterator[Words]:
    """The forms in which a country's name in the locale data (`Trinidad & Tobago`) stands in a sentence."""
    for form in {name, _PARENTHESES.sub("", name), name.replace("&", "and"), re.sub(r"\bSt\.", "Saint", name)}:
        words = name_words(form)
        yield words
        if language == "ru" and len(words) == 1:
            yield from ((case,) for case in _russian_cases(words[0]))
        if language == "ar" and words:
            yield ("ب" + words[0], *words[1:])  # "in", written as one word with the name


def _russian_cases(word: str) -> Iterator[str]:
    """A country's name as it stands after a preposition: `Кения` in "из Кении", `Узбекистан` in "в Узбекистане"."""
    if word.endswith("ия"):
        yield word[:-1] + "и"
    elif word[-1] in "ая":
        yield from (word[:-1] + ending for ending in "еыи")
    elif word[-1] not in "еёиоуыэюь":
        yield from (word + ending for ending in "еау")
