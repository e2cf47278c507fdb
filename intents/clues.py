"""What in a message tells the new value of a correction: numbered clues at each place, to be weighed by `values`.

A candidate is a run of tokens. Its clues are those of its first and last token (what stands around them), of all
tokens inside, and of the run as a whole; the field has clues of its own, the words of the message. A clue is a hash:
where two meet in one number, both are weighed a little worse, and nothing else happens.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from intents.cues import CueReader, latest, same_length
from intents.tokens import Span, shape, tokens

SIZE = 1 << 16
"""Numbers a clue can have."""
MAX_LENGTH = 40
"""Tokens of the longest value: a Japanese address has one for each character."""

Numbers = NDArray[np.int64]
_Column = NDArray[np.uint64]

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_FAR = 7
"""How far a clue looks."""
_OPENING, _CLOSING = "\"'«“「『‘(（", "\"'»”」』’)）"

# Clues by the columns they read and how far from the token: w word, s shape, r rare, p its beginning, e its end,
# k the last field named before, c and d its cues, a the cues before it in order, b the last two of them, z the cues
# behind it, g joined to the token before, t the language. What has a name before "=" is one clue at any distance.
_FIRST = (
    "w0", "s0", "r0", "p0", "c0", "w-1", "w-1 s0", "w-2 w-1", "w-2 w-1 s0", "w-3 w-2 w-1", "w-2", "w-3", "t0 w-1",
    "s-1 s0 g0", "s-2 s-1 s0", "k0 s0", "a0", "a0 s0", "b0", "b0 s0", "c-1", "c-1 s0", "d-1", "c-2 c-1", "c-2 c-1 s0",
    "c-2", "c-3", *(f"before=w-{far}" for far in range(1, 8)),
)  # fmt: skip
_LAST = (
    "w0", "s0", "r0", "c0", "w1 g1", "w1 s0", "w1 w2", "w1 w2 w3", "w2", "w3", "t0 w1", "s0 s1 g1", "s0 s1 s2",
    "c1 g1", "c1 s0", "d1", "z0", "z0 s0", "c2", *(f"behind=w{far}" for far in range(1, 5)),
)  # fmt: skip
_INSIDE = ("w0", "s0", "r0", "p0", "e0", "t0 r0 s0", "c0", "c0 s0")
_JOINED = ("s-1 s0 g0", "w-1 w0", "w-1 s0", "s-1 w0", "c-1 c0")


@dataclass(frozen=True, slots=True)
class Clues:
    """The clues of one message. A row for each token, or for each candidate from `starts` to `ends` (inclusive)."""

    spans: Sequence[Span]
    first: Numbers
    last: Numbers
    inside: Numbers
    joined: Numbers
    starts: Numbers
    ends: Numbers
    whole: Numbers
    message: Numbers
    silence: Numbers
    """What tells that no value is given."""


class ClueReader:
    """Finds the clues; knows the words of corrections.toml and, by language, which words are common."""

    def __init__(self, common: Mapping[str, frozenset[int]]) -> None:
        self._common = common
        self._cues = CueReader()

    def read(self, text: str, language: str) -> Clues | None:
        """The clues of a text of MAX_CHARACTERS or less; None of one without a token."""
        spans = tokens(text)
        if not spans:
            return None
        text = text[: spans[-1][1]]
        folded = same_length(text)
        words = [folded[start:end].strip() or "\n" for start, end in spans]
        shapes = [shape(text[start:end]) for start, end in spans]
        hits = self._cues.fields(folded, language)
        columns = self._columns(spans, words, shapes, language)
        columns |= _cue_columns(self._cues.cues(spans, folded, language), shapes)
        columns["k"] = _codes(latest(hits, spans))
        starts, ends = _candidates(shapes)
        named = [name for _, _, name in hits]
        message = list(dict.fromkeys(_message(words, shapes, named, self._cues.narrowest(folded, language))))
        first, last, inside, joined = (
            _numbered(name, group, columns, len(spans)) for name, group in enumerate((_FIRST, _LAST, _INSIDE, _JOINED))
        )
        return Clues(
            spans,
            first,
            last,
            inside,
            joined,
            starts,
            ends,
            _whole(starts, ends, shapes, columns),
            np.array([number(f"field {one}") for one in message]),
            np.array([number(f"silence {one}") for one in [*message, *_silence(shapes, columns)]]),
        )

    def named(self, text: str, language: str) -> str:
        """The first field of the table that a text names; `other` where it names none."""
        return self._cues.narrowest(same_length(text), language) or "other"

    def _columns(
        self, spans: Sequence[Span], words: Sequence[str], shapes: Sequence[str], language: str
    ) -> dict[str, _Column]:
        common = self._common.get(language, frozenset())
        rare = [_is_contact(look) or word_number(word) not in common for word, look in zip(words, shapes, strict=True)]
        plain = [f"?{look}" if far else word for word, look, far in zip(words, shapes, rare, strict=True)]
        joined = [at > 0 and spans[at - 1][1] == spans[at][0] for at in range(len(spans))]
        return {
            "w": _codes(plain),
            "s": _codes(shapes),
            "p": _codes(word[:4] for word in words),
            "e": _codes(word[-3:] for word in words),
            "r": np.array(rare, dtype=np.uint64),
            "g": np.array(joined, dtype=np.uint64),
            "t": _codes([language] * len(words)),
        }


def number(clue: str) -> int:
    """The number of a clue given in words."""
    return zlib.crc32(clue.encode("utf-8", "surrogatepass")) % SIZE


def word_number(word: str) -> int:
    """The number by which a folded word is known as common or rare."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def _is_contact(look: str) -> bool:
    return look.startswith(("digits", "email", "date"))


