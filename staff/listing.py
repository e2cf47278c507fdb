"""Rows: a ticket, a message that did not arrive or a talk, as one line of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from staff import masking
from staff.base import Desk
from staff.line import Line, row
from staff.wording import Wording
from storage import board, conversations, thread, tickets
from storage import staff as people
from storage.board import Face
from storage.db import Tx
from storage.thread import Aside, Message
from storage.tickets import CLOSED_STATES, Ticket

WINDOW = timedelta(hours=24)  # WhatsApp: free text only this long after the customer's last message
SOON = 10  # days


@dataclass(frozen=True, slots=True)
class Left:
    """How much time is left, in words, with the tone it is said in (`late`, `soon`, `ok` or none)."""

    text: str
    tone: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """The channel, and whether we may write there now."""

    channel: str
    text: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list. `act` is what its button does (`claim` or `settle`), `to` what the button is about."""

    href: str
    title: str
    reference: str = ""
    who: str = ""
    address: str = ""
    place: str = ""
    left: Left | None = None
    line: Line | None = None
    line_label: str = ""
    soft: bool = False
    step: str = ""
    step_more: str = ""
    step_late: bool = False
    way: Way | None = None
    by: str = ""
    act: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Lister:
    """What it takes to make rows: the reader's words, today, and the names of staff."""

    tx: Tx
    desk: Desk
    words: Wording
    names: Mapping[str, str] = field(default_factory=dict)
    may_change: bool = True

    @classmethod
    def of(cls, tx: Tx, desk: Desk, words: Wording, may_change: bool) -> Lister:
        """A lister with the names of everybody on the staff."""
        return cls(tx, desk, words, {one.id: one.name for one in people.everybody(tx)}, may_change)

    @property
    def today(self) -> date:
        """The office's day."""
        return self.desk.today(self.tx.now)

    def rows(self, found: list[Ticket]) -> list[Row]:
        """One row per ticket."""
        faces = board.faces(self.tx, found)
        return [self.row(one, faces[one.id]) for one in found]

    def row(self, one: Ticket, face: Face, **other: object) -> Row:
        """A ticket's row; `other` replaces what a list of its own shows instead."""
        step, more = self._step(one, face)
        values: dict[str, object] = {"href": f"/desk/tickets/{one.reference}", "title": self.right(one)}
        values |= {"reference": one.reference, "who": masking.name(face.name) or self.words("ticket.unknown")}
        values |= {"address": masking.address(face.kind, face.value) if face.value else "", "place": self.place(one)}
        values |= {"left": self.left(one), "line": self.line(one), "line_label": self.line_label(one)}
        values |= {"soft": not one.statutory, "step": step, "step_more": more, "way": self.way(one.channel, face)}
        values |= {"by": self.names.get(one.assignee or "", "")}
        if self.may_change and one.assignee is None and one.state not in (*CLOSED_STATES, "verifying"):
            # One that is still being proved can be taken on its own page; from a list that would be a slip.
            values |= {"act": "claim", "to": one.reference}
        return Row(**(values | other))  # type: ignore[arg-type]

    def failed(self, message: Message) -> Row:
        """An answer that did not arrive."""
        step = self.words.of("receipts", message.status)
        tries = self.words.many("receipts.tries", message.tries)
        why = ", ".join(filter(None, (message.error, tries)))
        other = {"step": step, "step_more": why, "step_late": True, "act": "settle" if self.may_change else ""}
        return self._talk(message.conversation_id, other | {"to": message.id})

    def wanting(self, conversation_id: str) -> Row:
        """A talk that waits for a person."""
        talk = conversations.get(self.tx, conversation_id)
        since = talk.staff_since if talk else None
        more = self.words.of("reasons", talk.staff_reason) if talk and talk.staff_reason else ""
        when = self.words.moment(self.desk.local(since)) if since else ""
        joined = " · ".join(filter(None, (more, when)))
        return self._talk(conversation_id, {"step": self.words("steps.person"), "step_more": joined})

    def aside(self, one: Aside) -> Row:
        """A delivery that could not be read."""
        when = self.words.moment(self.desk.local(one.at))
        way = Way(one.channel, self.words.of("channels", one.channel), when)
        step = self.words.of("reasons", one.reason)
        return Row(f"/desk/aside/{one.id}", self.words("aside.row"), step=step, way=way)

    def right(self, one: Ticket) -> str:
        """A ticket's right as a heading."""
        return self.words.of("rights", "portability" if one.portable and one.right == "access" else one.right)

    def place(self, one: Ticket) -> str:
        """Country and law in one line."""
        country = self.words.country(one.country) if one.country else ""
        return " · ".join(filter(None, (country, one.law)))

    def left(self, one: Ticket) -> Left:
        """The days to a ticket's date."""
        if one.closed_at:
            closed = self.words.date(self.desk.today(one.closed_at))
            return Left(self.words("left.closed"), "ok", closed)
        days = (one.due_on - self.today).days
        day = self.words.date(one.due_on, "day")
        if not one.statutory:
            day = self.words("left.ours", day=self.words.date(one.due_on, "day_short"))
        if days < 0:
            return Left(self.words.many("left.over", -days), "late", day)
        text = self.words.many("left.left", days) if days else self.words("left.today")
        return Left(text, "soon" if days <= 3 else "", day)

    def line(self, one: Ticket) -> Line:
        """A ticket on the shared calendar."""
        closed = self.desk.today(one.closed_at) if one.closed_at else None
        return row(self.desk.today(one.received_at), one.target_on, one.due_on, self.today, closed)

    def line_label(self, one: Ticket) -> str:
        """The line in words."""
        law = self.words("drawing.law" if one.statutory else "drawing.ours")
        days = (self.desk.today(one.received_at), one.target_on, one.due_on)
        received, aim, due = (self.words.date(day) for day in days)
        return self.words("drawing.row", received=received, aim=aim, law=law, due=due)

    def way(self, channel: str, face: Face) -> Way:
        """The channel of a talk, with WhatsApp's window."""
        words, heard = self.words, face.heard_at
        if channel == "mail":
            last = words("window.last", day=words.date(self.desk.today(heard), "day_short")) if heard else ""
            return Way(channel, words("window.mail"), last)
        if channel != "whatsapp":
            return Way(channel, words.of("channels", channel))
        if heard is None:
            return Way(channel, words("window.never"))
        closes = heard + WINDOW
        if closes <= self.tx.now:
            return Way(channel, words("window.shut"), words("window.since", day=words.date(self.desk.today(closes))))
        return Way(channel, self.window(closes), words("window.closes", moment=self._soon(closes)))

    def window(self, closes: datetime) -> str:
        """The time until a window shuts."""
        minutes = int((closes - self.tx.now).total_seconds() // 60)
        return self.words("window.open", hours=minutes // 60, minutes=minutes % 60)

    def actor(self, actor: str) -> str:
        """Who did something, by the name the audit trail gives them."""
        kind, _, one = actor.partition(":")
        if kind == "staff":
            return self.names.get(one, one)
        return self.words.of("ticket", kind) if kind in ("bot", "customer", "system") else actor

    def _soon(self, moment: datetime) -> str:
        local = self.desk.local(moment)
        return self.words.moment(local, "time" if local.date() == self.today else "moment_short")

    def _step(self, one: Ticket, face: Face) -> tuple[str, str]:
        if one.closed_at:
            closed = self.words("steps.closed", day=self.words.date(self.desk.today(one.closed_at), "day_short"))
            return self.words.of("states", one.state), closed
        proved = "proved" if one.level >= one.needs else "unproved"
        level = self.words(f"steps.{proved}", level=one.level, needs=one.needs)
        more = self.words.of("reasons", one.reason) if one.reason else self.words.language(one.language)
        step = "person" if face.with_staff else one.state
        return self.words(f"steps.{step}"), f"{level} · {more}"

    def _talk(self, conversation_id: str, other: dict[str, object]) -> Row:
        mine = tickets.of_conversation(self.tx, conversation_id, tickets.OPEN_STATES)
        if mine:
            face = board.faces(self.tx, mine[-1:])[mine[-1].id]
            return self.row(mine[-1], face, **({"act": ""} | other))
        to = board.address_of(self.tx, conversation_id)
        talk = conversations.get(self.tx, conversation_id)
        face = Face("", to.kind, to.value, talk.heard_at if talk else None)
        way = self.way("mail" if to.kind == "email" else "whatsapp", face)
        values: dict[str, object] = {"href": f"/desk/talks/{conversation_id}", "title": self.words("talk.title")}
        values |= {"address": masking.address(to.kind, to.value), "way": way}
        return Row(**(values | other))  # type: ignore[arg-type]


def group_of(one: Ticket, today: date) -> str:
    """Which group of Today an open ticket is in."""
    if one.due_on < today:
        return "late"
    if one.state in ("verifying", "waiting"):
        return "wait"
    if (one.due_on - today).days <= SOON:
        return "soon"
    return "hand" if one.assignee else "free"


def undelivered(lister: Lister) -> list[Row]:
    """Rows of the answers that did not arrive."""
    return [lister.failed(message) for message in thread.undelivered(lister.tx)]


def wanting(lister: Lister) -> list[Row]:
    """Rows of the talks that wait for a person."""
    return [lister.wanting(one) for one in list(thread.with_staff(lister.tx))[:100]]


def asides(lister: Lister) -> list[Row]:
    """Rows of the deliveries that could not be read."""
    return [lister.aside(one) for one in thread.set_aside(lister.tx)[:100]]
