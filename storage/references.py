"""Ticket references: `PR-` and 8 Crockford base-32 characters and a check character, easy to read aloud and to type.

The check is the value modulo 37 (Crockford's own), drawn again where it would be one of `* ~ $ =`: those are formatting
marks on WhatsApp and would vanish from the text.
"""

from __future__ import annotations

import unicodedata

from storage.db import Entropy

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = ALPHABET + "*~$=U"
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
LONGEST = 64  # characters of a typed reference that are looked at


def draw(entropy: Entropy) -> str:
    """A new reference from 40 random bits; `entropy(n)` gives n random bytes."""
    while True:
        value = int.from_bytes(entropy(5), "big")
        check = CHECKS[value % 37]
        if check not in "*~$=":
            return "PR-" + _digits(value) + check


def read(text: str) -> str | None:
    """A reference as people type it in its one true form; None if its check fails.

    `pr m9s346q3r`, full-width letters of a Japanese keyboard, any dash, O for 0 and I or L for 1 are all read.
    """
    if len(text) > LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).upper().translate(READ_AS)
    plain = "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Pd")
    body = plain.removeprefix("PR") if len(plain) > 9 else plain
    if len(body) != 9 or any(c not in ALPHABET for c in body[:8]) or body[8] not in ALPHABET + "U":
        return None
    value = 0
    for character in body[:8]:
        value = value * 32 + ALPHABET.index(character)
    return "PR-" + body if CHECKS[value % 37] == body[8] else None


def _digits(value: int) -> str:
    return "".join(ALPHABET[(value >> shift) & 31] for shift in range(35, -5, -5))
