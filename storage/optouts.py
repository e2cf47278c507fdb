"""Who wants no marketing: by address, in force once written, kept by keyed hash after everything else goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from storage import audit
from storage.addresses import same
from storage.db import Tx, upsert, utc
from storage.tables import optout


@dataclass(frozen=True, slots=True)
class Optout:
    """One address that gets no marketing since a moment (UTC)."""

    kind: str
    value: str
    since: datetime


_IT = (optout.c.kind == bindparam("of_kind"), optout.c.lookup.in_(bindparam("hashes", expanding=True)))
_KNOWN = select(optout.c.lookup).where(*_IT)
_IN_FORCE = select(optout.c.since).where(*_IT, optout.c.lifted_at.is_(None))
_AGAIN = update(optout).where(*_IT, optout.c.lifted_at.is_not(None)).values(lifted_at=None)
_ADD = upsert(optout, lambda new: new.on_conflict_do_nothing().returning(optout.c.lookup))
_EVERY = (
    select(optout).where(optout.c.lifted_at.is_(None)).order_by(optout.c.since).execution_options(yield_per=500)
)


def add(tx: Tx, kind: str, value: str, actor: str) -> bool:
    """Stop marketing to an address from now; False where it was stopped already."""
    it = _it(tx, kind, value)
    known = tx.conn.scalar(_KNOWN, it)
    lookup = known or it["hashes"][0]
    if known:
        changed = tx.conn.execute(_AGAIN, it | {"since": tx.now}).rowcount > 0
    else:
        row = {"kind": kind, "lookup": lookup, "value_sealed": tx.vault.seal(f"optout.value:{lookup}", value)}
        changed = tx.conn.execute(_ADD[tx.engine], row | {"since": tx.now}).first() is not None
    if changed:
        audit.record(tx, f"optout:{lookup[:40]}", "optout.added", actor, kind=kind)
    return changed


def check(tx: Tx, kind: str, value: str) -> bool:
    """Whether marketing to this address is stopped."""
    return tx.conn.execute(_IN_FORCE, _it(tx, kind, value)).first() is not None


def every(tx: Tx) -> Iterator[Optout]:
    """All addresses that get no marketing and whose value is still kept, oldest first."""
    for row in tx.conn.execute(_EVERY):
        if row.value_sealed is not None:
            yield Optout(row.kind, tx.vault.open(f"optout.value:{row.lookup}", row.value_sealed), utc(row.since))


def _it(tx: Tx, kind: str, value: str) -> dict[str, Any]:
    return {"of_kind": kind, "hashes": tx.vault.lookups(kind, same(kind, value))}
