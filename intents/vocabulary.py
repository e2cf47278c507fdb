"""Which words come with one language, counted in the phrases: `python -m intents.vocabulary` writes vocabulary.toml.

Only texts in Latin letters are counted, for other scripts tell their language themselves. Russian, Arabic and Japanese
in Latin letters have few texts, so words of theirs count from fewer.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from textwrap import wrap

from intents import phrases
from intents.fold import fold
from intents.phrases import DATA, FIELDS, Phrase

ENOUGH = 6
FEW = 2
"""Texts a word has to stand in; the second figure is for a language mostly written in other letters."""
OWN = 0.75
"""Share of a word's texts that are in its language."""
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"(?=.*[a-z])[a-z\u00e0-\u024f2-9]['a-z\u00e0-\u024f2-9-]*")
_HEAD = "# Written by `python -m intents.vocabulary`: Latin-letter words that come with one language in the phrases.\n"


def pieces(text: str) -> list[str]:
    """The folded words of a text, without the signs around them."""
    return [piece for word in fold(text).split() if (piece := word.strip(".,;:!?¿¡()\"'*_/…-"))]


def own_words(written: Mapping[str, Iterable[Phrase]]) -> dict[str, list[str]]:
    """By language its own words, sorted."""
    seen: dict[str, Counter[str]] = {}
    texts: Counter[str] = Counter()
    for language, some in written.items():
        for phrase in some:
            if _in_latin(phrase.text):
                texts[language] += 1
                for word in set(pieces(_without_values(phrase))):
                    seen.setdefault(word, Counter())[language] += 1
    found: dict[str, list[str]] = {language: [] for language in written}
    for word, counts in seen.items():
        language, most = counts.most_common(1)[0]
        least = ENOUGH if 2 * texts[language] > texts.most_common(1)[0][1] else FEW
        if most >= least and most >= OWN * counts.total() and _WORD.fullmatch(word):
            found[language].append(word)
    return {language: sorted(words) for language, words in found.items()}


def _in_latin(text: str) -> bool:
    letters: list[str] = _LETTER.findall(text)
    return 2 * len([letter for letter in letters if letter < "\u0250"]) > len(letters)


def _without_values(phrase: Phrase) -> str:
    text = phrase.text
    for mark in reversed(phrase.marks):
        if mark.name in FIELDS:
            text = f"{text[: mark.start]} {text[mark.end :]}"
    return text


def main() -> int:
    """Write the file. Returns the exit code."""
    found = own_words({language: phrases.of_language(language) for language in phrases.languages()})
    parts = [f'{language} = """\n{chr(10).join(wrap(" ".join(words), 118))}"""' for language, words in found.items()]
    (DATA / "vocabulary.toml").write_text(_HEAD + "\n".join(["", "[words]", *parts, ""]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
