"""The queue: two tables of the request store, because a claimed row is all the broker we need.

A *lane* is everything that must happen in order (one correspondent's messages in, one address's messages out, one job).
An *item* is one thing to do; its `dedup` key is refused the second time. Lanes run side by side, a lane runs in order.

    accept -> claim (fencing token, lease) -> work outside any transaction -> finish, in the transaction of the effects

A worker that dies leaves its lane to fall due when the lease ends; a worker that was only slow finds its token gone and
its whole transaction rolled back. So effects happen once, in order. Measured against brokers: docs/decisions/0002.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, func, select, update

from storage.db import EPOCH, Tx, upsert
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


# What a turn or a delivery runs is built once, here and in its other modules: building costs four times the running.
_DUE = (lane.c.kind == bindparam("of_kind"), lane.c.done < lane.c.last, lane.c.due <= EPOCH)
_MINE = (lane.c.key == bindparam("mine"), lane.c.token == bindparam("held"))
_ITEM = (item.c.lane == bindparam("mine"), item.c.seq == bindparam("number"))

_BUMP = upsert(
    lane,
    # The row lock taken here makes an item's number follow the order of commits inside its lane.
    lambda new: (
        new.values(last=1, done=0, due=EPOCH, tries=0)
        .on_conflict_do_update(index_elements=["key"], set_={"last": lane.c.last + 1})
        .returning(lane.c.last)
    ),
)
# RETURNING tells whether a row went in: psycopg has no row count left once SQLAlchemy has closed its cursor.
_PUT = upsert(item, lambda new: new.on_conflict_do_nothing(index_elements=["dedup"]).returning(item.c.seq))
_WAITING = select(lane.c.key).where(*_DUE).limit(1)
_LONGEST_DUE = select(lane.c.key).where(*_DUE).order_by(lane.c.due).limit(1).with_for_update(skip_locked=True)
_TAKE = (
    update(lane)
    .where(lane.c.key == _LONGEST_DUE.scalar_subquery())
    .values(token=bindparam("held"), due=EPOCH + bindparam("lease"), tries=lane.c.tries + 1)
    .returning(lane.c.key, lane.c.done, lane.c.tries)
)
_NEXT = select(item.c.seq, item.c.dedup, item.c.body_sealed).where(*_ITEM)
_RENEW = update(lane).where(*_MINE).values(due=EPOCH + bindparam("lease"))
_ADVANCE = update(lane).values(done=bindparam("number"), token=None, tries=0, due=EPOCH)
_ADVANCE_FENCED = _ADVANCE.where(*_MINE, lane.c.done == bindparam("number") - 1)
_ADVANCE_UNFENCED = _ADVANCE.where(lane.c.key == bindparam("mine"))
_RELEASE = update(lane).where(*_MINE).values(token=None, due=EPOCH + bindparam("wait"))
_NOTE = update(item).where(*_ITEM)
_DEPTH = select(func.coalesce(func.sum(lane.c.last - lane.c.done), 0)).where(
    lane.c.kind == bindparam("kind"), lane.c.done < lane.c.last
)
_BODY = select(item.c.body_sealed).where(item.c.dedup == bindparam("dedup"))


Follow = Callable[[Tx], Claim | None]


def no_other(_tx: Tx) -> None:
    """No claim follows the one that is finished."""


def accept(tx: Tx, key: str, dedup: str, body: bytes = b"") -> int:
    """Add an item to the end of lane `key` (`in:…`, `out:…`, `code:…`, `job:…`) and return its number.

    Raises Repeat: the caller's transaction, or the savepoint around this call, must roll back.
    """
    seq = int(tx.conn.execute(_BUMP[tx.engine], {"key": key, "kind": key.partition(":")[0]}).scalar_one())
    row: dict[str, Any] = {"lane": key, "seq": seq, "dedup": dedup, "status": "new", "error": "", "at": tx.now}
    row["body_sealed"] = tx.vault.seal_bytes(f"item.body:{dedup}", body)
    if tx.conn.execute(_PUT[tx.engine], row).first() is None:
        raise Repeat
    return seq


def waiting(tx: Tx, kind: str) -> bool:
    """Whether a lane of this kind (`in`, `out`, `code` or `job`) is due: a look that takes no lock."""
    return tx.conn.scalar(_WAITING, {"of_kind": kind}) is not None


def claim(tx: Tx, kind: str, lease: float = LEASE) -> Claim | None:
    """Take the next item of the lane that is due longest; None where nothing is due.

    Tries count here: a crash counts too. An item that does not open (its key is not in the vault) is put off, so that
    other lanes go on, and after the last try given out with an empty body, so that its own lane goes on.
    """
    token = secrets.token_hex(16)
    found = tx.conn.execute(_TAKE, {"of_kind": kind, "held": token, "lease": lease}).first()
    if found is None:
        return None
    row = tx.conn.execute(_NEXT, {"mine": found.key, "number": found.done + 1}).one()
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
    return tx.conn.execute(_RENEW, {"mine": held.lane, "held": held.token, "lease": lease}).rowcount == 1


def finish(tx: Tx, held: Claim, *, status: str = "done", error: str = "", fenced: bool = True) -> None:
    """Advance the lane past the claimed item, as the last step of the transaction with the item's effects.

    Raises Fenced where another worker has taken the lane meanwhile. `fenced=False` exists for the negative control of
    the fault test alone: it shows that without the token the effects double.
    """
    at: dict[str, Any] = {"mine": held.lane, "number": held.seq}
    advance, token = (_ADVANCE_FENCED, {"held": held.token}) if fenced else (_ADVANCE_UNFENCED, {})
    if tx.conn.execute(advance, at | token).rowcount != 1:
        raise Fenced(held.lane)
    tx.conn.execute(_NOTE, at | {"status": status, "error": error})


def retry(tx: Tx, held: Claim, error: str, chance: float) -> None:
    """Give a failed item back: due after a wait that doubles with each try, times 0.5 to 1.5 by `chance` (0..1).

    Raises Fenced where another worker has taken the lane meanwhile.
    """
    doublings = min(held.tries - 1, 16)  # far past LONGEST_WAIT; a number of tries that ran away stays harmless
    wait = min(FIRST_WAIT * 2**doublings, LONGEST_WAIT) * (0.5 + chance)
    if tx.conn.execute(_RELEASE, {"mine": held.lane, "held": held.token, "wait": wait}).rowcount != 1:
        raise Fenced(held.lane)
    tx.conn.execute(_NOTE, {"mine": held.lane, "number": held.seq, "error": error})


def depth(tx: Tx, kind: str) -> int:
    """How many items of a kind are not done yet."""
    return int(tx.conn.scalar(_DEPTH, {"kind": kind}) or 0)


def body(tx: Tx, dedup: str) -> bytes:
    """What was received, byte by byte, under a dedup key; empty where it is not there (any more)."""
    sealed = tx.conn.scalar(_BODY, {"dedup": dedup})
    return b"" if sealed is None else tx.vault.open_bytes(f"item.body:{dedup}", sealed)
