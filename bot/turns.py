"""The turn: what an action is given to work with while one message is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.answers import NONE, Answer
from bot.heard import Heard
from bot.talk import Question
from bot.words import Words
from company import Company
from intents.understanding import Understanding
from law.clock import Deadline, deadline
from law.places import Places
from law.regimes import Regimes
from law.rights import Right
from storage import tickets
from storage.addresses import Address
from storage.codes import LIFE
from storage.conversations import Conversation
from storage.db import Tx
from storage.tickets import Promise, Ticket


def in_order(some: Iterable[Ticket]) -> list[Ticket]:
    """Tickets in the order in which rights are listed everywhere: first what is to be shown, then what is to change."""
    listed = list(Right)
    return sorted(some, key=lambda ticket: listed.index(Right(ticket.right)))


@dataclass(frozen=True, slots=True)
class Parts:
    """What is the same for every turn: the company, its law, and its words."""

    company: Company
    regimes: Regimes
    places: Places
    words: Words
    public_url: str


@dataclass(slots=True)
class Turn:
    """One inbound message on its way to its answers, inside one write transaction."""

    tx: Tx
    parts: Parts
    conversation: Conversation
    asker: Address
    heard: Heard
    said: Understanding | None  # None for an event of our own (a link was confirmed)
    message_id: str | None
    language: str
    choice: str = ""
    answer: Answer = NONE
    asked: Question | None = None  # the question that was open when the message came
    filed: list[str] = field(default_factory=list)  # ids of tickets opened in this turn
    with_staff: bool = field(init=False)  # whether a person answers here: before the turn, or since an action of it

    def __post_init__(self) -> None:
        self.with_staff = self.conversation.staff_since is not None

    @property
    def mail(self) -> bool:
        """Whether this talk goes by mail."""
        return self.heard.channel == "mail"

    @property
    def signs(self) -> frozenset[str]:
        """Small marks the reader saw: a leak, an agent, anger."""
        return self.said.signs if self.said else frozenset()

    def right(self, ticket: Ticket) -> str:
        """The name of a ticket's right as customers read it."""
        return self.parts.words.phrase(f"right_{'portability' if ticket.portable else ticket.right}", self.language)

    def day(self, ticket: Ticket) -> str:
        """The day we aim to answer a ticket by, in the customer's language."""
        return self.parts.words.date(ticket.target_on, self.language)

    def moment(self, at: datetime) -> str:
        """A moment on the company's clock, in the customer's language."""
        return self.parts.words.moment(at, self.parts.company.timezone, self.language)

    def local_day(self, at: datetime) -> date:
        """The day of a moment where the company is."""
        return at.astimezone(ZoneInfo(self.parts.company.timezone)).date()

    def lines(self, some: list[Ticket]) -> str:
        """Several tickets in one sentence: reference, right and date of each."""
        line = self.parts.words.phrase
        return self.parts.words.join(
            (line("ack_ref_line", self.language, ref=t.reference, right=self.right(t), date=self.day(t)) for t in some),
            self.language,
        )

    def open_tickets(self) -> list[Ticket]:
        """The tickets of this conversation that are not over, oldest first."""
        return tickets.of_conversation(self.tx, self.conversation.id, tickets.OPEN_STATES)

    def waiting_tickets(self) -> list[Ticket]:
        """The tickets of this conversation that wait for proof."""
        return tickets.of_conversation(self.tx, self.conversation.id, ("verifying",))

    def deadline(self, right: str, portable: bool, received_at: datetime, country: str = "") -> Deadline:
        """The dates of a right for a person in `country` (`CC` or `CC-SUBDIVISION`, empty where not stated)."""
        code, _, part = country.partition("-")
        zone = self.parts.company.timezone
        return deadline(self.parts.regimes, Right(right), portable, received_at, zone, code, part)

    def promise(self, right: str, portable: bool, country: str = "") -> Promise:
        """The dates of a right asked now, to be fixed on its ticket."""
        d = self.deadline(right, portable, self.tx.now, country)
        return Promise(d.regime, d.due_on, d.target_on, d.statutory, d.law)

    def frame(self) -> Mapping[str, str]:
        """Values every text may use."""
        company, now = self.parts.company, self.tx.now
        contacts = company.contacts_in(self.language)
        values: dict[str, Any] = {"company": company.short, "company_contact": contacts.company_contact}
        values |= {"sales_contact": contacts.sales_contact, "policy_url": contacts.policy_url}
        values |= {"optout_hours": company.optout_hours, "floor_days": company.floor_days}
        values |= {"media_days": company.media_days, "minutes": int(LIFE.total_seconds() // 60)}
        values |= {"human_by": self.moment(company.human_by(now)), "opens_at": self.moment(company.opens_at(now))}
        return {name: str(value) for name, value in values.items()}
