"""Conversations: one thread with one address on one channel, with its language and where the talk stands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update

from storage import audit
from storage.db import Tx, utc
from storage.tables import conversation, message


@dataclass(frozen=True, slots=True)
class Conversation:
    """One thread. `slots` is the bot's memory of it; `staff_since` is set while a person answers instead of the bot."""

    id: str
    channel: str
    address_id: str
    language: str
    slots: dict[str, Any]
    staff_since: datetime | None
    staff_reason: str
    heard_at: datetime | None  # the last message from the customer: WhatsApp's 24-hour window runs from it


_ADD = insert(conversation)
_GET = select(conversation).where(conversation.c.id == bindparam("id"))
_LATEST = (
    select(conversation)
    .where(conversation.c.channel == bindparam("channel"), conversation.c.address_id == bindparam("address_id"))
    .order_by(conversation.c.id.desc())
    .limit(1)
)
_OF_MESSAGE = (
    select(conversation)
    .join(message, message.c.conversation_id == conversation.c.id)
    .where(message.c.id == bindparam("message_id"))
)
_CHANGE = update(conversation).where(conversation.c.id == bindparam("this"))
_TO_STAFF = _CHANGE.values(staff_since=func.coalesce(conversation.c.staff_since, bindparam("now")))


def start(tx: Tx, channel: str, address_id: str, language: str) -> Conversation:
    """A new, empty conversation."""
    one = Conversation(tx.new_id(), channel, address_id, language, {}, None, "", None)
    row: dict[str, Any] = {"id": one.id, "channel": channel, "address_id": address_id, "language": language}
    row |= {"created_at": tx.now, "slots_sealed": _seal(tx, one.id, {}), "staff_reason": ""}
    tx.conn.execute(_ADD, row)
    return one


def get(tx: Tx, conversation_id: str) -> Conversation | None:
    """The conversation with this id, if there is one."""
    row = tx.conn.execute(_GET, {"id": conversation_id}).first()
    return _read(tx, row) if row else None


def latest(tx: Tx, channel: str, address_id: str) -> Conversation | None:
    """The newest conversation with an address on a channel: on WhatsApp the only one."""
    row = tx.conn.execute(_LATEST, {"channel": channel, "address_id": address_id}).first()
    return _read(tx, row) if row else None


def of_message(tx: Tx, message_id: str) -> Conversation | None:
    """The conversation that one of our messages belongs to."""
    row = tx.conn.execute(_OF_MESSAGE, {"message_id": message_id}).first()
    return _read(tx, row) if row else None


def save(tx: Tx, conversation_id: str, *, slots: dict[str, Any], language: str, heard_at: datetime) -> None:
    """Keep where the talk stands at the end of a turn."""
    values = {"slots_sealed": _seal(tx, conversation_id, slots), "language": language, "heard_at": heard_at}
    tx.conn.execute(_CHANGE, {"this": conversation_id, **values})


def give_to_staff(tx: Tx, conversation_id: str, reason: str, actor: str) -> None:
    """From now a person answers here; the bot keeps to opt-outs and codes. Who waits already keeps their place."""
    tx.conn.execute(_TO_STAFF, {"this": conversation_id, "now": tx.now, "staff_reason": reason})
    audit.record(tx, f"conversation:{conversation_id}", "conversation.to_staff", actor, reason=reason)


def give_back(tx: Tx, conversation_id: str, actor: str) -> None:
    """From now the bot answers again."""
    tx.conn.execute(_CHANGE, {"this": conversation_id, "staff_since": None, "staff_reason": ""})
    audit.record(tx, f"conversation:{conversation_id}", "conversation.to_bot", actor)


def _seal(tx: Tx, conversation_id: str, slots: dict[str, Any]) -> bytes:
    return tx.vault.seal(f"conversation.slots:{conversation_id}", json.dumps(slots, ensure_ascii=False))


def _read(tx: Tx, row: Row[Any]) -> Conversation:
    slots = json.loads(tx.vault.open(f"conversation.slots:{row.id}", row.slots_sealed))
    staff, heard = (moment and utc(moment) for moment in (row.staff_since, row.heard_at))
    return Conversation(row.id, row.channel, row.address_id, row.language, slots, staff, row.staff_reason, heard)
