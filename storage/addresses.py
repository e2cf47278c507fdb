"""Addresses: where people write from and are written to, each with the person behind it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select

from storage.db import Tx
from storage.queue import upsert
from storage.tables import address, person

WHATSAPP, WHATSAPP_USER, EMAIL = "whatsapp", "whatsapp_user", "email"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person writes from. `value` is as the provider gave it and is where answers go."""

    id: str
    person_id: str
    kind: str
    value: str


def same(kind: str, value: str) -> str:
    """The form of an address in which two spellings of it are one: a number's digits in any script, lower-case mail."""
    if kind == WHATSAPP:
        return "+" + "".join(str(unicodedata.decimal(c)) for c in value if c.isdecimal())
    return value.strip().lower() if kind == EMAIL else value.strip()


def find(tx: Tx, kind: str, value: str) -> Address | None:
    """The address, if anybody ever wrote from it or was written to."""
    hashes = tx.vault.lookups(kind, same(kind, value))
    row = tx.conn.execute(select(address).where(address.c.kind == kind, address.c.lookup.in_(hashes))).first()
    return _address(tx, row) if row else None


def meet(tx: Tx, kind: str, value: str) -> Address:
    """The address, made with a new person behind it on first contact, also where two processes meet it at once."""
    known = find(tx, kind, value)
    if known:
        return known
    one = Address(tx.new_id(), tx.new_id(), kind, value)
    tx.conn.execute(insert(person).values(id=one.person_id, created_at=tx.now))
    row: dict[str, Any] = {"id": one.id, "person_id": one.person_id, "kind": kind, "created_at": tx.now}
    row["value_sealed"] = tx.vault.seal(f"address.value:{one.id}", value)
    row["lookup"] = tx.vault.lookup(kind, same(kind, value))
    made = upsert(tx.conn, address).values(**row).on_conflict_do_nothing(index_elements=["kind", "lookup"])
    if tx.conn.execute(made.returning(address.c.id)).first():
        return one
    tx.conn.execute(delete(person).where(person.c.id == one.person_id))
    return _must_find(tx, kind, value)


def get(tx: Tx, address_id: str) -> Address:
    """The address with this id. Raises sqlalchemy.exc.NoResultFound."""
    return _address(tx, tx.conn.execute(select(address).where(address.c.id == address_id)).one())


def _must_find(tx: Tx, kind: str, value: str) -> Address:
    met = find(tx, kind, value)
    if met is None:
        raise LookupError("an address that is there and cannot be found")
    return met


def _address(tx: Tx, row: Row[Any]) -> Address:
    return Address(row.id, row.person_id, row.kind, tx.vault.open(f"address.value:{row.id}", row.value_sealed))
