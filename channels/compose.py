"""Outgoing mail as bytes: the same bytes for every try of the same message."""

from __future__ import annotations

import re
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from channels.base import Outbound
from channels.threads import MOST_REFERENCES, Threads, message_ids

# Python's SMTP policy writes long References and List-Unsubscribe as encoded words (cpython issue 85725), which breaks
# threading; lines up to RFC 5322's hard limit stay as they are. 7bit, so that no relay has to know 8BITMIME.
POLICY = SMTP.clone(max_line_length=998, cte_type="7bit")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_LINK = re.compile(r"https?://[^\s<>\"'()\[\]{}、。]{1,1500}[^\s<>\"'()\[\]{}、。.,;:!?]")
_CODE = re.compile(r"\d{3} ?\d{3}")
_STYLE = "font-family:sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a;max-width:40em"
_CODE_STYLE = "font-family:monospace;font-size:28px;letter-spacing:4px;margin:16px 0"


def compose(message: Outbound, name: str, address: str, public_url: str, threads: Threads) -> bytes:
    """The mail of one message, from `name <address>`. Raises ValueError where the message's id fits no Message-ID.

    Only what lies under `public_url` (no slash at the end) becomes a link: a text may repeat what a stranger wrote.
    """
    ascii_only = message.to.value.isascii()
    mail = EmailMessage(policy=POLICY if ascii_only else POLICY.clone(utf8=True))
    mail["From"] = f"{_encoded(name, 'From')} <{address}>" if name else address
    mail["To"] = message.to.value
    mail.set_raw("Subject", _encoded(message.subject, "Subject"))
    mail["Date"] = format_datetime(message.sent_at)
    mail["Message-ID"] = threads.message_id(message.id)
    _thread(mail, message)
    mail["Auto-Submitted"] = _submitted(message)
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Loop"] = threads.loop_mark
    language = message.language if _LANGUAGE.fullmatch(message.language) else ""
    text = _text(message)
    mail.set_content(text)
    mail.add_alternative(_html(text, language, f"{public_url}/"), subtype="html")
    if language:  # last, because setting a body removes every Content- header
        mail["Content-Language"] = language
    mail.set_boundary(f"=_{threads.message_id(message.id).split('@')[0][-16:]}")
    return mail.as_bytes()


def _submitted(message: Outbound) -> str:
    """RFC 3834: answers and notices of a machine say so. A person's mail says "no"."""
    if not message.automatic:
        return "no"
    return "auto-replied" if message.in_reply_to else "auto-generated"


def _encoded(text: str, header: str) -> str:
    """One line, in encoded words of at most 75 characters (RFC 2047) where it is not ASCII."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]+", " ", text).split())
    if not line.isascii():
        return Header(line, "utf-8", maxlinelen=75, header_name=header).encode(linesep="\r\n")
    return line if header == "Subject" else '"' + re.sub(r'([\\"])', r"\\\1", line) + '"'


def _thread(mail: EmailMessage, message: Outbound) -> None:
    answered = message_ids(message.in_reply_to)[:1]
    older = [known for known in message_ids(" ".join(message.references)) if known not in answered]
    if answered:
        mail["In-Reply-To"] = answered[0]
    if chain := [*older, *answered][-MOST_REFERENCES:]:
        mail["References"] = " ".join(chain)


def _text(message: Outbound) -> str:
    lines = "".join(f"\n- {choice.title}" for choice in message.choices)
    return (message.text.strip() + (f"\n{lines}" if lines else "")).replace("\r\n", "\n").replace("\x00", "") + "\n"


def _html(text: str, language: str, ours: str) -> str:
    """The same text as simple HTML: no images, no scripts, nothing loaded, readable with styles stripped."""
    paragraphs = "\n".join(_paragraph(block, ours) for block in re.split(r"\n{2,}", text.strip()))
    attribute = f' lang="{language}"' if language else ""
    return (
        f'<!doctype html>\n<html{attribute}><head><meta charset="utf-8"></head>\n'
        f'<body dir="auto" style="{_STYLE}">\n{paragraphs}\n</body></html>\n'
    )


def _paragraph(block: str, ours: str) -> str:
    if _CODE.fullmatch(block.strip()):
        return f'<p dir="ltr" style="{_CODE_STYLE}">{block.strip()}</p>'
    return f'<p dir="auto">{"<br>".join(_linked(line, ours) for line in block.split(chr(10)))}</p>'


def _linked(line: str, ours: str) -> str:
    parts: list[str] = []
    at = 0
    for match in _LINK.finditer(line):
        if not match[0].startswith(ours):
            continue
        link = escape(match[0])
        parts += [escape(line[at : match.start()]), f'<a href="{link}">{link}</a>']
        at = match.end()
    return "".join([*parts, escape(line[at:])])
