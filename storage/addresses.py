"""Addresses: where people write from and are written to, each with the person behind it."""

from __future__ import annotations

import string
import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select

from storage.db import Tx, upsert
from storage.tables import address, person

WHATSAPP, WHATSAPP_USER, EMAIL = "whatsapp", "whatsapp_user", "email"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person writes from. `value` is as the provider gave it and is where answers go."""

    id: str
    person_id: str
    kind: str
    value: str


_FIND = select(address).where(
    address.c.kind == bindparam("kind"), address.c.lookup.in_(bindparam("hashes", expanding=True))
)
_GET = select(address).where(address.c.id == bindparam("id"))
_ADD = upsert(
    address,
    lambda new: new.on_conflict_do_nothing(index_elements=["kind", "lookup"]).returning(address.c.id),
)
_ADD_PERSON = insert(person)
_DROP_PERSON = delete(person).where(person.c.id == bindparam("id"))


_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def same(kind: str, value: str) -> str:
    """The form of an address in which two spellings of it are one: a number's digits in any script, lower-case mail."""
    if kind == WHATSAPP:
        return "+" + "".join(str(unicodedata.decimal(c)) for c in value if c.isdecimal())
    # ASCII alone is folded: str.lower() would make one of "mi\N{KELVIN SIGN}e@" and "mike@", which are two people.
    return value.strip().translate(_LOWER) if kind == EMAIL else value.strip()


def find(tx: Tx, kind: str, value: str) -> Address | None:
    """The address, if anybody ever wrote from it or was written to."""
    hashes = tx.vault.lookups(kind, same(kind, value))
    row = tx.conn.execute(_FIND, {"kind": kind, "hashes": hashes}).first()
    return _address(tx, row) if row else None


def meet(tx: Tx, kind: str, value: str) -> Address:
    """The address, made with a new person behind it on first contact, also where two processes meet it at once."""
    known = find(tx, kind, value)
    if known:
        return known
    one = Address(tx.new_id(), tx.new_id(), kind, value)
    tx.conn.execute(_ADD_PERSON, {"id": one.person_id, "created_at": tx.now})
    row: dict[str, Any] = {"id": one.id, "person_id": one.person_id, "kind": kind, "created_at": tx.now}
    row["value_sealed"] = tx.vault.seal(f"address.value:{one.id}", value)
    row["lookup"] = tx.vault.lookup(kind, same(kind, value))
    if tx.conn.execute(_ADD[tx.engine], row).first():
        return one
    tx.conn.execute(_DROP_PERSON, {"id": one.person_id})
    return _must_find(tx, kind, value)


def get(tx: Tx, address_id: str) -> Address:
    """The address with this id. Raises sqlalchemy.exc.NoResultFound."""
    return _address(tx, tx.conn.execute(_GET, {"id": address_id}).one())


def _must_find(tx: Tx, kind: str, value: str) -> Address:
    met = find(tx, kind, value)
    if met is None:
        raise LookupError("an address that is there and cannot be found")
    return met


def _address(tx: Tx, row: Row[Any]) -> Address:
    return Address(row.id, row.person_id, row.kind, tx.vault.open(f"address.value:{row.id}", row.value_sealed))
