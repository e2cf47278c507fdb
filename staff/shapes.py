"""The shapes of the API's answers and bodies: what OpenAPI tells other programs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from law import Right
from staff.work import LONGEST_TEXT
from storage.tickets import Ticket as Stored


def _in_utc(moment: datetime) -> datetime:
    """As UTC. The calendar's first and last year are left out: in another zone such a moment may not exist."""
    if not datetime.min.year < moment.year < datetime.max.year:
        raise ValueError("there is no such moment in every time zone")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, strip_whitespace=True)]
Country = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$")]


class Shape(BaseModel):
    """Every shape: nothing unknown in, the same names out."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Token(Shape):
    """What `POST /token` answers (RFC 6749 5.1)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a word of RFC 6750, no secret
    expires_in: int


class Ticket(Shape):
    """A ticket. Times are UTC; `due_on` is the law's date (or ours), `target_on` the house's."""

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
    conversation: str | None

    @classmethod
    def of(cls, one: Stored) -> Ticket:
        """A stored ticket as the API shows it: no name, no address, none of the customer's words."""
        same = cls.model_fields.keys() - {"conversation"}
        return cls(**{name: getattr(one, name) for name in same}, conversation=one.conversation_id)


class TicketPage(Shape):
    """A page of tickets by due date; `next` goes into `cursor` for the next page."""

    items: list[Ticket]
    next: str | None


class Move(Shape):
    """One dated move of a ticket's clock, with the law behind it."""

    move: str
    at: datetime
    due_on: date | None
    law: str
    by: str


class Message(Shape):
    """One message of a talk, in or out. Codes are dots."""

    id: str
    direction: str
    kind: str
    channel: str
    at: datetime
    text: str
    reading: dict[str, Any]
    written_by: str
    status: str
    error: str
    tries: int


class Proof(Shape):
    """One contact that was proved. `matched`: it is on file for a customer."""

    method: str
    at: datetime
    matched: bool


class Entry(Shape):
    """One row of the audit trail with its hash."""

    subject: str
    n: int
    at: datetime
    actor: str
    event: str
    data: dict[str, Any]
    hash: str


class Note(Shape):
    """An internal note."""

    at: datetime
    by: str
    text: str


class Evidence(Shape):
    """Everything about one ticket, to keep or to hand to an authority."""

    ticket: Ticket
    detail: dict[str, Any]
    moves: list[Move]
    thread: list[Message]
    notes: list[Note]
    proofs: list[Proof]
    audit: list[Entry]


class Conversation(Shape):
    """A talk with its messages and tickets. `staff_since` is set while a person answers instead of the bot."""

    id: str
    channel: str
    language: str
    staff_since: datetime | None
    staff_reason: str
    heard_at: datetime | None
    tickets: list[Ticket]
    messages: list[Message]


class ReplyBody(Shape):
    """An answer to the customer. `ask_back`: the ticket then waits for them."""

    text: Text
    ask_back: bool = False


class NoteBody(Shape):
    """An internal note; never sent."""

    text: Text


class ExtendBody(Shape):
    """The notice the customer gets. `due_on` only where the law names no length."""

    reason: Text
    due_on: date | None = None


class FulfilBody(Shape):
    """What the customer is told. `partly`: only a part was done."""

    text: Text
    partly: bool = False


class RefuseBody(Shape):
    """The ground, one of `staff/grounds.toml`, and what the customer is told."""

    ground: Annotated[str, StringConstraints(max_length=20)]
    text: Text


class NewTicket(Shape):
    """A request taken by phone or letter."""

    right: Right
    received_at: Moment
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    channel: Literal["phone", "letter"]
    country: Country = ""
    text: Text


class OptoutCheck(Shape):
    """Whether marketing to an address is stopped. The address itself is not repeated."""

    kind: str
    opted_out: bool


class CustomerRow(BaseModel):
    """One customer of the company's directory. Several addresses are parted by a semicolon."""

    model_config = ConfigDict(extra="ignore")

    customer: str = ""
    name: str = ""
    email: str = ""
    whatsapp: str = ""
    language: str = ""
    country: str = ""


class RefusedRow(Shape):
    """A row that was not taken in; rows are counted from 1."""

    row: int
    why: str


class Loaded(Shape):
    """What became of the rows."""

    loaded: int
    refused: list[RefusedRow]


class Metrics(Shape):
    """How the desk is doing. `median_hours_to_close` is null before anything was closed."""

    by_state: dict[str, int]
    by_right: dict[str, int]
    open: int
    overdue: int
    median_hours_to_close: float | None
    undelivered: int
    with_staff: int
    set_aside: int


class Problem(Shape):
    """What went wrong: a code for programs, a sentence for people, and where."""

    code: str
    message: str
    details: list[dict[str, Any]] = Field(default_factory=list)


class Failure(Shape):
    """Every error of this API."""

    error: Problem
