"""The thread: what was said in a conversation, both ways and over every channel, as staff read it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from storage.db import Tx, utc
from storage.tables import conversation, message, quarantine

DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Message:
    """One message, in or out. `reading` is what the bot understood; `more` what else it carried (subject, headers)."""

    id: str
    conversation_id: str
    direction: str
    kind: str
    channel: str
    at: datetime
    text: str
    more: dict[str, Any]
    names: tuple[str, ...]
    reading: dict[str, Any]
    written_by: str
    status: str
    error: str
    tries: int


@dataclass(frozen=True, slots=True)
class Aside:
    """A delivery that could not be read; its bytes are under `dedup` in the queue."""

    id: str
    channel: str
    dedup: str
    reason: str
    at: datetime


def of_conversation(tx: Tx, conversation_id: str) -> list[Message]:
    """The newest thousand messages of one conversation, oldest first. Codes are dots: staff never see one."""
    return _messages(tx, message.c.conversation_id == conversation_id, newest=True)


def one(tx: Tx, message_id: str) -> Message | None:
    """A single message."""
    return next(iter(_messages(tx, message.c.id == message_id)), None)


def undelivered(tx: Tx, limit: int = 100) -> list[Message]:
    """Answers that did not arrive and that nobody has settled yet, oldest first."""
    late = (
        message.c.direction == "out",
        message.c.status.in_(("failed", "undelivered")),
        message.c.settled_at.is_(None),
    )
    return _messages(tx, *late, limit=limit)


def set_aside(tx: Tx) -> list[Aside]:
    """Quarantined deliveries that nobody has settled yet, oldest first."""
    rows = tx.conn.execute(select(quarantine).where(quarantine.c.settled_at.is_(None)).order_by(quarantine.c.id))
    return [Aside(r.id, r.channel, r.dedup, r.reason, utc(r.at)) for r in rows]


def with_staff(tx: Tx) -> Sequence[str]:
    """Conversations that wait for a person of staff, the longest wait first."""
    query = select(conversation.c.id).where(conversation.c.staff_since.is_not(None))
    return list(tx.conn.scalars(query.order_by(conversation.c.staff_since)))


def _messages(tx: Tx, *where: ColumnElement[bool], limit: int = 1000, newest: bool = False) -> list[Message]:
    query = select(message, conversation.c.channel).join(conversation, conversation.c.id == message.c.conversation_id)
    order = message.c.id.desc() if newest else message.c.id
    found = [_message(tx, row) for row in tx.conn.execute(query.where(*where).order_by(order).limit(limit))]
    return found[::-1] if newest else found


def _message(tx: Tx, row: Row[Any]) -> Message:
    text = tx.vault.open(f"message.text:{row.id}", row.text_sealed)
    more = json.loads(tx.vault.open(f"message.more:{row.id}", row.more_sealed))
    if row.reading.get("code"):
        text, more = DIGIT.sub("•", text), {}
    if row.kind == "code":
        text, more = "••••••", {}
    values = (row.id, row.conversation_id, row.direction, row.kind, row.channel, utc(row.at), text, more)
    return Message(*values, tuple(row.names), row.reading, row.written_by, row.status, row.error, row.tries)
