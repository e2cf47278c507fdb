"""Long texts in pieces: what does not fit into one chat message leaves as several, cut where a reader would breathe."""

from __future__ import annotations

import re
from collections.abc import Iterator

CHAT_TEXT = 1500  # characters; Twilio takes 1600 of a WhatsApp body (error 21617)

# Latin, Arabic and Devanagari ends want a space behind them; the full-width ones (U+3002, U+FF01, U+FF1F) do not.
_SENTENCE_END = re.compile(r"[.!?\u061f\u0964](?=\s)|[\u3002\uff01\uff1f]|\n")


def pieces(text: str, limit: int = CHAT_TEXT) -> Iterator[str]:
    """The text in pieces of at most `limit` characters, cut where a sentence ends, else at a space, else anywhere."""
    rest = text.strip()
    while len(rest) > limit:
        ends = [found.end() for found in _SENTENCE_END.finditer(rest, 0, limit)]
        end = ends[-1] if ends else rest.rfind(" ", 1, limit)
        end = end if end > 0 else limit
        yield rest[:end].rstrip()
        rest = rest[end:].lstrip()
    if rest:
        yield rest
