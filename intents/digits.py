"""Digits said in words: "four eight two, double nine, one" and "quarante-huit vingt-neuf dix-sept"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from intents import tables
from intents.fold import fold

FEWEST = 6
"""A number of fewer digits than a code has is part of a sentence and stays in words."""
MOST = 30
"""Words of one number; nobody dictates a longer one."""
LONGEST = 3
"""Digits that may stand among the words; more are a number of their own."""
MAX_CHARACTERS = 2_000
"""Beginning of a text in which numbers are looked for."""

_PIECE = re.compile(r"\d+|[一二三四五六七八九〇零]|[^\W\d_一二三四五六七八九〇零]+")
_BETWEEN = re.compile(r"[\s,.;:\u3001\u060c\u2010-\u2015-]{0,3}")
# Japanese writes no spaces: digits said one after the other, perhaps with "no" between two groups.
_KANA_DIGITS = {
    said: str(digit)
    for digit, words in enumerate(
        (
            "ゼロ ぜろ れい まる マル 零 〇",
            "いち イチ 一",
            "にー にい に ニー ニ 二",
            "さん サン 三",
            "よん ヨン し 四",
            "ごー ごう ご ゴー ゴ 五",
            "ろく ロク 六",
            "なな ナナ しち シチ 七",
            "はち ハチ 八",
            "きゅう キュウ く ク 九",
        )
    )
    for said in words.split()
}
_KANA_DIGIT = re.compile("|".join(sorted(_KANA_DIGITS, key=len, reverse=True)))
_JAPANESE = re.compile(rf"(?:(?:{_KANA_DIGIT.pattern})[の、・ \u3000-]?){{5,11}}(?:{_KANA_DIGIT.pattern})")
_PAUSE = re.compile(r"[,.;:\u3001\u060c]")


@dataclass(frozen=True, slots=True)
class _Words:
    values: dict[str, int]
    multiply: dict[str, int]
    repeat: dict[str, int]
    sixty: frozenset[str]
    score: frozenset[str]
    join: frozenset[str]
    plural: dict[str, int]
    again: dict[str, int]
    times: frozenset[str]

    def known(self, word: str) -> bool:
        named = (self.values, self.multiply, self.repeat, self.score, self.plural, self.again, self.times)
        return any(word in known for known in named) or word.isdigit()


@dataclass(slots=True)
class _Group:
    """A number so far: its digits, and below which a further number still belongs to it ("forty" takes an eight)."""

    digits: str
    room: int = 0
    said: int = 0
    """The last number that went into it."""

    def add(self, value: int, room: int) -> None:
        self.digits, self.room, self.said = str(int(self.digits) + value), room, value

    def multiply(self, times: int) -> bool:
        """Make what was said so many times as large; not where that cannot be meant."""
        said = self.said if times == 100 else int(self.digits or 0)
        if self.room and 0 < said < times:
            self.add(said * (times - 1), times)
            return True
        return False


@cache
def _words() -> _Words:
    data = tables.read("numbers")

    def valued(name: str) -> dict[str, int]:
        return {fold(word): int(value) for value, words in data[name].items() for word in words.split()}

    def known(words: str) -> frozenset[str]:
        return frozenset(map(fold, words.split()))

    sixty, score = known(data["twenties"]["sixty"]), known(data["twenties"]["score"])
    return _Words(
        valued("words"),
        valued("multiply"),
        valued("repeat"),
        sixty,
        score,
        known(data["join"]["words"]),
        valued("plural"),
        valued("again"),
        known(data["times"]["words"]),
    )


def in_digits(text: str) -> str:
    """The text with every number of FEWEST digits or more that is said in words written in digits."""
    text = _JAPANESE.sub(lambda said: "".join(_KANA_DIGITS[one] for one in _KANA_DIGIT.findall(said[0])), text)
    head, done = [], 0
    for start, end, digits in _numbers(text):
        head += [text[done:start], digits]
        done = end
    return "".join(head) + text[done:]


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Each number that is said, at least in part, in words: where it is, and its digits."""
    for run in _runs(text):
        if any(word and not word.isdigit() for _, word in run):
            digits = _digits([word for _, word in run])
            if len(digits) >= FEWEST:
                start, last = run[0][0].start(), run[-1][0].end()
                yield start, last, digits


def _runs(text: str) -> Iterator[list[tuple[re.Match[str], str]]]:
    """Number words that follow each other, with what joins them: a pause is an empty word."""
    words, run = _words(), list[tuple[re.Match[str], str]]()
    for match in _PIECE.finditer(text, 0, min(len(text), MAX_CHARACTERS)):
        gap = _BETWEEN.fullmatch(text, run[-1][0].end(), match.start()) if run else None
        if run and (gap is None or len(run) >= MOST):
            yield _closed(run)
            run = []
        if gap and _PAUSE.search(gap[0]):
            run.append((match, ""))
        said = _said(fold(match[0]), words)
        if not said or (said == ["و"] and not run):
            yield _closed(run)
            run = []
        run += [(match, word) for word in said if word not in words.join or run]
    yield _closed(run)


def _said(word: str, words: _Words) -> list[str]:
    """The number words a word is: itself, or two where Arabic writes "and" in front of it; none where it is none."""
    if word.isdigit():
        return [word] if len(word) <= LONGEST else []
    if words.known(word) or word in words.join:
        return [word]
    if word[:1] == "و" and words.known(word[1:]):
        return ["و", word[1:]]
    return []


def _closed(run: list[tuple[re.Match[str], str]]) -> list[tuple[re.Match[str], str]]:
    while run and not _words().known(run[-1][1]):
        run = run[:-1]
    return run


def _digits(said: Sequence[str]) -> str:
    """The digits of number words: a smaller number behind a round one belongs to it, others stand side by side."""
    words, groups, times = _words(), [_Group("")], 1
    for before, word in zip(("", *said), said, strict=False):
        last = groups[-1]
        if not word:
            last.room = 0
        elif word in words.repeat:
            times = words.repeat[word]
        elif word in words.plural and last.digits in ("2", "3", "4"):
            groups[-1] = _Group(str(words.plural[word]) * int(last.digits))
        elif word in words.again or (before in words.times and words.values.get(word, 0) in (2, 3)):
            last.digits *= words.again.get(word) or words.values[word]
        elif word in words.score and last.said == 4 and last.room and int(last.digits) % 100 == 4:
            last.add(80 - 4, 20)
        elif word.isdigit():
            groups.append(_Group(word * times))
            times = 1
        elif word in words.multiply and last.multiply(words.multiply[word]):
            continue
        elif word in words.values or word in words.plural:
            _say(groups, words.values.get(word, words.plural.get(word, 0)), times, before == "و")
            groups[-1].room = 20 if word in words.sixty else groups[-1].room
            times = 1
    return "".join(group.digits for group in groups)


def _say(groups: list[_Group], value: int, times: int, joined: bool) -> None:
    last = groups[-1]
    if joined and len(last.digits) == 1 and 20 <= value < 100:
        last.add(value, 0)  # Arabic says eight and forty
    elif times == 1 and 0 < value < last.room:
        last.add(value, _room(value))
    else:
        groups.append(_Group(str(value) * times, _room(value) if times == 1 else 0, value))


def _room(value: int) -> int:
    """Below which a number said next belongs to this one: 400 takes 82, 40 takes 8, 8 only what multiplies it."""
    return 100 if value and value % 100 == 0 else 10 if value and value % 10 == 0 else 1