def _codes(names: Iterable[str]) -> _Column:
    return np.array([word_number(name) for name in names], dtype=np.uint64)


def _cue_columns(cued: Sequence[Sequence[str]], shapes: Sequence[str]) -> dict[str, _Column]:
    first = [names[0] if names else _sign(look) for names, look in zip(cued, shapes, strict=True)]
    before = list(_running(first))
    behind = list(_running(first[::-1]))[::-1]
    return {
        "c": _codes(first),
        "d": _codes(names[1] if len(names) > 1 else "" for names in cued),
        "a": _codes(" ".join(names[-3:]) for names in before),
        "b": _codes(" ".join([name for name in names if name][-2:]) for names in before),
        "z": _codes(" ".join(names[-2:]) for names in behind),
    }


def _sign(look: str) -> str:
    """A sign that says something by itself, like a cue."""
    alike = (signs for signs in (",،、", ":：=-", ".。!?！？") if look in signs)
    return next(alike, look if look in ("line", "arrow") else "")


def _running(names: Sequence[str]) -> Iterator[list[str]]:
    """For each token the cues up to it, the latest last, each once in a row; an empty name is a word without one."""
    found: list[str] = []
    for name in names:
        yield found[-6:]
        if not found or found[-1] != name:
            found.append(name)


def _candidates(shapes: Sequence[str]) -> tuple[Numbers, Numbers]:
    """First and last token of every run up to MAX_LENGTH without an arrow in it or a line break at its ends."""
    count = len(shapes)
    starts = np.repeat(np.arange(count), MAX_LENGTH)
    ends = starts + np.tile(np.arange(MAX_LENGTH), count)
    starts, ends = starts[ends < count], ends[ends < count]
    solid = np.array([look != "line" for look in shapes])
    arrows = np.concatenate(([0], np.cumsum([look == "arrow" for look in shapes])))
    kept = solid[starts] & solid[ends] & (arrows[ends + 1] == arrows[starts])
    return starts[kept], ends[kept]


def _numbered(place: int, group: Sequence[str], columns: Mapping[str, _Column], count: int) -> Numbers:
    """A row of clue numbers for each token; `place` keeps the groups apart."""
    padded = {name: np.pad(column, _FAR) for name, column in columns.items()}
    rows = []
    for clue in group:
        name, _, parts = clue.rpartition("=")
        read = [(part[0], int(part[1:])) for part in parts.split()]
        rows.append(
            _mixed(f"{group[1]}{len(group)} {name or parts}", [padded[c][7 + o : 7 + o + count] for c, o in read])
        )
    return np.stack(rows, axis=1)


def _mixed(name: str, columns: Sequence[NDArray[np.uint64] | NDArray[np.int64]]) -> Numbers:
    mixed = np.full(len(columns[0]), word_number(name), dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ column.astype(np.uint64)) * _PRIME
        mixed ^= mixed >> _SHIFT
    numbers: Numbers = (mixed % np.uint64(SIZE)).astype(np.int64)
    return numbers


