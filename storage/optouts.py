"""Who wants no marketing: by address, in force from the moment it is written, kept by keyed hash after everything else goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from storage import audit
from storage.addresses import same
from storage.db import Tx, utc
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
    known = tx.conn.execute(select(optout).where(*where)).first()
    if known and known.lifted_at is None:
        return False
    if known:
        tx.conn.execute(update(optout).where(*where).values(since=tx.now, lifted_at=None))
    else:
        sealed = tx.vault.seal(f"optout.value:{hashes[0]}", value)
        tx.conn.execute(insert(optout).values(kind=kind, lookup=hashes[0], value_sealed=sealed, since=tx.now))
    audit.record(tx, f"optout:{hashes[0][:40]}", "optout.added", actor, kind=kind)
    return True


def check(tx: Tx, kind: str, value: str) -> bool:
    """Whether marketing to this address is stopped."""
    hashes = tx.vault.lookups(kind, same(kind, value))
    query = select(optout.c.since).where(
        optout.c.kind == kind, optout.c.lookup.in_(hashes), optout.c.lifted_at.is_(None)
    )
    return tx.conn.execute(query).first() is not None


def every(tx: Tx) -> Iterator[Optout]:
    """All addresses that get no marketing and whose value is still kept, oldest first."""
    rows = tx.conn.execute(select(optout).where(optout.c.lifted_at.is_(None)).order_by(optout.c.since))
    for row in rows:
        if row.value_sealed is not None:
            yield Optout(row.kind, tx.vault.open(f"optout.value:{row.lookup}", row.value_sealed), utc(row.since))
