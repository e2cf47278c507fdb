"""The audit trail: what was changed, when and by whom, in one hash chain per subject.

One chain for everything would make every writer wait for every other; one chain a subject (`ticket:…`, `address:…`,
`staff:…`) only serialises those who change the same thing. Each row's hash is keyed (HMAC-SHA256), so a person with
database access alone cannot write a row that fits; the head row tells when the newest rows were cut off.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from storage.db import Tx, utc
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


def record(tx: Tx, subject: str, event: str, actor: str, **data: object) -> None:
    """Append `event` to the chain of `subject` (`kind:id`). `actor` is `bot`, `customer`, `system` or `staff:<id>`."""
    head = tx.conn.execute(select(audit_head).where(audit_head.c.subject == subject).with_for_update()).first()
    n, before = (head.n + 1, head.hash) if head else (1, START)
    text = json.dumps(data, sort_keys=True, ensure_ascii=False)
    digest = _digest(tx.vault.key("audit"), before, subject, n, tx.now, actor, event, text)
    row: dict[str, Any] = {
        "subject": subject,
        "n": n,
        "at": tx.now,
        "actor": actor,
        "event": event,
        "data": text,
        "hash": digest,
    }
    tx.conn.execute(insert(audit).values(**row))
    if head:
        tx.conn.execute(update(audit_head).where(audit_head.c.subject == subject).values(n=n, hash=digest))
    else:
        tx.conn.execute(insert(audit_head).values(subject=subject, n=n, hash=digest))


def trail(tx: Tx, subject: str) -> list[Entry]:
    """Every entry of one subject, oldest first."""
    rows = tx.conn.execute(select(audit).where(audit.c.subject == subject).order_by(audit.c.n))
    return [Entry(r.subject, r.n, utc(r.at), r.actor, r.event, json.loads(r.data), r.hash) for r in rows]


def verify(tx: Tx) -> Iterator[Fault]:
    """The first fault of every broken chain: a changed, missing, swapped or cut-off row. Reads all rows once, in order."""
    heads = {row.subject: row for row in tx.conn.execute(select(audit_head))}
    subject, n, before, broken = "", 0, START, False
    ends: dict[str, tuple[int, str]] = {}
    for row in tx.conn.execute(select(audit).order_by(audit.c.subject, audit.c.n)):
        if row.subject != subject:
            subject, n, before, broken = row.subject, 0, START, False
        n += 1
        fault = "" if broken else _fault(tx, row, n, before)
        if fault:
            broken = True
            yield Fault(subject, n, fault)
        before = row.hash
        ends[subject] = (row.n, row.hash)
    for name, head in heads.items():
        if ends.get(name) != (head.n, head.hash):
            yield Fault(name, head.n, "the newest rows are missing or the head was changed")
    for name in ends.keys() - heads.keys():
        yield Fault(name, ends[name][0], "the head is missing")


def _fault(tx: Tx, row: Row[Any], n: int, before: str) -> str:
    if row.n != n:
        return "a row is missing"
    values = (before, row.subject, row.n, utc(row.at), row.actor, row.event, row.data)
    # Every key is tried, so that a chain that began before a key rotation still holds.
    fits = [hmac.compare_digest(_digest(key, *values), row.hash) for key in tx.vault.keys("audit")]
    return "" if any(fits) else "a row was changed or swapped"


def _digest(key: bytes, before: str, subject: str, n: int, at: datetime, actor: str, event: str, data: str) -> str:
    line = json.dumps([before, subject, n, at.isoformat(), actor, event, data], ensure_ascii=False)
    return hmac.new(key, line.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
