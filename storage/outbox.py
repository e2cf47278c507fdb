"""The one way out: an answer is a row, and only the delivery loop calls a provider: at least once, with a stable id."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from storage import addresses, queue
from storage.addresses import Address
from storage.db import Tx, utc
from storage.tables import conversation, message

QUEUED, HELD, SENT, FAILED = "queued", "held", "sent", "failed"
SENT_RANK = 30  # on the scale of receipts: queued 10, sent 30, failed 35, delivered 40, read 50


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said, before it has a row. `names` are the text ids it was made of; a person's own words have none."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()  # (id, title)
    as_list: bool = False
    list_title: str = ""
    subject: str = ""
    language: str = "en"
    template: str = ""
    variables: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    apart: bool = False  # a mail of its own, outside the thread (a code mail)


@dataclass(frozen=True, slots=True)
class Sending:
    """A queued answer as the delivery loop takes it."""

    id: str
    channel: str
    conversation_id: str
    to: Address
    letter: Letter
    in_reply_to: str
    references: tuple[str, ...]
    at: datetime
    status: str
    written_by: str
    heard_at: datetime | None  # when the customer last wrote in this conversation


LETTER = tuple(field.name for field in fields(Letter))

_ADD = insert(message)
_LOAD = (
    select(message, conversation.c.heard_at)
    .join(conversation, conversation.c.id == message.c.conversation_id)
    .where(message.c.id == bindparam("id"))
)
_CONVERSATION = select(message.c.conversation_id).where(message.c.id == bindparam("id"))
_HELD = (
    select(message.c.id, message.c.to_address_id)
    .where(message.c.conversation_id == bindparam("conversation_id"), message.c.status == HELD)
    .order_by(message.c.id)
)
_CHANGE = update(message).where(message.c.id == bindparam("this"))
_FORWARD = _CHANGE.where(message.c.rank < bindparam("higher")).values(rank=bindparam("higher"))
_OUR_OWN = select(message.c.id, message.c.provider_id).where(message.c.direction == "out")
_BY_OUR_ID = _OUR_OWN.where(message.c.id == bindparam("id"))
_BY_THEIR_ID = _OUR_OWN.where(message.c.provider_id == bindparam("id"))
_RECENT = (
    select(func.count())
    .select_from(message)
    .where(message.c.to_address_id == bindparam("address_id"), message.c.at > bindparam("since"))
    .where(message.c.written_by == "bot", message.c.kind != "code")
)
_SETTLE = update(message).where(message.c.id.in_(bindparam("these", expanding=True)))
_NEWEST_IN = (
    select(message.c.id, message.c.more_sealed)
    .where(message.c.conversation_id == bindparam("conversation_id"), message.c.direction == "in")
    .order_by(message.c.id.desc())
    .limit(1)
)


def put(tx: Tx, conversation_id: str, to: Address, letter: Letter, *, written_by: str, kind: str = "answer") -> str:
    """Queue an answer for delivery and return its id; it leaves when the transaction commits."""
    one = tx.new_id()
    threaded = to.kind == addresses.EMAIL and not letter.apart
    in_reply_to, references = _thread_head(tx, conversation_id) if threaded else ("", [])
    more: dict[str, Any] = {"letter": {name: getattr(letter, name) for name in LETTER}}
    more |= {"in_reply_to": in_reply_to, "references": references}
    row: dict[str, Any] = {"id": one, "conversation_id": conversation_id, "direction": "out", "kind": kind}
    row |= {"text_sealed": tx.vault.seal(f"message.text:{one}", letter.text), "names": list(letter.names)}
    row["more_sealed"] = tx.vault.seal(f"message.more:{one}", json.dumps(more, ensure_ascii=False))
    row |= {"language": letter.language, "reading": {}, "written_by": written_by, "to_address_id": to.id}
    tx.conn.execute(_ADD, row | {"dedup": f"out:{one}", "status": QUEUED, "at": tx.now})
    # Codes have lanes and threads of their own: an answer behind a slow code mail would tell by its time that
    # the contact is on file.
    queue.accept(tx, f"{'code' if kind == 'code' else 'out'}:{to.id}", f"out:{one}")
    return one


def load(tx: Tx, dedup: str) -> Sending:
    """The answer behind a queue item. Raises sqlalchemy.exc.NoResultFound."""
    row = tx.conn.execute(_LOAD, {"id": dedup.split(":")[1]}).one()
    more = json.loads(tx.vault.open(f"message.more:{row.id}", row.more_sealed))
    plain = more["letter"] | {"choices": tuple((a, b) for a, b in more["letter"]["choices"])}
    letter = Letter(**(plain | {key: tuple(plain[key]) for key in ("variables", "names")}))
    to = addresses.get(tx, row.to_address_id)
    channel = "mail" if to.kind == addresses.EMAIL else "whatsapp"
    head = (more["in_reply_to"], tuple(more["references"]))
    return Sending(
        row.id, channel, row.conversation_id, to, letter, *head,
        at=utc(row.at), status=row.status, written_by=row.written_by,
        heard_at=utc(row.heard_at) if row.heard_at else None,
    )  # fmt: skip


def hold(tx: Tx, message_id: str) -> bool:
    """Keep an answer back until its customer writes again; False where another one is held there already."""
    conversation_id = tx.conn.scalar(_CONVERSATION, {"id": message_id})
    first = tx.conn.execute(_HELD, {"conversation_id": conversation_id}).first() is None
    tx.conn.execute(_CHANGE, {"this": message_id, "status": HELD})
    return first


def release(tx: Tx, conversation_id: str) -> None:
    """Queue the answers that were held back in a conversation, in the order they were written."""
    for row in tx.conn.execute(_HELD, {"conversation_id": conversation_id}).all():
        tx.conn.execute(_CHANGE, {"this": row.id, "status": QUEUED})
        queue.accept(tx, f"out:{row.to_address_id}", f"out:{row.id}:{tx.new_id()}")


def sent(tx: Tx, message_id: str, provider_id: str, tries: int = 1) -> None:
    """The provider took it at this try. A receipt that overtook this call is not moved back."""
    tx.conn.execute(_CHANGE, {"this": message_id, "provider_id": provider_id, "tries": tries})
    _forward(tx, message_id, SENT, SENT_RANK, "")


def failed(tx: Tx, message_id: str, error: str, tries: int = 1) -> None:
    """It will not arrive, given up at this try: the desk shows it until somebody settles it."""
    tx.conn.execute(_CHANGE, {"this": message_id, "status": FAILED, "error": error[:40], "tries": tries})


def receipt(tx: Tx, message_id: str, provider_id: str, status: str, rank: int, error: str) -> bool:
    """A delivery receipt, by our id or else the provider's: in any order, and it only ever moves a message forward."""
    if not (message_id or provider_id):
        return False
    found = tx.conn.execute(_BY_OUR_ID if message_id else _BY_THEIR_ID, {"id": message_id or provider_id})
    row = found.first()
    if row is None or (row.provider_id and provider_id and row.provider_id != provider_id):
        return False
    if not row.provider_id:
        # The receipt overtook the answer to our own call: keep the id it brings.
        tx.conn.execute(_CHANGE, {"this": row.id, "provider_id": provider_id})
    return _forward(tx, row.id, status, rank, error)


def recent(tx: Tx, address_id: str, since: datetime) -> int:
    """How many answers the bot has sent to an address since a moment, in all threads: the guard against loops."""
    return tx.conn.scalar(_RECENT, {"address_id": address_id, "since": since}) or 0


def settle(tx: Tx, message_ids: Sequence[str]) -> None:
    """Somebody has dealt with undelivered answers: the desk no longer lists them."""
    tx.conn.execute(_SETTLE, {"these": list(message_ids), "settled_at": tx.now})


def _forward(tx: Tx, message_id: str, status: str, rank: int, error: str) -> bool:
    values = {"this": message_id, "higher": rank, "status": status, "error": error[:40]}
    return tx.conn.execute(_FORWARD, values).rowcount == 1


def _thread_head(tx: Tx, conversation_id: str) -> tuple[str, list[str]]:
    """The Message-ID to answer and the References to carry (RFC 5322 3.6.4): those of the newest message in."""
    row = tx.conn.execute(_NEWEST_IN, {"conversation_id": conversation_id}).first()
    if row is None:
        return "", []
    more = json.loads(tx.vault.open(f"message.more:{row.id}", row.more_sealed))
    own = more.get("message_id", "")
    return own, [*more.get("references", []), own][-10:] if own else []
