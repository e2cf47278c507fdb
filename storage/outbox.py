"""The one way out: an answer is a row, and only the delivery loop calls a provider: at least once, with a stable id."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from storage import addresses, queue
from storage.addresses import Address
from storage.db import Tx, utc
from storage.tables import message

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


@dataclass(frozen=True, slots=True)
class _More:
    letter: dict[str, object]
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)


def put(tx: Tx, conversation_id: str, to: Address, letter: Letter, *, written_by: str, kind: str = "answer") -> str:
    """Queue an answer for delivery and return its id; it leaves when the transaction commits."""
    one = tx.new_id()
    threaded = to.kind == addresses.EMAIL and not letter.apart
    more = _More(asdict(letter), *(_thread_head(tx, conversation_id) if threaded else ()))
    row: dict[str, Any] = {"id": one, "conversation_id": conversation_id, "direction": "out", "kind": kind}
    row |= {"text_sealed": tx.vault.seal(f"message.text:{one}", letter.text), "names": list(letter.names)}
    row["more_sealed"] = tx.vault.seal(f"message.more:{one}", json.dumps(asdict(more), ensure_ascii=False))
    row |= {"language": letter.language, "reading": {}, "written_by": written_by, "to_address_id": to.id}
    tx.conn.execute(insert(message), row | {"dedup": f"out:{one}", "status": QUEUED, "at": tx.now})
    queue.accept(tx, f"out:{to.id}", f"out:{one}")
    return one


def load(tx: Tx, dedup: str) -> Sending:
    """The answer behind a queue item. Raises sqlalchemy.exc.NoResultFound."""
    row = tx.conn.execute(select(message).where(message.c.id == dedup.split(":")[1])).one()
    more = json.loads(tx.vault.open(f"message.more:{row.id}", row.more_sealed))
    plain = more["letter"] | {"choices": tuple((a, b) for a, b in more["letter"]["choices"])}
    letter = Letter(**(plain | {key: tuple(plain[key]) for key in ("variables", "names")}))
    to = addresses.get(tx, row.to_address_id)
    channel = "mail" if to.kind == addresses.EMAIL else "whatsapp"
    head = (more["in_reply_to"], tuple(more["references"]))
    return Sending(row.id, channel, row.conversation_id, to, letter, *head, utc(row.at), row.status, row.written_by)


def hold(tx: Tx, message_id: str) -> bool:
    """Keep an answer back until its customer writes again; False where another one is held there already."""
    conversation_id = tx.conn.scalar(select(message.c.conversation_id).where(message.c.id == message_id))
    others = (message.c.conversation_id == conversation_id, message.c.status == HELD)
    first = tx.conn.execute(select(message.c.id).where(*others).limit(1)).first() is None
    tx.conn.execute(update(message).where(message.c.id == message_id).values(status=HELD))
    return first


def release(tx: Tx, conversation_id: str) -> None:
    """Queue the answers that were held back in a conversation, in the order they were written."""
    waiting = (message.c.conversation_id == conversation_id, message.c.status == HELD)
    query = select(message.c.id, message.c.to_address_id).where(*waiting).order_by(message.c.id)
    for row in tx.conn.execute(query).all():
        tx.conn.execute(update(message).where(message.c.id == row.id).values(status=QUEUED))
        queue.accept(tx, f"out:{row.to_address_id}", f"out:{row.id}:{tx.new_id()}")


def sent(tx: Tx, message_id: str, provider_id: str, tries: int = 1) -> None:
    """The provider took it at this try. A receipt that overtook this call is not moved back."""
    values = {"provider_id": provider_id, "tries": tries}
    tx.conn.execute(update(message).where(message.c.id == message_id).values(**values))
    _forward(tx, message_id, SENT, SENT_RANK, "")


def failed(tx: Tx, message_id: str, error: str, tries: int = 1) -> None:
    """It will not arrive, given up at this try: the desk shows it until somebody settles it."""
    values = {"status": FAILED, "error": error[:40], "tries": tries}
    tx.conn.execute(update(message).where(message.c.id == message_id).values(**values))


def receipt(tx: Tx, message_id: str, provider_id: str, status: str, rank: int, error: str) -> bool:
    """A delivery receipt, by our id or else the provider's: in any order, and it only ever moves a message forward."""
    if not (message_id or provider_id):
        return False
    where = message.c.id == message_id if message_id else message.c.provider_id == provider_id
    row = tx.conn.execute(
        select(message.c.id, message.c.provider_id).where(where, message.c.direction == "out")
    ).first()
    if row is None or (row.provider_id and provider_id and row.provider_id != provider_id):
        return False
    if not row.provider_id:
        # The receipt overtook the answer to our own call: keep the id it brings.
        tx.conn.execute(update(message).where(message.c.id == row.id).values(provider_id=provider_id))
    return _forward(tx, row.id, status, rank, error)


def recent(tx: Tx, conversation_id: str, since: datetime) -> int:
    """How many answers the bot has given in a conversation since a moment: the guard against mail loops."""
    where = (message.c.conversation_id == conversation_id, message.c.written_by == "bot", message.c.at > since)
    return tx.conn.scalar(select(func.count()).select_from(message).where(*where)) or 0


def settle(tx: Tx, message_ids: Sequence[str]) -> None:
    """Somebody has dealt with undelivered answers: the desk no longer lists them."""
    tx.conn.execute(update(message).where(message.c.id.in_(message_ids)).values(settled_at=tx.now))


def _forward(tx: Tx, message_id: str, status: str, rank: int, error: str) -> bool:
    later = update(message).where(message.c.id == message_id, message.c.rank < rank)
    return tx.conn.execute(later.values(status=status, rank=rank, error=error[:40])).rowcount == 1


def _thread_head(tx: Tx, conversation_id: str) -> tuple[str, list[str]]:
    """The Message-ID to answer and the References to carry (RFC 5322 3.6.4): those of the newest message in."""
    mine = (message.c.conversation_id == conversation_id, message.c.direction == "in")
    newest = select(message.c.id, message.c.more_sealed).where(*mine).order_by(message.c.id.desc()).limit(1)
    row = tx.conn.execute(newest).first()
    if row is None:
        return "", []
    more = json.loads(tx.vault.open(f"message.more:{row.id}", row.more_sealed))
    own = more.get("message_id", "")
    return own, [*more.get("references", []), own][-10:] if own else []
