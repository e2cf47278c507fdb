"""The company's own directory: customers and the contacts on file for them, as the company imported them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from storage import audit
from storage.addresses import same
from storage.db import Tx, upsert, utc
from storage.tables import contact, customer, person


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact on file for a customer, with the moment since when it is there."""

    id: str
    customer_id: str
    kind: str
    value: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One customer of the company's directory, as imported. `number` is the company's own customer number."""

    number: str
    name: str
    contacts: tuple[tuple[str, str], ...]  # (kind, value)
    language: str = ""
    country: str = ""


_ON_FILE = select(contact).where(
    contact.c.kind == bindparam("kind"), contact.c.lookup.in_(bindparam("hashes", expanding=True))
)
_CONTACTS_OF = select(contact).where(contact.c.customer_id == bindparam("customer_id")).order_by(contact.c.id)
_ANYBODY = select(customer.c.id).limit(1)
_NAME_OF = select(customer.c.name_sealed).where(customer.c.id == bindparam("id"))
_COUNT = select(func.count()).select_from(customer)
_CHANGE = update(customer).where(customer.c.id == bindparam("this"))
_LINK = (
    update(person)
    .where(person.c.id == bindparam("this"), person.c.customer_id.is_distinct_from(bindparam("customer")))
    .values(customer_id=bindparam("customer"))
)
# Locked, so that two imports of one customer go one after the other down to the contacts.
_KNOWN = select(customer).where(customer.c.lookup.in_(bindparam("hashes", expanding=True))).with_for_update()
_ADD = upsert(customer, lambda new: new.on_conflict_do_nothing(index_elements=["lookup"]).returning(customer.c.id))
_ADD_CONTACT = insert(contact)
_DROP_CONTACTS = delete(contact).where(contact.c.id.in_(bindparam("gone", expanding=True)))


def on_file(tx: Tx, kind: str, value: str) -> list[Contact]:
    """The contacts that equal this address: one customer's, or several customers' (a shared mailbox)."""
    hashes = tx.vault.lookups(kind, same(kind, value))
    rows = tx.conn.execute(_ON_FILE, {"kind": kind, "hashes": hashes})
    return [_contact(tx, row) for row in rows]


def contacts_of(tx: Tx, customer_id: str) -> list[Contact]:
    """Every contact on file for one customer."""
    rows = tx.conn.execute(_CONTACTS_OF, {"customer_id": customer_id})
    return [_contact(tx, row) for row in rows]


def is_loaded(tx: Tx) -> bool:
    """Whether the company has loaded any customers at all."""
    return tx.conn.scalar(_ANYBODY) is not None


def name_of(tx: Tx, customer_id: str) -> str:
    """The customer's name on file; empty where there is no such customer."""
    sealed = tx.conn.scalar(_NAME_OF, {"id": customer_id})
    return "" if sealed is None else tx.vault.open(f"customer.name:{customer_id}", sealed)


def count(tx: Tx) -> int:
    """How many customers the directory holds."""
    return tx.conn.scalar(_COUNT) or 0


def pause(tx: Tx, customer_ids: Sequence[str]) -> None:
    """Mark customers' data as paused (restriction): kept, not used."""
    for one in customer_ids:
        tx.conn.execute(_CHANGE, {"this": one, "paused_at": tx.now})
        audit.record(tx, f"customer:{one}", "customer.paused", "bot")


def link(tx: Tx, person_id: str, customer_id: str) -> None:
    """Say that this person is that customer: after proof only."""
    if tx.conn.execute(_LINK, {"this": person_id, "customer": customer_id}).rowcount:
        audit.record(tx, f"person:{person_id}", "person.linked", "bot", customer=customer_id)


def load(tx: Tx, entry: Entry, source: str) -> str:
    """Add or renew a directory entry and return the customer's id; the same entry twice changes nothing.

    A contact keeps the moment since when it is on file; a contact that is no longer in the entry is removed.
    """
    one = _customer(tx, entry)
    _renew_contacts(tx, one, entry.contacts, source)
    return one


def _customer(tx: Tx, entry: Entry) -> str:
    hashes = tx.vault.lookups("customer", entry.number)
    known = tx.conn.execute(_KNOWN, {"hashes": hashes}).first()
    if known is None:
        made = tx.new_id()
        row: dict[str, Any] = {"id": made, "lookup": hashes[0], "created_at": tx.now, **_facts(tx, made, entry)}
        row["number_sealed"] = tx.vault.seal(f"customer.number:{made}", entry.number)
        if tx.conn.execute(_ADD[tx.engine], row).first():
            return made
        known = tx.conn.execute(_KNOWN, {"hashes": hashes}).one()  # another import made it at this moment
    held = (tx.vault.open(f"customer.name:{known.id}", known.name_sealed), known.language, known.country)
    if held != (entry.name, entry.language, entry.country):
        tx.conn.execute(_CHANGE, {"this": known.id, **_facts(tx, known.id, entry)})
    return str(known.id)


def _facts(tx: Tx, customer_id: str, entry: Entry) -> dict[str, Any]:
    sealed = tx.vault.seal(f"customer.name:{customer_id}", entry.name)
    return {"name_sealed": sealed, "language": entry.language, "country": entry.country}


def _renew_contacts(tx: Tx, customer_id: str, contacts: Sequence[tuple[str, str]], source: str) -> None:
    had = {(c.kind, same(c.kind, c.value)): c.id for c in contacts_of(tx, customer_id)}
    wanted = {(kind, same(kind, value)): value for kind, value in contacts}
    gone = [had[key] for key in had.keys() - wanted.keys()]
    if gone:
        # What a code was once sent to stays readable in the challenge itself; the directory is the company's truth.
        tx.conn.execute(_DROP_CONTACTS, {"gone": gone})
    for (kind, plain), value in wanted.items():
        if (kind, plain) not in had:
            one = tx.new_id()
            row: dict[str, Any] = {"id": one, "customer_id": customer_id, "kind": kind, "since": tx.now}
            row |= {"lookup": tx.vault.lookup(kind, plain), "source": source}
            row["value_sealed"] = tx.vault.seal(f"contact.value:{one}", value)
            tx.conn.execute(_ADD_CONTACT, row)


def _contact(tx: Tx, row: Row[Any]) -> Contact:
    value = tx.vault.open(f"contact.value:{row.id}", row.value_sealed)
    return Contact(row.id, row.customer_id, row.kind, value, utc(row.since))
