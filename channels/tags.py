"""HTML taken apart and written anew with only the tags and attributes that `markup` reads.

A parser of HTML5 takes quadratic time and memory over formatting tags that are left open, over deep nesting and over
tags of many attributes. What is written here has none of these, and is given up where it nests too deep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import accumulate

MOST_TAGS = 100_000
MOST_STEPS = 30_000_000  # over all tags, how many elements are open at that tag: the parser may look at each of them
LONGEST_VALUE = 2000  # characters of an attribute

_SPACE = r"[ \t\n\f\r]"
_ATTRIBUTE = (
    rf"([^ \t\n\f\r/>][^ \t\n\f\r/>=]*+)"
    rf"(?:{_SPACE}*+={_SPACE}*+(?:\"([^\"]*+)(?:\"|\Z)|'([^']*+)(?:'|\Z)|([^ \t\n\f\r>\"'][^ \t\n\f\r>]*+))?+)?+"
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)
# The tokens of HTML5 (13.2.5). Each alternative runs to the end of the text where its own end is missing, so that no
# character is looked at twice.
_TOKEN = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    rf"|<(?P<closing>/?)(?P<name>[A-Za-z][^ \t\n\f\r/>]*+)(?P<rest>(?:[ \t\n\f\r/]|{_ATTRIBUTE})*+)(?:>|\Z)"
    r"|<(?:[!?]|/(?=[^A-Za-z]))[^>]*+(?:>|\Z)",
    re.DOTALL,
)
_CODE_POINT = re.compile(r"&#[xX]?[0-9A-Fa-f]{8,}+;?")
_READ = frozenset({"class", "style", "hidden", "type"})
_RAW = frozenset({"iframe", "noembed", "noframes", "script", "style", "textarea", "title"})
_END_OF_RAW = {name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE | re.ASCII) for name in _RAW}
_EMPTY_TAGS = "area base basefont bgsound col embed frame image img input keygen link meta param source track wbr"
_EMPTY = frozenset(_EMPTY_TAGS.split())
_LINES = frozenset({"br", "hr"})
# Those that end where the next of the same name begins.
_SELF_ENDING = frozenset({"dd", "dt", "li", "p", "td", "th", "tr"})
_KEPT_TAGS = (
    "address article aside blockquote body br caption center colgroup dd div dl dt fieldset figure footer form h1 h2 "
    "h3 h4 h5 h6 head header hr html li main nav object ol p pre section span table tbody td tfoot th thead tr ul"
)
_KEPT = frozenset(_KEPT_TAGS.split())
# What `markup` skips whole becomes an object, so that no other rules of parsing begin inside.
_RENAMED = dict.fromkeys(("noscript", "select", "svg", "template"), "object") | {"listing": "pre", "xmp": "pre"}


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag under the name it is written with."""

    name: str
    closing: bool = False
    attributes: str = ""


def taken_apart(html: str) -> list[Tag | str]:
    """The tags and the texts between them, in order and in linear time; comments, scripts and styles are left out."""
    pieces: list[Tag | str] = []
    at = 0
    while match := _TOKEN.search(html, at):
        if match.start() > at:
            pieces.append(html[at : match.start()])
        at = match.end()
        name = (match["name"] or "").lower()
        if name in _RAW and not match["closing"]:
            end = _END_OF_RAW[name].search(html, at)
            at = end.start() if end else len(html)
        elif name and name not in _EMPTY | _RAW and not (name == "svg" and match["rest"].endswith("/")):
            pieces.append(_tag(name, bool(match["closing"]), match["rest"]))
    return [*pieces, html[at:]]


def _tag(name: str, closing: bool, rest: str) -> Tag:
    """A name of which the parser knows nothing for every tag that is only looked at for its style."""
    written = name if name in _KEPT else _RENAMED.get(name) or "x-" + re.sub(r"[^a-z0-9]", "-", name[:40])
    return Tag(written, closing, "" if closing or not rest else _attributes(rest))


def _attributes(rest: str) -> str:
    found: dict[str, str] = {}
    for match in _ATTRIBUTES.finditer(rest):
        name = match[1].lower()
        if name in _READ and name not in found:
            found[name] = (match[2] or match[3] or match[4] or "")[:LONGEST_VALUE].replace('"', "&quot;")
    return "".join(f' {name}="{value}"' for name, value in found.items())


def written_anew(pieces: Sequence[Tag | str]) -> str | None:
    """HTML that a parser reads in good time, None where there are too many tags or too many of them are open."""
    many = sum(isinstance(piece, Tag) for piece in pieces) > MOST_TAGS
    if many or any(steps > MOST_STEPS for steps in accumulate(open_at_each(pieces))):
        return None
    return "".join(_written(pieces))


def _written(pieces: Sequence[Tag | str]) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece.replace("<", "&lt;")
        else:
            yield f"</{piece.name}>" if piece.closing else f"<{piece.name}{piece.attributes}>"


def open_at_each(pieces: Sequence[Tag | str]) -> Iterator[int]:
    """How many elements may be open behind each tag: never fewer than the parser has, but for those it adds itself.

    An end tag ends only what was begun last, since any other may end nothing.
    """
    opened: list[str] = []
    for piece in pieces:
        if isinstance(piece, str) or piece.name in _LINES:
            continue
        last = opened[-1] if opened else ""
        if piece.closing and piece.name == last:
            opened.pop()
        elif not piece.closing and not (piece.name == last and last in _SELF_ENDING):
            opened.append(piece.name)
        yield len(opened)


def texts(pieces: Sequence[Tag | str]) -> str:
    """All text, one line for each piece, hidden or not."""
    shown = "\n".join(piece for piece in pieces if isinstance(piece, str))
    # No character has a number that long, and Python refuses to count with thousands of digits.
    shown = unescape(_CODE_POINT.sub("\ufffd", shown))
    return "\n".join(line.strip() for line in shown.splitlines() if line.strip())
