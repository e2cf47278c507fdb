"""What the desk asks of the store beyond single tickets: faces for a list, a hold on one ticket, figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import func, insert, select, update

from storage import addresses, audit, directory, tickets
from storage.addresses import Address
from storage.db import Tx, utc
from storage.tables import address, conversation, customer, message, person, quarantine, ticket
from storage.thread import Aside
from storage.tickets import Ticket

MEASURED = 5_000  # closed tickets, newest first, that the median is taken of


@dataclass(frozen=True, slots=True)
class Face:
    """Who is behind a ticket, and how the talk with them stands. Nothing is masked here."""

    name: str = ""
    kind: str = ""
    value: str = ""
    heard_at: datetime | None = None
    with_staff: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """How the desk is doing. `median_hours` is None before anything was closed."""

    by_state: dict[str, int]
    by_right: dict[str, int]
    overdue: int
    median_hours: float | None


def faces(tx: Tx, listed: Sequence[Ticket]) -> dict[str, Face]:
    """The face of each ticket, by the ticket's id, in three queries however many there are."""
    talks = _talks(tx, [one.conversation_id for one in listed if one.conversation_id])
    names = _names(tx, [one.customer_id for one in listed if one.customer_id])
    found = {}
    for one in listed:
        name = names.get(one.customer_id or "") or str(one.detail.get("name", ""))
        found[one.id] = Face(name, *talks.get(one.conversation_id or "", ()))
    return found


def address_of(tx: Tx, conversation_id: str) -> Address:
    """Where the answers of a conversation go. Raises sqlalchemy.exc.NoResultFound."""
    query = select(conversation.c.address_id).where(conversation.c.id == conversation_id)
    return addresses.get(tx, tx.conn.execute(query).scalar_one())


def people(tx: Tx, kind: str, value: str) -> list[str]:
    """The ids of everybody who wrote from exactly this address, or asked as the customer it is on file for."""
    met = addresses.find(tx, kind, value)
    ids = {met.person_id} if met else set()
    customers = [one.customer_id for one in directory.on_file(tx, kind, value)]
    if customers:
        ids |= set(tx.conn.scalars(select(ticket.c.person_id).where(ticket.c.customer_id.in_(customers))))
    return sorted(ids)


def newcomer(tx: Tx) -> str:
    """A new person without an address: somebody who called or sent a letter."""
    one = tx.new_id()
    tx.conn.execute(insert(person).values(id=one, created_at=tx.now))
    return one


def hold(tx: Tx, ticket_id: str) -> Ticket:
    """The ticket as it is now, locked to the end of this transaction: of two who answer at once one waits."""
    return tickets.get(tx, ticket_id, lock=True)


def said(tx: Tx, conversation_id: str | None) -> int:
    """How many messages a conversation holds: a page that saw another number is out of date."""
    query = select(func.count()).select_from(message).where(message.c.conversation_id == conversation_id)
    return tx.conn.scalar(query) or 0


def aside(tx: Tx, aside_id: str) -> Aside | None:
    """One quarantined delivery that nobody has settled yet."""
    where = (quarantine.c.id == aside_id, quarantine.c.settled_at.is_(None))
    row = tx.conn.execute(select(quarantine).where(*where)).first()
    return Aside(row.id, row.channel, row.dedup, row.reason, utc(row.at)) if row else None


def settle_aside(tx: Tx, aside_id: str, by: str) -> bool:
    """Somebody has dealt with a quarantined delivery; False where that was done already."""
    where = (quarantine.c.id == aside_id, quarantine.c.settled_at.is_(None))
    settle = update(quarantine).where(*where).values(settled_at=tx.now).returning(quarantine.c.id)
    done = tx.conn.execute(settle).first() is not None
    if done:
        audit.record(tx, f"aside:{aside_id}", "aside.settled", by)
    return done


def countries(tx: Tx) -> list[str]:
    """The countries of all tickets."""
    return sorted(code for code in tx.conn.scalars(select(ticket.c.country).distinct()) if code)


def figures(tx: Tx, today: date) -> Figures:
    """Counts of all tickets, how many open ones are past their date, and the median time to close in hours."""
    late = (ticket.c.closed_at.is_(None), ticket.c.due_on < today)
    overdue = tx.conn.scalar(select(func.count()).select_from(ticket).where(*late)) or 0
    closed = select(ticket.c.received_at, ticket.c.closed_at).where(ticket.c.closed_at.is_not(None))
    rows = tx.conn.execute(closed.order_by(ticket.c.closed_at.desc()).limit(MEASURED))
    hours = [(utc(row.closed_at) - utc(row.received_at)) / timedelta(hours=1) for row in rows]
    middle = round(median(hours), 2) if hours else None
    return Figures(_counts(tx, "state"), _counts(tx, "right"), overdue, middle)


def _counts(tx: Tx, column: str) -> dict[str, int]:
    one = ticket.c[column]
    return {row[0]: row[1] for row in tx.conn.execute(select(one, func.count()).group_by(one).order_by(one))}


def _talks(tx: Tx, ids: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    query = (
        select(conversation.c.id, conversation.c.heard_at, conversation.c.staff_since, address.c.id.label("address_id"))
        .add_columns(address.c.kind, address.c.value_sealed)
        .join(address, address.c.id == conversation.c.address_id)
    )
    found: dict[str, tuple[Any, ...]] = {}
    for row in tx.conn.execute(query.where(conversation.c.id.in_(set(ids)))):
        value = tx.vault.open(f"address.value:{row.address_id}", row.value_sealed)
        heard = utc(row.heard_at) if row.heard_at else None
        found[row.id] = (row.kind, value, heard, row.staff_since is not None)
    return found


def _names(tx: Tx, ids: Sequence[str]) -> dict[str, str]:
    rows = tx.conn.execute(select(customer.c.id, customer.c.name_sealed).where(customer.c.id.in_(set(ids))))
    return {row.id: tx.vault.open(f"customer.name:{row.id}", row.name_sealed) for row in rows}
