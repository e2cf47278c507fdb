"""The queue: two tables of the request store, because a claimed row is all the broker we need.

A *lane* is everything that must happen in order (one correspondent's messages in, one address's messages out, one job).
An *item* is one thing to do; its `dedup` key is refused the second time. Lanes run side by side, a lane runs in order.

    accept -> claim (fencing token, lease) -> work outside any transaction -> finish, in the transaction of the effects

A worker that dies leaves its lane to fall due when the lease ends; a worker that was only slow finds its token gone and
its whole transaction rolled back. So effects happen once, in order. Measured against brokers: docs/decisions/0002.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.db import Tx
from storage.tables import item, lane
from storage.vault import VaultError

LEASE = 30.0  # seconds a claim lasts unless renewed
MAX_TRIES = 8
FIRST_WAIT, LONGEST_WAIT = 2.0, 600.0  # seconds


class Repeat(Exception):
    """The item is in the queue already: the provider sent it again."""


class Fenced(Exception):
    """Another worker has the lane: this transaction's effects must not be kept."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One item in the hands of one worker until its lease ends."""

    lane: str
    seq: int
    token: str
    tries: int  # this one included
    dedup: str
    body: bytes


def accept(tx: Tx, key: str, dedup: str, body: bytes = b"") -> int:
    """Add an item to the end of lane `key` (`in:…`, `out:…`, `job:…`) and return its number.

    Raises Repeat: the caller's transaction, or the savepoint around this call, must roll back.
    """
    # The row lock taken here makes an item's number follow the order of commits inside its lane.
    bump = (
        upsert(tx.conn, lane)
        .values(key=key, kind=key.partition(":")[0], last=1, done=0, due=tx.epoch, tries=0)
        .on_conflict_do_update(index_elements=["key"], set_={"last": lane.c.last + 1})
        .returning(lane.c.last)
    )
    seq = int(tx.conn.execute(bump).scalar_one())
    row: dict[str, Any] = {"lane": key, "seq": seq, "dedup": dedup, "status": "new", "error": "", "at": tx.now}
    row["body_sealed"] = tx.vault.seal_bytes(f"item.body:{dedup}", body)
    put = upsert(tx.conn, item).on_conflict_do_nothing(index_elements=["dedup"]).returning(item.c.seq)
    # RETURNING tells whether a row went in: psycopg has no row count left once SQLAlchemy has closed its cursor.
    if tx.conn.execute(put, row).first() is None:
        raise Repeat
    return seq


def waiting(tx: Tx, kind: str) -> bool:
    """Whether a lane of this kind (`in`, `out` or `job`) is due: a look that takes no lock."""
    return tx.conn.scalar(select(lane.c.key).where(*_due(tx, kind)).limit(1)) is not None


def claim(tx: Tx, kind: str, lease: float = LEASE) -> Claim | None:
    """Take the next item of the lane that is due longest; None where nothing is due.

    Tries count here: a crash counts too. An item that does not open (its key is not in the vault) is put off, so that
    other lanes go on, and after the last try given out with an empty body, so that its own lane goes on.
    """
    due = select(lane.c.key).where(*_due(tx, kind)).order_by(lane.c.due).limit(1).with_for_update(skip_locked=True)
    token = secrets.token_hex(16)
    values = {"token": token, "due": tx.epoch + lease, "tries": lane.c.tries + 1}
    take = update(lane).where(lane.c.key == due.scalar_subquery()).values(**values)
    found = tx.conn.execute(take.returning(lane.c.key, lane.c.done, lane.c.tries)).first()
    if found is None:
        return None
    at = (item.c.lane == found.key, item.c.seq == found.done + 1)
    row = tx.conn.execute(select(item.c.seq, item.c.dedup, item.c.body_sealed).where(*at)).one()
    held = Claim(found.key, row.seq, token, found.tries, row.dedup, b"")
    try:
        return replace(held, body=tx.vault.open_bytes(f"item.body:{row.dedup}", row.body_sealed))
    except VaultError:
        if held.tries > MAX_TRIES:
            return held
        retry(tx, held, VaultError.__name__, 0.5)
        return None


def renew(tx: Tx, held: Claim, lease: float = LEASE) -> bool:
    """Lengthen the lease of a claim still at work; False where it was lost."""
    where = (lane.c.key == held.lane, lane.c.token == held.token)
    return tx.conn.execute(update(lane).where(*where).values(due=tx.epoch + lease)).rowcount == 1


def finish(tx: Tx, held: Claim, *, status: str = "done", error: str = "", fenced: bool = True) -> None:
    """Advance the lane past the claimed item, as the last step of the transaction with the item's effects.

    Raises Fenced where another worker has taken the lane meanwhile. `fenced=False` exists for the negative control of
    the fault test alone: it shows that without the token the effects double.
    """
    where = [lane.c.key == held.lane]
    if fenced:
        where += [lane.c.token == held.token, lane.c.done == held.seq - 1]
    values = {"done": held.seq, "token": None, "tries": 0, "due": tx.epoch}
    if tx.conn.execute(update(lane).where(*where).values(**values)).rowcount != 1:
        raise Fenced(held.lane)
    at = (item.c.lane == held.lane, item.c.seq == held.seq)
    tx.conn.execute(update(item).where(*at), {"status": status, "error": error})


def retry(tx: Tx, held: Claim, error: str, chance: float) -> None:
    """Give a failed item back: due after a wait that doubles with each try, times 0.5 to 1.5 by `chance` (0..1).

    Raises Fenced where another worker has taken the lane meanwhile.
    """
    doublings = min(held.tries - 1, 16)  # far past LONGEST_WAIT; a number of tries that ran away stays harmless
    wait = min(FIRST_WAIT * 2**doublings, LONGEST_WAIT) * (0.5 + chance)
    where = (lane.c.key == held.lane, lane.c.token == held.token)
    if tx.conn.execute(update(lane).where(*where).values(token=None, due=tx.epoch + wait)).rowcount != 1:
        raise Fenced(held.lane)
    tx.conn.execute(update(item).where(item.c.lane == held.lane, item.c.seq == held.seq).values(error=error))


def depth(tx: Tx, kind: str) -> int:
    """How many items of a kind are not done yet."""
    open_items = func.coalesce(func.sum(lane.c.last - lane.c.done), 0)
    return int(tx.conn.scalar(select(open_items).where(lane.c.kind == kind, lane.c.done < lane.c.last)) or 0)


def body(tx: Tx, dedup: str) -> bytes:
    """What was received, byte by byte, under a dedup key; empty where it is not there (any more)."""
    sealed = tx.conn.scalar(select(item.c.body_sealed).where(item.c.dedup == dedup))
    return b"" if sealed is None else tx.vault.open_bytes(f"item.body:{dedup}", sealed)


@contextmanager
def unless_repeated() -> Iterator[None]:
    """Around a whole `Store.write()` block: a repeat ends it quietly, with nothing stored a second time."""
    try:
        yield
    except Repeat:
        return


def upsert(conn: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert into `table` that knows ON CONFLICT, in the words of the engine at hand."""
    return sqlite.insert(table) if conn.dialect.name == "sqlite" else postgresql.insert(table)


def _due(tx: Tx, kind: str) -> tuple[ColumnElement[bool], ...]:
    return (lane.c.kind == kind, lane.c.done < lane.c.last, lane.c.due <= tx.epoch)
