"""A message cut into the parts that are read by themselves: its sentences, and the pieces of a joined sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intents import tables
from intents.fold import fold

MAX_CLAUSES = 40
"""A text of more sentences is read as that many; the last one holds the rest."""
MAX_PIECES = 12
"""Pieces of one sentence; more are read as that many."""
SHORTEST = 2
"""Words a part needs to speak for itself; of Japanese, three characters stand for a word."""

# An address, a decimal or "PR-..." holds no sentence end: a dot needs a space behind it.
# The space before a dash is looked at once, from its beginning (or behind a line break, where the third part stopped).
_DASH = r"(?<![^\S\n])\s++[-\u2013\u2014]\s+"
_SENTENCE = rf"(?<=[.!?;\u061f])\s+|[\u3002\uff01\uff1f\uff1b]+\s*|\n+|{_DASH}"
# ", and ...": a comma and "and", "but" or "also" in the eight languages.
_JOINED = r"(?<=[^\W\d_]{2})[,\u060c\u3001]\s*(?=(?:and|but|also|y|et|e|\u0438|\u0430|na|\u0648)\s)"
_EDGE = re.compile(f"{_SENTENCE}|{_JOINED}")
_UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_COMMA = r"[,:\u060c\u3001]\s+"
_QUOTED = re.compile(r"^\s{0,3}[>|]")


@dataclass(frozen=True, slots=True)
class Parts:
    """The whole text, its sentences, and for each of them its pieces (none where nothing is joined)."""

    whole: str
    sentences: tuple[str, ...]
    pieces: tuple[tuple[str, ...], ...]


class Cutter:
    """Cuts texts; knows the joining words of every language."""

    def __init__(self) -> None:
        data = tables.read("joins")
        after, before = data["after"], data["before"]
        self._joins = {
            code: _joins(words, after.get(code, []), before.get(code, [])) for code, words in data["between"].items()
        }
        self._attributions = tuple(fold(line) for line in data["quotes"]["lines"])

    def parts(self, text: str, language: str) -> Parts:
        """The parts of a cleaned text that are long enough to be read; the text itself where none is."""
        sentences = tuple(part for part in split(text) if long_enough(part)) or (text,)
        return Parts(text, sentences, tuple(self._pieces(sentence, language) for sentence in sentences))

    def own_words(self, text: str) -> str:
        """The text without the older mail quoted below or within it; all of it where nothing else would be left."""
        if "\n" not in text:
            return text
        own: list[str] = []
        for line in text.splitlines():
            if not _QUOTED.match(line) and self._introduces(line):
                break
            if not _QUOTED.match(line):
                own.append(line)
        return "\n".join(own).strip() or text

    def _introduces(self, line: str) -> bool:
        folded = fold(line[:200]).strip(" -_*")
        return folded.endswith(self._attributions)

    def _pieces(self, sentence: str, language: str) -> tuple[str, ...]:
        joins = self._joins.get(language) or self._joins["en"]
        found = [part.strip(" ,") for part in joins.split(sentence, maxsplit=MAX_PIECES - 1) if part]
        found = [part for part in found if long_enough(part)]
        return tuple(found) if len(found) > 1 else ()


def _joins(words: list[str], after: list[str], before: list[str]) -> re.Pattern[str]:
    """Where a sentence may be cut: at commas, instead of a joining word, behind an ending, in front of a word."""
    spaced = [word for word in words if not _UNSPACED.search(word)]
    unspaced = [word for word in words if _UNSPACED.search(word)]
    cuts = [_COMMA]
    if spaced:
        cuts.append(rf"(?:,\s*)?(?<!\w)(?:{'|'.join(map(_loose, spaced))})(?!\w)")
    cuts += [re.escape(word) for word in unspaced]
    cuts += [rf"(?<={re.escape(ending)})(?=[^\s\u3001\u3002]{{3}})" for ending in after]
    cuts += [rf"(?<=\s)(?={_front(word)})" for word in before]
    return re.compile("|".join(cuts), re.IGNORECASE)


def _front(word: str) -> str:
    return rf"{word[:-1]}\w{{3}}" if word.endswith("*") else rf"{_loose(word)}(?!\w)"


_ACCENTS = {"a": "[aáàâã]", "e": "[eéèêë]", "i": "[iíî]", "o": "[oóôõ]", "u": "[uúùû]", "c": "[cç]", "е": "[её]"}
_ACCENTS |= {"ا": "[اأإآ]"}


def _loose(word: str) -> str:
    """A pattern for a folded word in a text that is not folded."""
    return "".join(_ACCENTS.get(letter, re.escape(letter)) for letter in word)


def split(text: str) -> list[str]:
    """The sentences of a cleaned text: cut at sentence ends, line breaks, dashes and ", and"; at most MAX_CLAUSES."""
    parts = (part.strip() for part in _EDGE.split(text, maxsplit=MAX_CLAUSES - 1))
    return [part for part in parts if part]


def long_enough(part: str) -> bool:
    """Whether a part has words enough to be read without its neighbours."""
    return len(part.split()) >= SHORTEST or len(_UNSPACED.findall(part)) >= 3 * SHORTEST
