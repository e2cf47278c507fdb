"""The dossier: everything about one ticket, or one talk without a ticket, as a page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from staff import line, masking, work
from staff.line import Mark
from staff.listing import WINDOW, Lister
from storage import addresses, audit, board, codes, conversations, directory, thread, tickets
from storage import staff as people
from storage.addresses import Address
from storage.audit import Entry
from storage.conversations import Conversation
from storage.thread import Message
from storage.tickets import Move, Ticket

ASK_BACK = 0.60  # below this the bot asks back instead of filing
DETAIL = ("field", "new_value", "scope", "use", "why", "name", "contact", "text")


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the thread: `voice` is `customer`, `us` or `note`; times are the office's."""

    voice: str
    who: str
    at: datetime
    text: str
    language: str = ""
    channel: str = ""
    receipt: str = ""
    failed: bool = False
    full_text: str = ""
    subject: str = ""
    files: int = 0
    id: str = ""


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
class Clock:
    """The drawing of a ticket's clock and its ledger (label, when, law, css class)."""

    marks: list[Mark]
    months: list[tuple[date, float]]
    used: float
    end: float
    over: float | None
    now: float | None
    start: float
    ledger: list[tuple[str, str, str, str]]
    label: str
    foot: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """A ticket's page."""

    one: Ticket
    title: str
    name: str
    clock: Clock
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
    extension: work.Longer | None
    extension_no: work.Refused | None
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
        clock=clock(lister, one),
        asked=asked,
        readings=_readings(lister, one, asked, same),
        detail=_detail(lister, one, unmasked),
        said=_said(lister, messages, people.notes(tx, one.id), shown),
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
    said = _said(lister, messages, [], lister.words("ticket.customer"))
    mine = tickets.of_conversation(lister.tx, found.id)
    count = board.said(lister.tx, found.id)
    return Talk(found, masking.address(to.kind, to.value), said, count, _closes(lister, found), mine)


def clock(lister: Lister, one: Ticket) -> Clock:
    """The ticket's dated moves as a drawing and as a list."""
    desk, words, today = lister.desk, lister.words, lister.today
    moves = tickets.moves(lister.tx, one.id)
    received = desk.today(one.received_at)
    until = desk.today(one.closed_at) if one.closed_at else today
    last = max(one.due_on, until, one.target_on)

    def at(day: date) -> float:
        return line.place(day, received, last)

    marks = [_move_mark(lister, move, at(desk.today(move.at))) for move in moves]
    marks += [Mark(at(day), "was", (words("drawing.due_first"), words.date(day))) for day in _earlier(moves, one)]
    marks.append(Mark(at(one.target_on), "aim", (words("drawing.aim"), words.date(one.target_on))))
    marks.append(_due_mark(lister, one, at(one.due_on)))
    if not one.closed_at:
        day = words("drawing.day", n=(today - received).days)
        marks.append(Mark(at(today), "now", (words("drawing.today"), day)))
    # The two ends are placed first: they must have their labels whatever lies between them.
    order = {"due": 0, "now": 1, "received": 2}
    placed = line.labelled(sorted(marks, key=lambda mark: (order.get(mark.shape, 3), mark.at)))
    late = at(one.due_on) if until > one.due_on else None
    regime = desk.regimes.by_id.get(one.regime)
    fixed = next((desk.today(move.at) for move in reversed(moves) if move.due_on == one.due_on), received)
    foot = "drawing.foot" if one.statutory else "drawing.foot_soft"
    return Clock(
        marks=placed,
        months=line.months(received, last),
        used=at(until) if late is None else late,
        end=at(max(one.due_on, until)),
        over=None if late is None else at(until),
        now=None if one.closed_at else at(today),
        start=at(received),
        ledger=_ledger(lister, one, moves),
        label=words("drawing.clock", first=words.date(received), last=words.date(last)),
        foot=words(foot, regime=regime.name if regime else one.regime, day=words.date(fixed)),
    )


def _move_mark(lister: Lister, move: Move, at: float) -> Mark:
    words = lister.words
    when = words.moment(lister.desk.local(move.at))
    shape = "received" if move.move == "received" else "move"
    return Mark(at, shape, tuple(filter(None, (words.of("moves", move.move), when, _cut(move.law)))))


def _due_mark(lister: Lister, one: Ticket, at: float) -> Mark:
    words = lister.words
    title = words("drawing.due" if one.statutory else "drawing.due_ours")
    law = _cut(one.law) if one.statutory else ""
    return Mark(at, "due", tuple(filter(None, (title, f"{words.date(one.due_on)}, {_away(lister, one.due_on)}", law))))


