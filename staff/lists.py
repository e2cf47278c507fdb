"""The pages that list: Today, all tickets, what a search found; and what can be settled from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Form, Path, Query
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from law import Right
from staff import door, today, work
from staff.door import Inside, Member, Sending, Working
from staff.guard import Missing
from staff.line import weeks
from staff.listing import Lister
from staff.today import Asked, Group, Queue
from staff.wording import explain
from storage import board, tickets
from storage.db import Tx
from storage.tickets import Ticket

PAGE = 50
CURSOR = r"^(\d{4}-\d{2}-\d{2}_[0-9a-f]{24})?$"
COUNTRY = r"^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$"
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$")]
Whose = Literal["", "mine", "nobody"]
AnyRight = Right | Literal[""]
Channel = Literal["", "whatsapp", "mail", "phone", "letter"]
State = Annotated[str, Query(pattern=f"^({'|'.join(tickets.STATES)})?$")]


def show_today(
    who: Inside,
    whose: Whose = "",
    right: AnyRight = "",
    country: Annotated[str, Query(pattern=COUNTRY)] = "",
    channel: Channel = "",
) -> Response:
    """Today: what is late, what is due, what belongs to nobody."""
    asked = Asked(whose, right, country, channel)
    with who.room.desk.store.read() as tx:
        lister = Lister.of(tx, who.room.desk, who.words, who.may_change)
        return _page(who, lister, "today", asked, today.queue(lister, asked, who.who.id))


def show_tickets(
    who: Inside,
    whose: Whose = "",
    right: AnyRight = "",
    country: Annotated[str, Query(pattern=COUNTRY)] = "",
    channel: Channel = "",
    state: State = "",
    after: Annotated[str, Query(pattern=CURSOR)] = "",
) -> Response:
    """All tickets, closed ones too, by their date."""
    asked = Asked(whose, right, country, channel, state)
    with who.room.desk.store.read() as tx:
        lister = Lister.of(tx, who.room.desk, who.words, who.may_change)
        wanted = asked.filter(who.who.id, states=tickets.STATES)
        try:
            found, cursor = tickets.listing(tx, wanted, after=after, limit=PAGE)
        except ValueError:
            raise Missing from None
        n = tickets.count(tx, wanted)
        return _page(who, lister, "tickets", asked, _queue(lister, found, n), after=cursor)


def find(who: Sending, q: Annotated[str, Form(max_length=300)] = "") -> Response:
    """Search by POST: a mail address or number must not stand in an address line, a log or a history."""
    with who.room.desk.store.read() as tx:
        wanted = today.search(tx, q)
        found = tickets.listing(tx, wanted, limit=PAGE)[0] if wanted else []
        if len(found) == 1:
            return RedirectResponse(f"/desk/tickets/{found[0].reference}", 303)
        lister = Lister.of(tx, who.room.desk, who.words, who.may_change)
        return _page(who, lister, "found", Asked(), _queue(lister, found, len(found)))


def settle_message(who: Working, message: Id) -> Response:
    """An answer that did not arrive is dealt with."""
    return _settle(who, lambda tx: work.settle_message(tx, message, who.who))


def settle_aside(who: Working, aside: Id) -> Response:
    """A delivery that could not be read is dealt with."""
    return _settle(who, lambda tx: work.settle_aside(tx, aside, who.who))


def _queue(lister: Lister, found: list[Ticket], n: int) -> Queue:
    name = "none" if n == 0 else "one" if n == 1 else "many"
    headline = Markup.escape(lister.words(f"headline.found_{name}", n=lister.words.number(n).capitalize()))
    groups = [Group("found", lister.rows(found))] if found else []
    return Queue(groups, headline, {}, False)


def _page(who: Member, lister: Lister, here: str, asked: Asked, queue: Queue, *, after: str = "") -> Response:
    values: dict[str, Any] = {"here": here, "asked": asked, "queue": queue, "after": after}
    values |= {"now": lister.desk.local(lister.tx.now), "weeks": weeks(lister.today)}
    values |= {"countries": board.countries(lister.tx)}
    return who.room.pages.page("list.html", **values, **door.frame(who))


def _settle(who: Member, act: Callable[[Tx], None]) -> Response:
    try:
        with who.room.desk.store.write() as tx:
            act(tx)
    except work.Refused as why:
        text = explain(who.words, why.code, why.values)
        return who.room.pages.page("problem.html", 409, words=who.words, text=text, room=who.room)
    return RedirectResponse("/desk/", 303)
