"""Raw mail to a tree of parts, its headers to text, its sender to an address. Bounded before anything is parsed."""

from __future__ import annotations

import binascii
import re
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.quoprimime import header_decode
from typing import Any

from channels.addresses import mail_addresses
from channels.base import Address
from channels.charsets import decode

MAX_BYTES = 25 * 1024 * 1024
MAX_LINES = 1_000_000
MAX_PARTS = 200
MAX_DEPTH = 20
MAX_HEADERS = 500
LONGEST_HEADER = 4096  # characters
PEEK = 64 * 1024  # bytes in which the From header is looked for


class Unreadable(Exception):
    """A mail is not parsed; the text is the error code."""


class Part(Message):
    """A part of a mail. Counts parts and depth while the parser builds the tree, and cuts long headers.

    The parser of the standard library takes quadratic time over many parts, over long Content-Type headers and over
    deep nesting; each of these hooks is called before that time is spent.
    """

    depth = 0
    total: list[int]

    def __init__(self, policy: Any = compat32) -> None:
        super().__init__(policy)
        self.total = [1]

    def attach(self, payload: Any) -> None:
        """Add a part. Raises Unreadable past 200 parts or 20 levels."""
        payload.depth, payload.total = self.depth + 1, self.total
        self.total[0] += 1
        if self.total[0] > MAX_PARTS:
            raise Unreadable("too_many_parts")
        if payload.depth > MAX_DEPTH:
            raise Unreadable("too_deep")
        super().attach(payload)

    def set_raw(self, name: str, value: Any) -> None:
        """Add a header as the parser found it, cut to 4 kB. A From that long is not believed at all."""
        if len(self) >= MAX_HEADERS:
            return
        if len(value) > LONGEST_HEADER:
            value = _shortened(name.lower(), str(value))
        super().set_raw(name, value)


def _shortened(name: str, value: str) -> str:
    if name == "from":
        return ""
    return value[-LONGEST_HEADER:] if name == "references" else value[:LONGEST_HEADER]


def parse(raw: bytes) -> Message:
    """The tree of parts. Raises Unreadable."""
    if not raw.strip():
        raise Unreadable("empty")
    if len(raw) > MAX_BYTES:
        raise Unreadable("too_large")
    # The parser ends a line at a bare CR, too.
    if raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n") > MAX_LINES:
        raise Unreadable("too_many_lines")
    mail = BytesParser(Part, policy=compat32).parsebytes(raw)
    if not mail.keys():
        raise Unreadable("no_headers")
    return mail


def header(mail: Message, name: str) -> str:
    """The first header of a name as one clean line, "" where there is none."""
    return next(iter(headers(mail, name)), "")


def headers(mail: Message, name: str) -> list[str]:
    """All headers of a name, decoded, without line breaks and control characters."""
    return [clean(value) for key, value in mail.raw_items() if key.lower() == name]


def clean(value: Any) -> str:
    """A header's value, or a file name in one, as one decoded line without control characters."""
    return _line(_words(_unicode(value)))


def plain_headers(mail: Message, name: str) -> list[str]:
    """All headers of a name unfolded but with encoded words left as they are: for addresses and ids."""
    return [_line(_unicode(value)) for key, value in mail.raw_items() if key.lower() == name]


def _unicode(value: Any) -> str:
    """Raw bytes in a header come as surrogates; most of them are UTF-8."""
    text = str(value)
    return text if text.isascii() else decode(text.encode("utf-8", "surrogateescape"), "")


def _line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x20\x7f\x80-\x9f\u2028\u2029\ud800-\udfff]+", " ", text).split())


_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\s]{0,4096})\?=")
_BETWEEN = re.compile(r"(\?=)\s+(=\?)")


def _words(text: str) -> str:
    """Encoded words (RFC 2047) decoded; neighbours in one charset are joined first, as mailers cut between bytes."""
    text = _BETWEEN.sub(r"\1\2", text)
    pieces: list[tuple[str, bytes]] = []
    at = 0
    for match in _WORD.finditer(text):
        if match.start() > at:
            pieces.append(("utf-8", text[at : match.start()].encode("utf-8", "replace")))
        charset, data = match[1].partition("*")[0].lower(), _word_bytes(match[2], match[3])
        if pieces and at == match.start() and pieces[-1][0] == charset and charset != "iso-2022-jp":
            data = pieces.pop()[1] + data
        pieces.append((charset, data))
        at = match.end()
    pieces.append(("utf-8", text[at:].encode("utf-8", "replace")))
    return "".join(decode(data, charset) for charset, data in pieces)


def _word_bytes(encoding: str, data: str) -> bytes:
    if encoding in "qQ":
        return header_decode(data).encode("latin-1", "replace")
    return _base64(data)


def _base64(data: str) -> bytes:
    clean = re.sub(r"[^A-Za-z0-9+/]", "", data)
    try:
        return binascii.a2b_base64(clean + "=" * (-len(clean) % 4))
    except binascii.Error:
        return b""


def sender_of(mail: Message) -> tuple[Address | None, str]:
    """The one address of the one From header, else None and why: "no_sender", "several_senders", "bad_sender"."""
    values = plain_headers(mail, "from")
    if not values:
        return None, "no_sender"
    found = set(mail_addresses(values[0]))
    if len(values) > 1 or len(found) > 1:
        return None, "several_senders"
    return (found.pop(), "") if found else (None, "bad_sender")


_FROM = re.compile(rb"^From:[ \t]*((?:[^\r\n]|\r?\n[ \t]){0,4096})", re.IGNORECASE | re.MULTILINE)
_HEAD = re.compile(rb"\r?\n\r?\n")


def peek_sender(raw: bytes) -> Address | None:
    """The sender from the first bytes alone, without parsing; None where `read` would not believe it either."""
    head = _HEAD.split(raw[:PEEK].lstrip(b"\r\n"), maxsplit=1)[0]
    values = [match[1] for match in _FROM.finditer(head)]
    if len(values) != 1 or len(values[0]) >= LONGEST_HEADER:
        return None
    found = set(mail_addresses(_line(decode(values[0], ""))))
    return found.pop() if len(found) == 1 else None