def _earlier(moves: Sequence[Move], one: Ticket) -> list[date]:
    days = {move.due_on for move in moves if move.due_on and move.due_on != one.due_on}
    return sorted(days)


def _ledger(lister: Lister, one: Ticket, moves: Sequence[Move]) -> list[tuple[str, str, str, str]]:
    """Label, when, law and class of every move, in the order of their days; what lies ahead is marked `yet`."""
    words, desk, today = lister.words, lister.desk, lister.today
    lines: list[tuple[date, int, tuple[str, str, str, str]]] = []
    for move in moves:
        day = desk.today(move.at)
        who = _who(lister, move.by)
        due = words("moves.due", day=words.date(move.due_on)) if move.due_on else ""
        law = " · ".join(filter(None, (move.law, due, who)))
        css = "stopped" if move.move == "stopped" else ""
        lines.append((day, 0, (words.of("moves", move.move), words.moment(desk.local(move.at)), law, css)))
    if not one.closed_at:
        received = desk.today(one.received_at)
        day_n = words("drawing.day", n=(today - received).days)
        lines.append((today, 2, (words("drawing.today"), words.date(today), day_n, "yet today")))
    ends = [("drawing.aim", one.target_on, "")]
    if one.statutory:
        ends.append(("drawing.due", one.due_on, one.law))
    else:
        ends.append(("drawing.due_ours", one.due_on, words("drawing.unnamed")))
    for title, day, law in ends:
        when = f"{words.date(day)}, {_away(lister, day)}"
        lines.append((day, 1, (words(title), when, law, "yet" if day > today and not one.closed_at else "")))
    return [entry for _, _, entry in sorted(lines, key=lambda item: item[:2])]


def _away(lister: Lister, day: date) -> str:
    days = (day - lister.today).days
    if days == 0:
        return lister.words("drawing.now")
    return lister.words.many("drawing.in" if days > 0 else "drawing.ago", abs(days))


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


def _said(lister: Lister, messages: Sequence[Message], notes: Sequence[people.Note], name: str) -> list[Said]:
    said = [_line(lister, message, name) for message in messages]
    local = lister.desk.local
    said += [Said("note", lister.names.get(n.staff_id, ""), local(n.at), n.text, id=n.id) for n in notes]
    return sorted(said, key=lambda one: (one.at, one.id))


def _line(lister: Lister, message: Message, name: str) -> Said:
    words, out = lister.words, message.direction == "out"
    full = str(message.more.get("full_text", ""))
    failed = message.status in ("failed", "undelivered")
    return Said(
        voice="us" if out else "customer",
        who=_who(lister, message.written_by) if out else name or words("ticket.customer"),
        at=lister.desk.local(message.at),
        text=message.text,
        language=str(message.reading.get("language", "")),
        channel=message.channel,
        receipt=_receipt(lister, message) if out else "",
        failed=failed,
        full_text=full if full.strip() != message.text.strip() and not out else "",
        subject=str(message.more.get("subject", "")),
        files=len(message.more.get("media", [])),
        id=message.id,
    )


def _receipt(lister: Lister, message: Message) -> str:
    words = lister.words
    parts = [words.of("receipts", message.status)]
    if message.error:
        parts.append(words("receipts.error", code=message.error))
    if message.tries > 1:
        parts.append(words.many("receipts.tries", message.tries))
    return ", ".join(parts)


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


def _extension(lister: Lister, one: Ticket) -> tuple[work.Longer | None, work.Refused | None]:
    try:
        return work.extension(lister.tx, lister.desk, one), None
    except work.Refused as why:
        return None, why


def _closes(lister: Lister, talk: Conversation | None) -> str:
    """The time until WhatsApp's window shuts; empty where it is shut or there is none."""
    if talk is None or talk.channel != "whatsapp" or talk.heard_at is None:
        return ""
    closes = talk.heard_at + WINDOW
    return lister.window(closes) if closes > lister.tx.now else ""


def _who(lister: Lister, actor: str) -> str:
    kind, _, one = actor.partition(":")
    if kind == "staff":
        return lister.names.get(one, one)
    return lister.words.of("ticket", kind) if kind in ("bot", "customer", "system") else actor


def _cut(text: str) -> str:
    return text if len(text) <= 34 else text[:33].rstrip() + "…"
