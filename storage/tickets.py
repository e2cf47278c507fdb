"""Tickets: one right asked once, its life as one table of moves, and what it promises fixed on it when promised."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, insert, select, tuple_, update

from storage import audit, references
from storage.db import Tx, utc
from storage.tables import clock, ticket

OPEN_STATES = ("verifying", "open", "in_progress", "waiting")
CLOSED_STATES = ("fulfilled", "partly_fulfilled", "refused", "withdrawn", "unconfirmed")
STATES = OPEN_STATES + CLOSED_STATES

_WORKED = frozenset({"waiting", "in_progress", *CLOSED_STATES}) - {"unconfirmed"}
MOVES: Mapping[str, frozenset[str]] = {
    "verifying": frozenset({"open", "in_progress", "fulfilled", "refused", "withdrawn", "unconfirmed"}),
    "open": _WORKED | {"verifying"},  # back, where somebody denies the code that opened it
    "in_progress": _WORKED | {"open"},
    "waiting": _WORKED,
    "fulfilled": frozenset({"in_progress"}),
    "partly_fulfilled": frozenset({"in_progress"}),
    "refused": frozenset({"in_progress"}),
    "withdrawn": frozenset({"in_progress"}),
    "unconfirmed": frozenset({"verifying", "in_progress"}),
}


DEFAULTS: Mapping[str, Any] = {
    "portable": False, "escalated": False, "reason": "", "country": "", "customer_id": None, "level": 0,
    "conversation_id": None, "message_id": None, "assignee": None,
}  # fmt: skip


class WrongMove(Exception):
    """A ticket cannot go from the state it is in to the one that was asked."""

    def __init__(self, reference: str, state: str, to: str) -> None:
        super().__init__(f"{reference} is {state} and cannot become {to}")
        self.state, self.to = state, to


@dataclass(frozen=True, slots=True)
class Promise:
    """What law and house say of a ticket's dates, fixed when it is filed: a later edit of the law moves none."""

    regime: str
    due_on: date
    target_on: date
    statutory: bool
    law: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """One right asked once. `detail` holds what the person wrote of it (a field and its new value, a use, a scope)."""

    id: str
    reference: str
    right: str
    portable: bool
    state: str
    escalated: bool
    reason: str
    level: int
    needs: int
    regime: str
    statutory: bool
    law: str
    country: str
    received_at: datetime
    due_on: date
    target_on: date
    closed_at: datetime | None
    channel: str
    language: str
    assignee: str | None
    person_id: str
    customer_id: str | None
    conversation_id: str | None
    message_id: str | None
    detail: dict[str, Any]

    @property
    def subject(self) -> str:
        """Its name in the audit trail."""
        return f"ticket:{self.id}"


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a ticket's clock: received, rescheduled, stopped, resumed, extended, answered; the law beside it."""

    move: str
    at: datetime
    due_on: date | None
    law: str
    by: str


_ADD = insert(ticket).returning(ticket)
_TAKEN = select(ticket.c.id).where(ticket.c.reference == bindparam("reference"))
_GET = select(ticket).where(ticket.c.id == bindparam("id"))
_LOCK = _GET.with_for_update()
_BY_REFERENCE = select(ticket).where(ticket.c.reference == bindparam("reference"))
_OF_CONVERSATION = (
    select(ticket).where(ticket.c.conversation_id == bindparam("conversation_id")).order_by(ticket.c.id)
)
_CHANGE = update(ticket).where(ticket.c.id == bindparam("this")).returning(ticket)
_MOVE = _CHANGE.where(ticket.c.state == bindparam("before"))  # two at once: the second one is told
_ADD_TICK = insert(clock)
_MOVES = select(clock).where(clock.c.ticket_id == bindparam("ticket_id")).order_by(clock.c.at, clock.c.id)


