"""The audit trail: what was changed, when and by whom, in one hash chain per subject.

One chain for everything would make every writer wait for every other; one chain a subject (`ticket:…`, `address:…`,
`staff:…`) only serialises those who change the same thing. Each row's hash is keyed (HMAC-SHA256), so a person with
database access alone cannot write a row that fits. The head row tells when the newest rows were cut off; it carries a
seal of its own, so that it cannot be wound back to match.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from storage.db import Tx, upsert, utc
from storage.tables import audit, audit_head

START = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the trail. `data` holds ids, names of states and numbers, never personal text."""

    subject: str
    n: int
    at: datetime
    actor: str
    event: str
    data: dict[str, object]
    hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place where a subject's chain does not hold."""

    subject: str
    n: int
    what: str


# The head stays locked to the transaction's end.
_STEP = upsert(
    audit_head,
    lambda new: (
        new.values(n=1, hash=START, seal="")
        .on_conflict_do_update(index_elements=["subject"], set_={"n": audit_head.c.n + 1})
        .returning(audit_head.c.n, audit_head.c.hash)
    ),
)
_APPEND = insert(audit)
_SET_HEAD = update(audit_head).where(audit_head.c.subject == bindparam("chain"))
_TRAIL = select(audit).where(audit.c.subject == bindparam("subject")).order_by(audit.c.n)
_END = audit_head.alias("end")
_EVERY = (
    select(audit, _END.c.n.label("end_n"), _END.c.hash.label("end_hash"), _END.c.seal)
    .join(_END, _END.c.subject == audit.c.subject, isouter=True)
    .order_by(audit.c.subject, audit.c.n)
    .execution_options(yield_per=500)
)
_BARE = (
    select(audit_head).where(audit_head.c.subject.not_in(select(audit.c.subject))).order_by(audit_head.c.subject)
)


def record(tx: Tx, subject: str, event: str, actor: str, **data: object) -> None:
    """Append `event` to the chain of `subject` (`kind:id`). `actor` is `bot`, `customer`, `system` or `staff:<id>`."""
    n, before = tx.conn.execute(_STEP[tx.engine], {"subject": subject}).one()
    text = json.dumps(data, sort_keys=True)
    key = tx.vault.key("audit")
    digest = _digest(key, before, subject, n, tx.now, actor, event, text)
    row: dict[str, Any] = {"subject": subject, "n": n, "at": tx.now, "actor": actor, "event": event, "data": text}
    tx.conn.execute(_APPEND, row | {"hash": digest})
    tx.conn.execute(_SET_HEAD, {"chain": subject, "hash": digest, "seal": _seal(key, subject, n, digest)})


def trail(tx: Tx, subject: str) -> list[Entry]:
    """Every entry of one subject, oldest first."""
    rows = tx.conn.execute(_TRAIL, {"subject": subject})
    return [Entry(r.subject, r.n, utc(r.at), r.actor, r.event, json.loads(r.data), r.hash) for r in rows]


def verify(tx: Tx) -> Iterator[Fault]:
    """The first fault of every broken chain: a changed, missing, swapped or cut-off row.

    Reads every row once, in order; inside `Store.read()` that is one snapshot, whatever is written meanwhile.
    """
    for subject, chain in groupby(tx.conn.execute(_EVERY), lambda row: str(row.subject)):
        fault = _first_fault(tx, subject, chain)
        if fault:
            yield fault
    for head in tx.conn.execute(_BARE):
        yield Fault(head.subject, head.n, "every row is missing")


def _first_fault(tx: Tx, subject: str, chain: Iterator[Row[Any]]) -> Fault | None:
    before, last = START, None
    for n, row in enumerate(chain, 1):
        wrong = _wrong(tx, row, n, before)
        if wrong:
            return Fault(subject, n, wrong)
        before, last = row.hash, row
    if last is None or last.end_n is None:
        return Fault(subject, last.n if last else 0, "the head is missing")
    held = (last.end_n, last.end_hash) == (last.n, last.hash)
    seals = [_seal(key, subject, last.n, last.hash) for key in tx.vault.keys("audit")]
    if held and any(hmac.compare_digest(seal, last.seal) for seal in seals):
        return None
    return Fault(subject, last.end_n, "the newest rows are missing or the head was changed")


def _wrong(tx: Tx, row: Row[Any], n: int, before: str) -> str:
    if row.n != n:
        return "a row is missing"
    values = (before, row.subject, row.n, utc(row.at), row.actor, row.event, row.data)
    # Every key is tried, so that a chain that began before a key rotation still holds.
    fits = [hmac.compare_digest(_digest(key, *values), row.hash) for key in tx.vault.keys("audit")]
    return "" if any(fits) else "a row was changed or swapped"


def _digest(key: bytes, before: str, subject: str, n: int, at: datetime, actor: str, event: str, data: str) -> str:
    line = json.dumps([before, subject, n, at.isoformat(), actor, event, data], ensure_ascii=False)
    return hmac.new(key, line.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _seal(key: bytes, subject: str, n: int, digest: str) -> str:
    return hmac.new(key, f"head {n} {digest} {subject}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
