"""The body and the attachments of a parsed mail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

from channels import markup
from channels.base import Media
from channels.charsets import decode
from channels.mime import clean

_ENCRYPTED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"})


LONGEST_TEXT = 1_000_000  # bytes of all text parts together; what is longer is cut, the raw mail has it all


@dataclass(slots=True)
class Body:
    """What is in a mail. `rich` is the text of the HTML, "" where there is none; `plain` is then never blank."""

    plain: str = ""
    rich: str = ""
    media: list[Media] = field(default_factory=list)
    encrypted: bool = False
    left: int = LONGEST_TEXT


def body_of(mail: Message) -> Body:
    """The body of a mail: of alternatives both forms, parts beside each other joined. An attached mail stays one."""
    body = Body()
    body.plain, body.rich = _texts(mail, body)
    return body


def _texts(part: Message, body: Body) -> tuple[str, str]:
    """The plain and the HTML form of a part; anything that is not shown as text goes to `body.media`."""
    kind = part.get_content_type()
    if part.is_multipart() and kind.startswith("multipart/"):
        pairs = [_texts(child, body) for child in part.get_payload() if isinstance(child, Message)]
        return _chosen(pairs) if kind == "multipart/alternative" else _joined(pairs)
    body.encrypted |= kind in _ENCRYPTED
    # A multipart without a boundary, which the parser gives as one lump: its text is better than nothing.
    if (kind in ("text/plain", "text/html") and not _is_file(part)) or kind.startswith("multipart/"):
        text = _text(part, body.left)
        body.left -= min(body.left, len(text))
        if kind == "text/html":
            shown = markup.to_text(text)
            return shown, shown
        return _flowed(part, text), ""
    body.media.append(_media(part))
    return "", ""


def _chosen(pairs: list[tuple[str, str]]) -> tuple[str, str]:
    """Of alternatives the first plain text with something in it, and the last HTML."""
    texts = sorted((bool(rich), at) for at, (plain, rich) in enumerate(pairs) if plain.strip())
    return (pairs[texts[0][1]][0] if texts else ""), next((rich for _, rich in reversed(pairs) if rich), "")


def _joined(pairs: list[tuple[str, str]]) -> tuple[str, str]:
    shown = [pair for pair in pairs if pair[0].strip()]
    plain = "\n\n".join(text.strip("\r\n") for text, _ in shown)
    rich = "\n\n".join(rich or text for text, rich in shown) if any(rich for _, rich in shown) else ""
    return plain, rich


def _is_file(part: Message) -> bool:
    """Said to be an attachment, or shown inline under a file name. A bare name in Content-Type makes no file of it."""
    disposition = part.get_content_disposition()
    return disposition == "attachment" or bool(disposition and part.get_filename())


def _data(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _text(part: Message, longest: int) -> str:
    charset = part.get_param("charset", "")
    name = charset[2] if isinstance(charset, tuple) else str(charset)
    return decode(_data(part)[:longest], name).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _flowed(part: Message, text: str) -> str:
    """Soft line breaks (RFC 3676) undone, where the part says that it has them."""
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    gone = str(part.get_param("delsp", "")).lower() == "yes"
    pieces: list[str] = []
    soft = True  # nothing before the first line
    for line in text.split("\n"):
        quoted = line.startswith(">")
        line = line if quoted else line.removeprefix(" ")  # stuffed
        if not soft or (quoted and pieces):
            pieces.append("\n")
        soft = not quoted and line.endswith(" ") and line != "-- "
        pieces.append(line[:-1] if soft and gone else line)
    return "".join(pieces)


def _media(part: Message) -> Media:
    name = re.sub(r"[/\\]+", "_", clean(part.get_filename() or ""))[:255]
    size = sum(len(str(child)) for child in part.get_payload()) if part.is_multipart() else len(_data(part))
    return Media(part.get_content_type()[:127], name=name, size=size)