def file(tx: Tx, *, promise: Promise, detail: Mapping[str, Any], by: str = "bot", **row: Any) -> Ticket:
    """A new ticket with its reference; its clock starts at `received_at`."""
    one = tx.new_id()
    row = {**DEFAULTS, **row}
    row |= {"id": one, "reference": _free_reference(tx), "regime": promise.regime, "statutory": promise.statutory}
    row |= {"law": promise.law[:200], "due_on": promise.due_on, "target_on": promise.target_on}
    row |= {"closed_at": tx.now if row["state"] in CLOSED_STATES else None, "detail_sealed": _seal(tx, one, detail)}
    filed = _read(tx, tx.conn.execute(_ADD, row).one())
    _tick(tx, one, "received", by, at=filed.received_at, due_on=filed.due_on, law=filed.law)
    if filed.closed_at:
        _tick(tx, one, "answered", by)
    audit.record(tx, filed.subject, "ticket.filed", by, right=filed.right, state=filed.state, due_on=str(filed.due_on))
    return filed


def get(tx: Tx, ticket_id: str, *, lock: bool = False) -> Ticket:
    """The ticket with this id, locked to the transaction's end if wished. Raises sqlalchemy.exc.NoResultFound."""
    return _read(tx, tx.conn.execute(_LOCK if lock else _GET, {"id": ticket_id}).one())


def by_reference(tx: Tx, text: str) -> Ticket | None:
    """The ticket a person means by a reference, however it is typed; None if there is none."""
    reference = references.read(text)
    row = tx.conn.execute(_BY_REFERENCE, {"reference": reference}).first() if reference else None
    return _read(tx, row) if row else None


def of_conversation(tx: Tx, conversation_id: str, states: Sequence[str] = STATES) -> list[Ticket]:
    """The tickets asked for in a conversation, oldest first."""
    rows = tx.conn.execute(_OF_CONVERSATION, {"conversation_id": conversation_id})
    return [_read(tx, row) for row in rows if row.state in states]


def move(tx: Tx, one: Ticket, to: str, by: str, *, reason: str = "", escalated: bool | None = None) -> Ticket:
    """Bring a ticket into another state. Raises WrongMove where the table of moves has no such step."""
    if to not in MOVES[one.state]:
        raise WrongMove(one.reference, one.state, to)
    values: dict[str, Any] = {"state": to, "closed_at": tx.now if to in CLOSED_STATES else None, "reason": reason}
    if escalated is not None:
        values["escalated"] = escalated
    moved = tx.conn.execute(_MOVE, {"this": one.id, "before": one.state, **values}).first()
    if moved is None:
        raise WrongMove(one.reference, "changed meanwhile", to)
    if to in CLOSED_STATES:
        _tick(tx, one.id, "answered", by)
    elif one.state in CLOSED_STATES:
        _tick(tx, one.id, "reopened", by, due_on=one.due_on)
    audit.record(tx, one.subject, f"ticket.{to}", by, before=one.state, reason=reason)
    return _read(tx, moved)


def amend(
    tx: Tx, one: Ticket, event: str, by: str, *, detail: Mapping[str, Any] | None = None, **values: Any
) -> Ticket:
    """Change what is known of a ticket (level, assignee, country …) without moving it; audited as `event`.

    `detail` is added to the detail kept so far, also to what was added since `one` was read.
    """
    shown: dict[str, Any] = {key: str(value) for key, value in values.items()}
    if detail is not None:
        shown |= {"detail": sorted(detail)} if detail else {}
        values["detail_sealed"] = _seal(tx, one.id, {**get(tx, one.id, lock=True).detail, **detail})
    changed = _read(tx, tx.conn.execute(_CHANGE, {"this": one.id, **values}).one()) if values else get(tx, one.id)
    audit.record(tx, one.subject, event, by, **shown)
    return changed


def promise_anew(tx: Tx, one: Ticket, promise: Promise, move: str, by: str, **values: Any) -> Ticket:
    """Put other dates on a ticket (a country stated, an extension); a line of its clock tells when and by which law."""
    changed: dict[str, Any] = {"regime": promise.regime, "due_on": promise.due_on, "target_on": promise.target_on}
    changed |= {"statutory": promise.statutory, "law": promise.law[:200]}
    _tick(tx, one.id, move, by, due_on=promise.due_on, law=promise.law)
    return amend(tx, one, f"clock.{move}", by, **changed, **values)


