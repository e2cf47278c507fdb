"""The staff API: every address of `/api/v1` in one table, and what each of them does."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Request
from fastapi.responses import Response
from fastapi.security import OAuth2PasswordRequestForm

from law import Right
from staff import evidence, today, work
from staff.base import Desk
from staff.customers import BadRow, entry
from staff.gate import TOKEN_LIFE, ApiError, Caller, Managing, Reading, Working, errors, gated, issue
from staff.lists import CURSOR, PAGE
from staff.shapes import (
    Conversation,
    CustomerRow,
    Evidence,
    ExtendBody,
    FulfilBody,
    Loaded,
    Metrics,
    NewTicket,
    NoteBody,
    OptoutCheck,
    RefuseBody,
    RefusedRow,
    ReplyBody,
    Ticket,
    TicketPage,
    Token,
)
from storage import audit, board, conversations, directory, optouts, thread, tickets
from storage import staff as people
from storage.addresses import EMAIL, WHATSAPP
from storage.db import Tx
from storage.tickets import OPEN_STATES, STATES, Filter
from storage.tickets import Ticket as Stored

Reference = Annotated[str, Path(max_length=20, description="`PR-…`, however it is typed", examples=["PR-M9S346Q3R"])]
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$")]
State = Literal[STATES]  # type: ignore[valid-type]
ROWS_AT_ONCE = 200  # directory rows in one write transaction, so that nobody waits long for the writer
MOST_ROWS = 50_000
FORMULA = ("=", "-", "@", "\t", "\r")  # a spreadsheet would run what begins like this (OWASP, CSV injection)


def token(request: Request, form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Token:
    """Sign in with mail and password; the token is good for one hour."""
    desk: Desk = request.state.desk
    with desk.scales.turn(), desk.store.read() as tx:
        weighed = people.weigh(tx, form.username[:254], form.password)
    with desk.store.write() as tx:
        who = people.sign_in(tx, weighed)
    if who is None:
        raise ApiError(401, "unauthorized", "That did not work. After several tries there is a pause.")
    return Token(access_token=issue(desk, who), expires_in=int(TOKEN_LIFE.total_seconds()))


def list_tickets(
    who: Reading,
    state: Annotated[list[State] | None, Query(description="one or several")] = None,
    right: Right | None = None,
    escalated: bool | None = None,
    due_before: date | None = None,
    assignee: Annotated[
        str | None, Query(pattern=r"^([0-9a-f]{24}|me|nobody|)$", description="an id, `me`, or `nobody` (also empty)")
    ] = None,
    q: Annotated[str, Query(max_length=300, description="a reference, a whole mail address or a whole number")] = "",
    cursor: Annotated[str, Query(pattern=CURSOR)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
) -> TicketPage:
    """Tickets by due date."""
    mine = {"me": who.who.id, "nobody": ""}.get(assignee or "", assignee)
    with who.desk.store.read() as tx:
        found = today.search(tx, q) if q else Filter()
        if found is None:
            return TicketPage(items=[], next=None)
        wanted = Filter(
            states=tuple(state or ()),
            right=right.value if right else "",
            escalated=escalated,
            due_before=due_before,
            assignee=mine,
            reference=found.reference,
            people=found.people,
        )
        try:
            page, after = tickets.listing(tx, wanted, after=cursor, limit=limit)
        except ValueError:
            raise ApiError(422, "cursor", "This cursor is none of ours.") from None
    return TicketPage(items=[Ticket.of(one) for one in page], next=after or None)


def take_in(who: Working, body: NewTicket) -> Ticket:
    """File a request taken by phone or letter; its clock runs from `received_at`."""
    with who.desk.store.write() as tx:
        told = {"name": body.name, "text": body.text}
        row = {"channel": body.channel, "country": body.country, **told}
        one = work.take_in(tx, who.desk, who.who, right=body.right, received_at=body.received_at, **row)
        return Ticket.of(one)


def show_ticket(who: Reading, reference: Reference) -> Ticket:
    """One ticket."""
    with who.desk.store.read() as tx:
        return Ticket.of(_find(tx, reference))


def claim(who: Working, reference: Reference) -> Ticket:
    """Take a ticket, also from somebody else."""
    return _change(who, reference, lambda tx, one: work.claim(tx, one.id, who.who))


def reply(who: Working, reference: Reference, body: ReplyBody) -> Ticket:
    """Answer the customer in their own channel and thread."""
    return _change(who, reference, lambda tx, one: work.reply(tx, one.id, who.who, body.text, ask_back=body.ask_back))


def note(who: Working, reference: Reference, body: NoteBody) -> Ticket:
    """Keep an internal note; it is never sent."""
    return _change(who, reference, lambda tx, one: work.note(tx, one.id, who.who, body.text))


def extend(who: Working, reference: Reference, body: ExtendBody) -> Ticket:
    """Use the extension the law offers, while its notice can still go out; the reason is sent to the customer."""
    return _change(
        who,
        reference,
        lambda tx, one: work.extend(tx, who.desk, one.id, who.who, body.reason, due_on=body.due_on),
    )


def fulfil(who: Working, reference: Reference, body: FulfilBody) -> Ticket:
    """Close a ticket as fulfilled, or partly fulfilled, and tell the customer."""
    return _change(who, reference, lambda tx, one: work.fulfil(tx, one.id, who.who, body.text, partly=body.partly))


def refuse(who: Working, reference: Reference, body: RefuseBody) -> Ticket:
    """Close a ticket as refused on one of the known grounds, and tell the customer."""
    return _change(who, reference, lambda tx, one: work.refuse(tx, one.id, who.who, body.ground, body.text))


def reopen(who: Working, reference: Reference) -> Ticket:
    """Look again at a closed ticket."""
    return _change(who, reference, lambda tx, one: work.reopen(tx, one.id, who.who))


def show_evidence(who: Reading, reference: Reference) -> Evidence:
    """Everything about one ticket: moves, thread, notes, proofs, audit rows and hashes. The look is on record."""
    with who.desk.store.write() as tx:
        one = _find(tx, reference)
        audit.record(tx, one.subject, "ticket.exported", who.who.actor)
        return evidence.of_ticket(tx, one)


def show_conversation(who: Reading, conversation: Id) -> Conversation:
    """A conversation with its messages and tickets."""
    with who.desk.store.read() as tx:
        found = conversations.get(tx, conversation)
        if found is None:
            raise ApiError(404, "missing", "There is no such conversation.")
        return evidence.of_talk(tx, found)


def check_optout(
    who: Reading, address: Annotated[str, Query(min_length=3, max_length=254, description="a mail address or number")]
) -> OptoutCheck:
    """Whether marketing to an address is stopped. Ask before every mailing."""
    kind = EMAIL if "@" in address else WHATSAPP
    with who.desk.store.read() as tx:
        return OptoutCheck(kind=kind, opted_out=optouts.check(tx, kind, address))


def export_optouts(who: Reading) -> Response:
    """All addresses that get no marketing, as CSV (`kind,address,since`), safe to open in a spreadsheet."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(["kind", "address", "since"])
    with who.desk.store.write() as tx:
        rows = [(one.kind, plain(one.value), one.since.isoformat()) for one in optouts.every(tx)]
        audit.record(tx, "export:optouts", "optouts.exported", who.who.actor, rows=len(rows))
    writer.writerows(rows)
    headers = {"Content-Disposition": 'attachment; filename="optouts.csv"'}
    return Response(table.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def load_customers(
    who: Managing, rows: Annotated[list[CustomerRow], Body(max_length=MOST_ROWS, min_length=1)]
) -> Loaded:
    """Add or renew customers of the directory. A bad row is named and left out; the others are taken in."""
    done = _Load()
    entries = list(done.checked(rows))
    for start in range(0, len(entries), ROWS_AT_ONCE):
        with who.desk.store.write() as tx:
            for one in entries[start : start + ROWS_AT_ONCE]:
                directory.load(tx, one, "api")
    with who.desk.store.write() as tx:
        audit.record(tx, "directory:all", "directory.loaded", who.who.actor, rows=len(entries), bad=len(done.refused))
    return Loaded(loaded=len(entries), refused=done.refused)


def metrics(who: Reading) -> Metrics:
    """How the desk is doing."""
    with who.desk.store.read() as tx:
        figures = board.figures(tx, who.desk.today(tx.now))
        return Metrics(
            by_state=figures.by_state,
            by_right=figures.by_right,
            open=sum(figures.by_state.get(state, 0) for state in OPEN_STATES),
            overdue=figures.overdue,
            median_hours_to_close=figures.median_hours,
            undelivered=len(thread.undelivered(tx)),
            with_staff=len(thread.with_staff(tx)),
            set_aside=len(thread.set_aside(tx)),
        )


def plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula. A plus and digits alone are a number, as formula as well."""
    sums = cell.startswith("+") and not (cell.isascii() and cell[1:].isdecimal())
    return f"'{cell}" if sums or cell.startswith(FORMULA) else cell


@dataclass(slots=True)
class _Load:
    """The rows of one import that were refused, collected while the good ones pass."""

    refused: list[RefusedRow] = field(default_factory=list)

    def checked(self, rows: Sequence[CustomerRow]) -> Iterator[directory.Entry]:
        for number, row in enumerate(rows, start=1):
            try:
                yield entry(row.model_dump())
            except BadRow as why:
                self.refused.append(RefusedRow(row=number, why=str(why)))


def _change(who: Caller, reference: str, act: Callable[[Tx, Stored], Stored]) -> Ticket:
    with who.desk.store.write() as tx:
        return Ticket.of(act(tx, _find(tx, reference)))


def _find(tx: Tx, reference: str) -> Stored:
    one = tickets.by_reference(tx, reference)
    if one is None:
        raise ApiError(404, "missing", "There is no such ticket.")
    return one


Route = tuple[str, str, Callable[..., Any], int, tuple[int, ...]]
READ, MISS, CHANGE = (401, 422), (401, 404, 422), (401, 403, 404, 409, 411, 413, 422)
ROUTES: tuple[Route, ...] = (
    ("POST", "/token", token, 200, (401, 411, 413, 422, 503)),
    ("GET", "/tickets", list_tickets, 200, READ),
    ("POST", "/tickets", take_in, 201, CHANGE),
    ("GET", "/tickets/{reference}", show_ticket, 200, MISS),
    ("POST", "/tickets/{reference}/claim", claim, 200, CHANGE),
    ("POST", "/tickets/{reference}/reply", reply, 200, CHANGE),
    ("POST", "/tickets/{reference}/note", note, 200, CHANGE),
    ("POST", "/tickets/{reference}/extend", extend, 200, CHANGE),
    ("POST", "/tickets/{reference}/fulfil", fulfil, 200, CHANGE),
    ("POST", "/tickets/{reference}/refuse", refuse, 200, CHANGE),
    ("POST", "/tickets/{reference}/reopen", reopen, 200, CHANGE),
    ("GET", "/tickets/{reference}/evidence", show_evidence, 200, MISS),
    ("GET", "/conversations/{conversation}", show_conversation, 200, MISS),
    ("GET", "/optouts/check", check_optout, 200, READ),
    ("GET", "/optouts.csv", export_optouts, 200, READ),
    ("PUT", "/customers", load_customers, 200, CHANGE),
    ("GET", "/metrics", metrics, 200, READ),
)


def router(desk: Desk) -> APIRouter:
    """The API, under `/api/v1`."""
    api = APIRouter(prefix="/api/v1", route_class=gated(desk), tags=["staff"])
    for method, path, handler, status, wrong in ROUTES:
        summary, _, _ = (handler.__doc__ or "").partition(". ")
        shown: dict[str, Any] = {"summary": summary.rstrip("."), "description": handler.__doc__}
        if handler is export_optouts:
            shown |= {"response_class": Response, "response_model": None}
        api.add_api_route(path, handler, methods=[method], status_code=status, responses=dict(errors(*wrong)), **shown)
    return api
