"""Which country somebody means who was asked where they live: by country, nickname, state or city."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel import Locale, UnknownLocaleError
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as checked

from law.files import read
from law.words import Words, fold, name_words, ways_to_write, words_of

_HERE = Path(__file__).parent
_LANGUAGES = ("en", "ja", "es", "fr", "pt", "ru", "sw", "ar", "de")
_MAX_TEXT = 400  # characters
_SHORT_ANSWER = 4  # words: "I live in Jordan"


@dataclass(frozen=True, slots=True)
class Place:
    """A country, with the subdivision if one was named (`US`, `CA`).

    Where the words fit several places `country` is empty and `ambiguous` names them (`GE`, `US-GA`).
    """

    country: str
    subdivision: str = ""
    ambiguous: tuple[str, ...] = ()


@checked(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class _File:
    shy: list[str]
    not_places: list[str]
    codes: Mapping[str, list[str]]
    names: Mapping[str, list[str]]


class Places:
    """Every way we know to write a place. Loaded once; reading changes nothing."""

    def __init__(self, names: Mapping[Words, frozenset[str]], shy: frozenset[Words], codes: Mapping[str, str]) -> None:
        """`names` are folded words and the codes they stand for, none for what only looks like a place."""
        self._names = names
        self._shy = shy
        self._codes = codes
        self._longest = max(map(len, names))

    @classmethod
    def load(cls) -> Places:
        """Read `places.toml` and the country names of nine languages. Raises `BadRegime`."""
        file = read(_HERE / "places.toml", _File)
        names: dict[Words, frozenset[str]] = {}
        for place, name in (*_file_names(file), *_locale_names()):
            names[name] = names.get(name, frozenset()) | {place}
        names |= {name_words(name): frozenset() for name in file.not_places}
        codes = {code: place for place, written in file.codes.items() for code in written}
        return cls(names, frozenset(map(name_words, file.shy)), codes)

    def country_of(self, text: str) -> Place | None:
        """The place a text names by whole words, or None. Only the first 400 characters are read."""
        found = self._found(text[:_MAX_TEXT])
        fitting = {place for one in found for place in one if all(_fits(place, other) for other in found)}
        exact = {place for place in fitting if not any(other.startswith(place + "-") for other in fitting)}
        if len(exact) == 1:
            country, _, subdivision = exact.pop().partition("-")
            return Place(country, subdivision)
        choices = exact or {place for one in found for place in one}
        return Place("", "", tuple(sorted(choices))) if choices else None

    def _found(self, text: str) -> list[frozenset[str]]:
        """What each name in the text may stand for; of names inside one another only the longest counts."""
        written = words_of(text)
        words = [fold(word) for word in written]
        found: list[frozenset[str]] = []
        at = 0
        while at < len(words):
            length, places = self._name_at(words, at)
            found += [places] if places else self._code_at(written, at)
            at += length
        return found

    def _name_at(self, words: list[str], at: int) -> tuple[int, frozenset[str]]:
        for length in range(min(self._longest, len(words) - at), 0, -1):
            name = tuple(words[at : at + length])
            if name in self._names and (len(words) <= _SHORT_ANSWER or name not in self._shy):
                return length, self._names[name]
        return 1, frozenset()

    def _code_at(self, written: list[str], at: int) -> list[frozenset[str]]:
        word = written[at].upper() if len(written) == 1 else written[at]
        shouted = len(word) == 2 and len(written) > 1 and all(other.isupper() for other in written)
        place = None if shouted else self._codes.get(word)
        return [frozenset({place})] if place else []


def country_name(code: str, language: str) -> str:
    """A country's name in a language (English where the language is not known), or the code itself."""
    try:
        territories = Locale.parse(language).territories
    except (UnknownLocaleError, ValueError):
        territories = Locale.parse("en").territories
    return str(territories.get(code, code))


def _fits(place: str, choices: Iterable[str]) -> bool:
    """Whether a place is one of the choices, a part of one, or has one as its part."""
    return any(place == one or place.startswith(one + "-") or one.startswith(place + "-") for one in choices)


def _file_names(file: _File) -> Iterable[tuple[str, Words]]:
    return ((place, name_words(name)) for place, names in file.names.items() for name in names)


def _locale_names() -> Iterable[tuple[str, Words]]:
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code.isalpha() and len(code) == 2 and code not in _NO_COUNTRIES:
                yield from ((code, words) for words in ways_to_write(name, language))


# In the locale data, but groups, former states or placeholders rather than countries somebody lives in.
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"})
