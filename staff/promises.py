"""Promises: the dates a ticket gets when it is filed by hand, and the extension its law offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from law import BadDate, Deadline, Regimes, Right, UnknownCountry, deadline
from staff.base import Desk, Refused
from storage import tickets
from storage.db import Tx
from storage.tickets import Promise, Ticket


@dataclass(frozen=True, slots=True)
class Longer:
    """The extension a law offers for a ticket. `due_on` is None where staff have to name the date."""

    due_on: date | None
    notice_by: date
    condition: str


def first(desk: Desk, right: Right, received_at: datetime, country: str) -> Promise:
    """The dates of a right asked at `received_at` by somebody in `country`. Raises Refused."""
    try:
        found = deadline(desk.regimes, right, False, received_at, desk.company.timezone, *_place(country))
    except UnknownCountry:
        raise Refused("country") from None
    except BadDate:
        raise Refused("past") from None
    return Promise(found.regime, found.due_on, found.target_on, found.statutory, found.law)


def longer(tx: Tx, desk: Desk, one: Ticket, named: date | None) -> Promise:
    """The dates after the extension; `named` counts where the law names no length. Raises Refused."""
    found = extension(tx, desk, one)
    until = found.due_on or named
    if until is None or until <= one.due_on:
        raise Refused("extension_date")
    law = f"{one.law}: {found.condition}"
    return Promise(one.regime, until, _working_day(desk.regimes, until), one.statutory, law)


def extension(tx: Tx, desk: Desk, one: Ticket) -> Longer:
    """The extension that can be used today. Raises Refused: there is none, it was used, or its notice is too late."""
    found = _deadline(desk, one)
    if found is None or found.regime != one.regime or found.extension is None:
        raise Refused("extension_none", law=one.law)
    if any(move.move == "extended" for move in tickets.moves(tx, one.id)):
        raise Refused("extension_used")
    longer = found.extension
    if desk.today(tx.now) > longer.notice_by:
        raise Refused("extension_late", day=longer.notice_by)
    return Longer(longer.due_on, longer.notice_by, longer.condition)


def _deadline(desk: Desk, one: Ticket) -> Deadline | None:
    try:
        right = Right(one.right)
        return deadline(desk.regimes, right, one.portable, one.received_at, desk.company.timezone, *_place(one.country))
    except UnknownCountry:
        return None


def _place(country: str) -> tuple[str, str]:
    code, _, part = country.partition("-")
    return code, part


def _working_day(regimes: Regimes, day: date) -> date:
    while not regimes.office_works(day):
        day -= timedelta(days=1)
    return day