def _whole(starts: Numbers, ends: Numbers, shapes: Sequence[str], columns: Mapping[str, _Column]) -> Numbers:
    """Clues of each candidate as a whole: its length, what it holds how often, and what closes it in."""

    def held(marks: Sequence[bool] | _Column, most: int, skip: int = 0) -> Numbers:
        counts = np.concatenate(([0], np.cumsum(np.array(marks, dtype=np.int64))))
        held: Numbers = np.minimum(counts[ends + 1] - counts[starts + skip], most)
        return held

    def at(marks: Sequence[bool], where: Numbers, outside: bool) -> Numbers:
        padded = np.array([outside, *marks, outside], dtype=np.int64)
        return padded[where + 1]

    length = ends - starts + 1
    size = np.where(length < 6, length, np.where(length < 15, 6 + (length - 6) // 3, 9 + (length - 15) // 8))
    digits = held([look.startswith(("digits", "date", "code", "mixed")) for look in shapes], 3)
    long = held([look.startswith("digits") and look[6:7] in "791" and look != "digits1" for look in shapes], 2)
    names = held([look.endswith(("upper", "title")) or look in ("cjk", "arabic", "katakana") for look in shapes], 4)
    lines, emails = held([look == "line" for look in shapes], 3), held([look == "email" for look in shapes], 2)
    broken = held(_breaks(shapes, columns), 3, skip=1)
    rare = held(columns["r"], MAX_LENGTH) * 4 // length
    quoted = at([look in _OPENING for look in shapes], starts - 1, False) * 2 + at(
        [look in _CLOSING for look in shapes], ends + 1, False
    )
    alone = at([look == "line" for look in shapes], starts - 1, True) * 2 + at(
        [look == "line" for look in shapes], ends + 1, True
    )
    first, last, named = columns["s"][starts], columns["s"][ends], columns["k"][starts]
    kinds: list[list[NDArray[np.uint64] | NDArray[np.int64]]] = [
        [size], [first, last], [first, last, np.minimum(length, 3)], [digits, size, np.minimum(lines, 2)],
        [names, size, np.minimum(long, 1)], [emails, np.minimum(length, 2), long], [quoted], [alone], [quoted, alone],
        [rare, size], [named, size], [broken], [np.minimum(broken, 1), lines, np.minimum(digits, 2)],
    ]  # fmt: skip
    return np.stack([_mixed(f"whole {at}", columns) for at, columns in enumerate(kinds)], axis=1)


def _breaks(shapes: Sequence[str], columns: Mapping[str, _Column]) -> list[bool]:
    """Where a sentence seems to begin: behind a sign and a space, unless the sign closes something short."""
    joined = columns["g"]
    return [
        at > 1 and shapes[at - 1] in (".", "!", "?", ";", "。", "！", "？", "؟") and not joined[at]
        and not shapes[at - 2].startswith("one ")
        for at in range(len(shapes))
    ]  # fmt: skip


def _message(words: Sequence[str], shapes: Sequence[str], named: Sequence[str], narrowest: str) -> Iterator[str]:
    """Clues to the field: the words, their pairs, the fields they name, and which kinds of contact stand there."""
    kinds = "".join(sorted({look[0] for look in shapes if look == "email" or look.startswith(("digits7", "digits9"))}))
    order = list(dict.fromkeys(named))
    yield from ("", f"named {'+'.join(sorted(order))}", f"first {order[:1]}", f"last {named[-1:]}")
    yield from (f"names {name}" for name in order)
    # Said three times over, for half of the clues are hidden in learning: what is named is nearly always meant.
    yield from (f"{time} {narrowest}" for time in ("narrowest", "narrowest again", "narrowest still"))
    yield f"alone {order if len(order) == 1 else ''}"
    yield f"kinds {kinds} {'+'.join(sorted(order))}"
    yield from (f"look {look}" for look in shapes if look == "email" or look.startswith(("digits", "date", "code")))
    yield from words
    yield from (f"{one} {two}" for one, two in pairwise(words))
    yield from (f"{word[:4]}*" for word in words if len(word) > 3)


def _silence(shapes: Sequence[str], columns: Mapping[str, _Column]) -> Iterator[str]:
    yield f"length {min(len(shapes) // 8, 6)}"
    yield f"rare {min(int(columns['r'].sum()), 8)}"
    yield f"capitals {min(sum(look.endswith(('upper', 'title')) for look in shapes[1:]), 4)}"