def moves(tx: Tx, ticket_id: str) -> list[Move]:
    """The clock of a ticket, in order."""
    rows = tx.conn.execute(_MOVES, {"ticket_id": ticket_id})
    return [Move(r.move, utc(r.at), r.due_on, r.law, r.by) for r in rows]


@dataclass(frozen=True, slots=True)
class Filter:
    """What to list. `people` narrows to those ids, found by their address elsewhere."""

    states: Sequence[str] = ()
    right: str = ""
    channel: str = ""
    country: str = ""
    escalated: bool | None = None
    due_before: date | None = None
    assignee: str | None = None  # "" means nobody's
    reference: str = ""
    people: Sequence[str] | None = None


def listing(tx: Tx, wanted: Filter, *, after: str = "", limit: int = 50) -> tuple[list[Ticket], str]:
    """Tickets by due date, and the cursor of the next page ("" at the end). Raises ValueError for a broken cursor."""
    query = select(ticket).where(*_where(wanted)).order_by(ticket.c.due_on, ticket.c.id).limit(limit + 1)
    if after:
        query = query.where(tuple_(ticket.c.due_on, ticket.c.id) > tuple_(*_cursor(after)))
    found = [_read(tx, row) for row in tx.conn.execute(query)]
    page = found[:limit]
    return page, f"{page[-1].due_on}_{page[-1].id}" if len(found) > limit else ""


def count(tx: Tx, wanted: Filter) -> int:
    """How many tickets a filter finds."""
    return tx.conn.scalar(select(func.count()).select_from(ticket).where(*_where(wanted))) or 0


def _cursor(text: str) -> tuple[date, str]:
    day, _, last = text.partition("_")
    if not re.fullmatch("[0-9a-f]{24}", last):
        raise ValueError("no cursor of ours")
    return date.fromisoformat(day), last


def _where(wanted: Filter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    exact = {"right": wanted.right, "channel": wanted.channel, "country": wanted.country, "reference": wanted.reference}
    where += [ticket.c[name] == value for name, value in exact.items() if value]
    if wanted.states:
        where.append(ticket.c.state.in_(wanted.states))
        if set(wanted.states) <= set(OPEN_STATES):
            where.append(ticket.c.closed_at.is_(None))  # says the same, and there is an index of just these
    if wanted.escalated is not None:
        where.append(ticket.c.escalated == wanted.escalated)
    if wanted.due_before is not None:
        where.append(ticket.c.due_on < wanted.due_before)
    if wanted.assignee is not None:
        where.append(ticket.c.assignee == wanted.assignee if wanted.assignee else ticket.c.assignee.is_(None))
    if wanted.people is not None:
        where.append(ticket.c.person_id.in_(wanted.people))
    return where


def _tick(
    tx: Tx, ticket_id: str, name: str, by: str, *, at: datetime | None = None, due_on: date | None = None, law: str = ""
) -> None:
    row = {"id": tx.new_id(), "ticket_id": ticket_id, "move": name, "at": at or tx.now, "due_on": due_on}
    tx.conn.execute(_ADD_TICK, row | {"law": law[:200], "by": by})


def _free_reference(tx: Tx) -> str:
    while True:
        drawn = references.draw(tx.entropy)
        if tx.conn.scalar(_TAKEN, {"reference": drawn}) is None:
            return drawn


def _seal(tx: Tx, ticket_id: str, detail: Mapping[str, Any]) -> bytes:
    return tx.vault.seal(f"ticket.detail:{ticket_id}", json.dumps(dict(detail), ensure_ascii=False))


def _read(tx: Tx, row: Row[Any]) -> Ticket:
    values = dict(row._mapping)
    values["detail"] = json.loads(tx.vault.open(f"ticket.detail:{row.id}", values.pop("detail_sealed")))
    return Ticket(**values)
