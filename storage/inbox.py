"""The one way in: a message is a row before anything is understood, and a repeat of it stops here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, insert, update

from storage import addresses, queue
from storage.db import Tx
from storage.tables import conversation, message, quarantine

NOBODY = "in:nobody"  # the lane of mails whose sender cannot be read


_ADD = insert(message)
_HEARD = update(conversation).where(conversation.c.id == bindparam("this"))
_SET_ASIDE = insert(quarantine)


def record(tx: Tx, dedup: str, kind: str, sender: str, raw: bytes) -> None:
    """Keep what a provider delivered, in the lane of its sender. Raises queue.Repeat where it was delivered before.

    `kind` and `sender` are the address it came from; both empty where that cannot be read.
    """
    key = f"in:{addresses.meet(tx, kind, sender).id}" if sender else NOBODY
    queue.accept(tx, key, dedup, raw)


def nudge(tx: Tx, address_id: str, dedup: str, event: Mapping[str, Any]) -> None:
    """Put an event of our own (a link was confirmed) into a correspondent's lane, so that it waits its turn there."""
    queue.accept(tx, f"in:{address_id}", dedup, json.dumps(event).encode())


def keep(tx: Tx, conversation_id: str, *, kind: str, text: str, more: Mapping[str, Any], dedup: str, **row: Any) -> str:
    """The message itself, in its conversation; returns its id. `more`: what else it said (subject, headers, media)."""
    one = tx.new_id()
    row |= {"id": one, "conversation_id": conversation_id, "direction": "in", "kind": kind, "at": tx.now}
    row |= {"text_sealed": tx.vault.seal(f"message.text:{one}", text), "dedup": dedup, "status": "received"}
    row["more_sealed"] = tx.vault.seal(f"message.more:{one}", json.dumps(dict(more), ensure_ascii=False))
    tx.conn.execute(_ADD, {"names": [], "reading": {}} | row)
    if kind == "message":
        tx.conn.execute(_HEARD, {"this": conversation_id, "heard_at": tx.now})
    return one


def set_aside(tx: Tx, channel: str, dedup: str, reason: str) -> None:
    """Quarantine what cannot be read: its bytes stay in the queue's item, staff see that it is there."""
    row = {"id": tx.new_id(), "channel": channel, "dedup": dedup, "reason": reason, "at": tx.now}
    tx.conn.execute(_SET_ASIDE, row)


def fingerprint(raw: bytes) -> str:
    """A dedup key for what comes without an id of its own."""
    return hashlib.sha256(raw).hexdigest()
