"""Who wants no marketing: by address, in force once written, kept by keyed hash after everything else goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from storage import audit
from storage.addresses import same
from storage.db import Tx, utc
from storage.queue import upsert
from storage.tables import optout


@dataclass(frozen=True, slots=True)
class Optout:
    """One address that gets no marketing since a moment (UTC)."""

    kind: str
    value: str
    since: datetime


def add(tx: Tx, kind: str, value: str, actor: str) -> bool:
    """Stop marketing to an address from now; False where it was stopped already."""
    hashes = tx.vault.lookups(kind, same(kind, value))
    where = (optout.c.kind == kind, optout.c.lookup.in_(hashes))
    known = tx.conn.scalar(select(optout.c.lookup).where(*where))
    lookup = known or hashes[0]
    if known:
        again = update(optout).where(*where, optout.c.lifted_at.is_not(None)).values(since=tx.now, lifted_at=None)
        changed = tx.conn.execute(again).rowcount > 0
    else:
        row = {"kind": kind, "lookup": lookup, "value_sealed": tx.vault.seal(f"optout.value:{lookup}", value)}
        new = upsert(tx.conn, optout).values(**row, since=tx.now).on_conflict_do_nothing()
        changed = tx.conn.execute(new.returning(optout.c.lookup)).first() is not None
    if changed:
        audit.record(tx, f"optout:{lookup[:40]}", "optout.added", actor, kind=kind)
    return changed


def check(tx: Tx, kind: str, value: str) -> bool:
    """Whether marketing to this address is stopped."""
    hashes = tx.vault.lookups(kind, same(kind, value))
    query = select(optout.c.since).where(
        optout.c.kind == kind, optout.c.lookup.in_(hashes), optout.c.lifted_at.is_(None)
    )
    return tx.conn.execute(query).first() is not None


def every(tx: Tx) -> Iterator[Optout]:
    """All addresses that get no marketing and whose value is still kept, oldest first."""
    query = select(optout).where(optout.c.lifted_at.is_(None)).order_by(optout.c.since)
    for row in tx.conn.execute(query.execution_options(yield_per=500)):
        if row.value_sealed is not None:
            yield Optout(row.kind, tx.vault.open(f"optout.value:{row.lookup}", row.value_sealed), utc(row.since))
