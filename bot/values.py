"""Values put into a wording: as they are, but unable to turn the text around or to be read as variables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from bot.wording import VARIABLE, MissingValue

TYPED = frozenset({"new_value", "address"})  # written by the customer: one line, and no longer than TYPED_LENGTH
TYPED_LENGTH = 200

# ALM, LRM, RLM, the embeddings and overrides, the isolates (Unicode UAX 9).
_DIRECTION_MARKS = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_LEFT_TO_RIGHT_ISOLATE, _POP_ISOLATE = "\u2066", "\u2069"
_READS_LEFT_TO_RIGHT = re.compile(r"[A-Za-z]|\+\d")


def fill(wording: str, values: Mapping[str, str], *, rtl: bool = False) -> str:
    """The wording with its variables replaced, in one pass: a brace inside a value stays a brace.

    In a right-to-left language a reference, number, mail address, link or Latin name is isolated, so that it reads
    in its own order. Raises `MissingValue`.
    """

    def value(found: re.Match[str]) -> str:
        filled = _value(found[1], values)
        return _isolated(filled) if rtl else filled

    return VARIABLE.sub(value, wording)


def template_values(names: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """Values in the order of a template; the provider takes no line break and no empty value. Raises `MissingValue`."""
    found = tuple(one_line(_value(name, values)) for name in names)
    if "" in found:
        raise MissingValue(names[found.index("")])
    return found


def one_line(text: str) -> str:
    """Every run of white space as one space; safe in a mail header or a button."""
    return " ".join(clean(text).split())


def clean(text: str) -> str:
    """Without control characters and lone surrogates; line breaks stay as line feeds, other breaks become spaces."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs"))


def shortened(text: str, length: int) -> str:
    """At most `length` characters, with a sign where something was cut."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _value(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise MissingValue(name)
    if name not in TYPED:
        return clean(values[name])
    # Cut first, so that the work does not grow with what somebody pastes.
    raw = values[name][: 4 * TYPED_LENGTH].translate(_DIRECTION_MARKS)
    return shortened(one_line(raw), TYPED_LENGTH)


def _isolated(value: str) -> str:
    turns = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in value)
    if turns or not _READS_LEFT_TO_RIGHT.search(value):
        return value
    return f"{_LEFT_TO_RIGHT_ISOLATE}{value}{_POP_ISOLATE}"
