"""The dossier: everything about one ticket, or one talk without a ticket, as a page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from staff import clockface, masking, promises, said
from staff.base import Refused
from staff.listing import WINDOW, Lister
from staff.promises import Longer
from staff.said import Said
from storage import addresses, audit, board, codes, conversations, directory, thread, tickets
from storage import staff as people
from storage.addresses import Address
from storage.audit import Entry
from storage.conversations import Conversation
from storage.thread import Message
from storage.tickets import Ticket

ASK_BACK = 0.60  # below this the bot asks back instead of filing
DETAIL = ("field", "new_value", "scope", "use", "why", "name", "contact", "text")


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of the person: masked or open, and what is known of it."""

    kind: str
    value: str
    facts: tuple[str, ...]
    good: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One right the bot found in the customer's words, and the ticket it opened."""

    label: str
    sure: float | None
    reference: str
    this: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """A ticket's page."""

    one: Ticket
    title: str
    name: str
    clock: clockface.Clock
    asked: Message | None
    readings: list[Reading]
    detail: list[tuple[str, str]]
    said: list[Said]
    contacts: list[Contact]
    proofs: list[str]
    same: list[Ticket]
    trail: list[Entry]
    talk: Conversation | None
    count: int
    extension: Longer | None
    extension_no: Refused | None
    closes: str
    open: bool


def dossier(lister: Lister, one: Ticket, unmasked: bool) -> Dossier:
    """Everything about one ticket. `unmasked` shows the name and contacts; the caller puts that look on record."""
    tx, talk_id = lister.tx, one.conversation_id
    talk = conversations.get(tx, talk_id) if talk_id else None
    name = board.faces(tx, [one])[one.id].name
    shown = name if unmasked else masking.name(name)
    messages = thread.of_conversation(tx, talk_id) if talk_id else []
    same = tickets.of_conversation(tx, talk_id) if talk_id else []
    asked = next((m for m in messages if m.id == one.message_id), None)
    longer, refused = _extension(lister, one)
    return Dossier(
        one=one,
        title=lister.right(one),
        name=shown,
        clock=clockface.clock(lister, one),
        asked=asked,
        readings=_readings(lister, one, asked, same),
        detail=_detail(lister, one, unmasked),
        said=said.lines(lister, messages, people.notes(tx, one.id), shown),
        contacts=_contacts(lister, one, talk, unmasked),
        proofs=_proofs(lister, talk),
        same=[other for other in same if other.id != one.id],
        trail=audit.trail(tx, one.subject),
        talk=talk,
        count=board.said(tx, talk_id),
        extension=longer,
        extension_no=refused,
        closes=_closes(lister, talk),
        open=one.state in tickets.OPEN_STATES,
    )


@dataclass(frozen=True, slots=True)
class Talk:
    """The page of a talk that opened no ticket."""

    talk: Conversation
    address: str
    said: list[Said]
    count: int
    closes: str
    tickets: list[Ticket]


def talk(lister: Lister, found: Conversation) -> Talk:
    """Everything said in one talk; the address stays masked."""
    messages = thread.of_conversation(lister.tx, found.id)
    to = board.address_of(lister.tx, found.id)
    lines = said.lines(lister, messages, [], lister.words("ticket.customer"))
    mine = tickets.of_conversation(lister.tx, found.id)
    count = board.said(lister.tx, found.id)
    return Talk(found, masking.address(to.kind, to.value), lines, count, _closes(lister, found), mine)


def _readings(lister: Lister, one: Ticket, asked: Message | None, same: Sequence[Ticket]) -> list[Reading]:
    reading: dict[str, Any] = asked.reading if asked else {}
    sure = {item.get("name"): item.get("confidence") for item in reading.get("intents", [])}
    from_here = {t.right: t for t in same if asked and t.message_id == asked.id}
    found = []
    for label in reading.get("labels", []):
        ticket = from_here.get(label)
        words = lister.words.of("rights", label) if label in dict(lister.words.options("rights")) else ""
        text = words or lister.words.of("labels", label)
        reference, this = (ticket.reference, ticket.id == one.id) if ticket else ("", False)
        found.append(Reading(text, sure.get(label), reference, this))
    return found


def _detail(lister: Lister, one: Ticket, unmasked: bool) -> list[tuple[str, str]]:
    """What was asked in detail. A name or contact told on the phone stays masked like any other."""
    rows = []
    for key in DETAIL:
        value = one.detail.get(key)
        if value in (None, ""):
            continue
        text = lister.words.of("fields", str(value)) if key == "field" else str(value)
        if key == "name" and not unmasked:
            text = masking.name(text)
        if key == "contact" and not unmasked:
            text = masking.DOTS
        rows.append((lister.words(f"ticket.{key}"), text))
    return rows


def _contacts(lister: Lister, one: Ticket, talk: Conversation | None, unmasked: bool) -> list[Contact]:
    """The address that writes, then what else is on file for the customer."""
    tx, words = lister.tx, lister.words
    on_file = directory.contacts_of(tx, one.customer_id) if one.customer_id else []
    known = {(c.kind, addresses.same(c.kind, c.value)): c for c in on_file}
    writes: Address | None = board.address_of(tx, talk.id) if talk else None
    rows = []
    if writes is not None:
        file = known.pop((writes.kind, addresses.same(writes.kind, writes.value)), None)
        rows.append(_contact(lister, writes.kind, writes.value, file, unmasked, words("ticket.writes_from")))
    return rows + [_contact(lister, c.kind, c.value, c, unmasked) for c in known.values()]


def _contact(
    lister: Lister, kind: str, value: str, file: directory.Contact | None, unmasked: bool, fact: str = ""
) -> Contact:
    words = lister.words
    shown = value if unmasked else masking.address(kind, value)
    since = words("ticket.not_on_file")
    if file:
        since = words("ticket.on_file", day=words.date(lister.desk.today(file.since)))
    channel = words.of("channels", "mail" if kind == addresses.EMAIL else "whatsapp")
    return Contact(channel, shown, tuple(filter(None, (since, fact))), file is not None)


def _proofs(lister: Lister, talk: Conversation | None) -> list[str]:
    if talk is None:
        return []
    rows = []
    for proof in codes.proofs(lister.tx, talk.id):
        when = lister.words.moment(lister.desk.local(proof.at))
        text = lister.words(f"ticket.by_{proof.method}", moment=when)
        rows.append(text if proof.contact_id else f"{text}; {lister.words('ticket.unmatched')}")
    return rows


def _extension(lister: Lister, one: Ticket) -> tuple[Longer | None, Refused | None]:
    try:
        return promises.extension(lister.tx, lister.desk, one), None
    except Refused as why:
        return None, why


def _closes(lister: Lister, talk: Conversation | None) -> str:
    """The time until WhatsApp's window shuts; empty where it is shut or there is none."""
    if talk is None or talk.channel != "whatsapp" or talk.heard_at is None:
        return ""
    closes = talk.heard_at + WINDOW
    return lister.window(closes) if closes > lister.tx.now else ""
