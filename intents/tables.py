"""The room's word tables: keywords, signs, topics, code words and correction patterns are data (TOML), not code.

A table maps a name to lists of patterns by language. A pattern is written as people write, lower or upper case:

    what ... hold ... about me      `...` stands for up to 60 characters inside one sentence
    recipient*                      `*` stands for the rest of a word (up to 12 letters)
    (do|did) you (ever )?sells?     alternatives, and `?` after an optional letter or group

Nothing else is special, so no pattern can hold a repetition inside a repetition.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

from intents.fold import bare, fold
from intents.phrases import DATA

Table = dict[str, dict[str, list[str]]]
"""Name -> language -> patterns or words."""

_TOKEN = re.compile(r" \.\.\. |\.\.\.|[*()|? ]|[^*()|? .]+|\.")
_GAP = r"[^.!?\n。！？؟]{0,60}?"
_MEANING = {
    " ... ": rf"(?!\w){_GAP}(?<!\w)",
    "...": _GAP,
    "*": r"\w{0,12}",
    " ": r"[\s,'-]{1,3}",
    "(": "(?:",
    ")": ")",
    "|": "|",
    "?": "?",
}
# Japanese writes no spaces and Arabic joins "and", "to" and "the" to the word: no left edge there.
_JOINED = re.compile("[\u0600-\u06ff\u3040-\u30ff\u4e00-\u9fff]")
_UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


@cache
def read(name: str) -> dict[str, Any]:
    """One TOML file of the data folder, by its stem. Raises OSError or tomllib.TOMLDecodeError."""
    with (DATA / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def expression(pattern: str) -> str:
    """The regular expression of one pattern, to be used on folded text."""
    body = "".join(_MEANING.get(token, re.escape(token)) for token in _TOKEN.findall(fold(pattern)))
    left = "" if _JOINED.search(pattern) else r"(?<!\w)"
    right = "" if _UNSPACED.search(pattern) or pattern.endswith("*") else r"(?!\w)"
    return f"{left}(?:{body}){right}"


def finder(patterns: list[str]) -> re.Pattern[str]:
    """One expression that finds any of the patterns; an empty list finds nothing."""
    return re.compile("|".join(expression(pattern) for pattern in patterns) or r"(?!)")


def finders(table: Table) -> dict[str, re.Pattern[str]]:
    """For each name of the table, one finder over the patterns of all languages."""
    return {
        name: finder([pattern for patterns in languages.values() for pattern in patterns])
        for name, languages in table.items()
    }


class Finders:
    """For each name of a table, what finds it in a text of one language; English words count in every language."""

    def __init__(self, table: Table) -> None:
        self._found = {
            name: {code: finder([*patterns, *languages.get("en", [])]) for code, patterns in languages.items()}
            for name, languages in table.items()
        }

    def names(self, folded: str, language: str) -> Iterator[str]:
        """The names found in a folded text, in the table's order."""
        for name, languages in self._found.items():
            if languages.get(language, languages["en"]).search(folded):
                yield name


def whole_messages(table: Table) -> dict[str, str]:
    """From the bare words of a whole message to the name they stand for; the first name that claims them wins."""
    found: dict[str, str] = {}
    for name, languages in table.items():
        for words in languages.values():
            for word in words:
                found.setdefault(bare(word), name)
    return found
