"""Key rotation: everything sealed or looked up under an older key is made anew under the current one.

SECRET_KEY names the new key first, then the old ones; this runs while the desk works, row by row in short batches, and
can be broken off and begun again. The old key is needed further on for two things that cannot be made anew: the audit
trail, whose rows were hashed under it and must never be rewritten, and opt-outs whose address itself is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Row, Table, and_, select, tuple_, update

from storage.addresses import same
from storage.db import Store, Tx
from storage.tables import metadata
from storage.vault import Vault
from wiring.keeping import opened as opened_store
from wiring.plainly import BadInput
from wiring.settings import Settings

BATCH = 200
SEALED = "_sealed"
HEAD = 5  # bytes of a sealed value that name its key
PLACED_BY = {"item": "dedup", "optout": "lookup"}  # what a row's sealed values are bound to where it is not the id

Plain = Mapping[str, str]
Lookup = Callable[[Vault, Row[Any], Plain], str]

# How a row's keyed hash is made from what it holds, by table; the tables that are not named have none that lasts.
LOOKUPS: Mapping[str, Lookup] = {
    "address": lambda vault, row, plain: vault.lookup(row.kind, same(row.kind, plain["value_sealed"])),
    "contact": lambda vault, row, plain: vault.lookup(row.kind, same(row.kind, plain["value_sealed"])),
    "optout": lambda vault, row, plain: vault.lookup(row.kind, same(row.kind, plain["value_sealed"])),
    "customer": lambda vault, _, plain: vault.lookup("customer", plain["number_sealed"]),
    "staff": lambda vault, _, plain: vault.lookup("staff", plain["email_sealed"]),
}


@dataclass(slots=True)
class Tally:
    """How many rows were looked at, and how many of them were made anew."""

    seen: int = 0
    renewed: int = 0


def rotate(settings: Settings) -> int:
    """Make everything anew under the first key of SECRET_KEY. Raises BadInput where only one key is given."""
    if len(settings.secret_keys()) < 2:
        raise BadInput("PRIVACYDESK_SECRET_KEY names one key: put the new one first, then a comma and the old one")
    with opened_store(settings) as store:
        for table in sealed_tables():
            tally = renew(store, table)
            print(f"{table.name:<14} {tally.renewed} of {tally.seen} rows made anew")
    print("Keep the old key in SECRET_KEY, last: it proves the older rows of the audit trail.")
    return 0


def sealed_tables() -> list[Table]:
    """The tables with sealed columns."""
    return [table for table in metadata.sorted_tables if any(c.name.endswith(SEALED) for c in table.columns)]


def renew(store: Store, table: Table) -> Tally:
    """Make every row of a table anew that is not under the current key, a batch a transaction."""
    tally, after = Tally(), None
    key = list(table.primary_key.columns)
    while True:
        with store.write() as tx:
            rows = _next(tx, table, key, after)
            for row in rows:
                tally.seen += 1
                tally.renewed += _renew_row(tx, table, key, row)
        if not rows:
            return tally
        after = tuple(getattr(rows[-1], column.name) for column in key)


def _next(tx: Tx, table: Table, key: list[Column[Any]], after: tuple[Any, ...] | None) -> list[Row[Any]]:
    query = select(table).order_by(*key).limit(BATCH).with_for_update()
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return list(tx.conn.execute(query))


def _renew_row(tx: Tx, table: Table, key: list[Column[Any]], row: Row[Any]) -> bool:
    changed = dict(_changes(tx.vault, table, row))
    if not changed:
        return False
    this = and_(*(column == getattr(row, column.name) for column in key))
    tx.conn.execute(update(table).where(this).values(**changed))
    return True


def _changes(vault: Vault, table: Table, row: Row[Any]) -> Iterator[tuple[str, object]]:
    """The columns of a row that are not under the current key, with their new values."""
    by = PLACED_BY.get(table.name, "id")
    before = after = getattr(row, by)
    sealed = {c.name: getattr(row, c.name) for c in table.columns if c.name.endswith(SEALED)}
    opened = {name: vault.open_bytes(_place(table, name, before), data) for name, data in sealed.items() if data}
    if table.name in LOOKUPS and opened:
        plain = {name: data.decode("utf-8", "replace") for name, data in opened.items()}
        lookup = LOOKUPS[table.name](vault, row, plain)
        if lookup != row.lookup:
            yield "lookup", lookup
            after = lookup if by == "lookup" else before
    head = vault.seal_bytes("", b"")[:HEAD]
    for name, data in opened.items():
        if after != before or sealed[name][:HEAD] != head:
            yield name, vault.seal_bytes(_place(table, name, after), data)


def _place(table: Table, column: str, here: str) -> str:
    return f"{table.name}.{column.removesuffix(SEALED)}:{here}"
