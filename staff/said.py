"""What was said: the messages of a talk and the notes on a ticket as one thread of three voices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from staff.listing import Lister
from storage.staff import Note
from storage.thread import Message


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the thread: `voice` is `customer`, `us` or `note`; times are the office's."""

    voice: str
    who: str
    at: datetime
    text: str
    language: str = ""
    channel: str = ""
    receipt: str = ""
    failed: bool = False
    full_text: str = ""
    subject: str = ""
    files: int = 0
    id: str = ""


def lines(lister: Lister, messages: Sequence[Message], notes: Sequence[Note], name: str) -> list[Said]:
    """Everything in the order it was said; `name` is what the customer is called."""
    said = [_line(lister, message, name) for message in messages]
    local = lister.desk.local
    said += [Said("note", lister.names.get(n.staff_id, ""), local(n.at), n.text, id=n.id) for n in notes]
    return sorted(said, key=lambda one: (one.at, one.id))


def _line(lister: Lister, message: Message, name: str) -> Said:
    words, out = lister.words, message.direction == "out"
    full = str(message.more.get("full_text", ""))
    failed = message.status in ("failed", "undelivered")
    return Said(
        voice="us" if out else "customer",
        who=lister.actor(message.written_by) if out else name or words("ticket.customer"),
        at=lister.desk.local(message.at),
        text=words("receipts.code") if message.kind == "code" else message.text,
        language=str(message.reading.get("language", "")),
        channel=message.channel,
        receipt=_receipt(lister, message) if out else "",
        failed=failed,
        full_text=full if full.strip() != message.text.strip() and not out else "",
        subject=str(message.more.get("subject", "")),
        files=len(message.more.get("media", [])),
        id=message.id,
    )


def _receipt(lister: Lister, message: Message) -> str:
    words = lister.words
    parts = [words.of("receipts", message.status)]
    if message.error:
        parts.append(words("receipts.error", code=message.error))
    if message.tries > 1:
        parts.append(words.many("receipts.tries", message.tries))
    return ", ".join(parts)
