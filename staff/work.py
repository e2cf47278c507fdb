"""What staff do with a ticket, for desk and API alike: each inside one `Store.write()`, each with its audit row."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from law import Right
from staff import promises
from staff.base import Desk
from staff.base import Refused as Refused
from storage import audit, board, conversations, outbox, thread, tickets
from storage import staff as people
from storage.addresses import EMAIL
from storage.db import Tx
from storage.outbox import Letter
from storage.pieces import pieces
from storage.staff import Staff
from storage.tickets import CLOSED_STATES, Ticket

GROUNDS: tuple[str, ...] = tuple(tomllib.loads((Path(__file__).parent / "grounds.toml").read_text("utf-8"))["codes"])
LATE = ("failed", "undelivered")
LONGEST_TEXT = 20_000  # characters of an answer or a note


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page showed when its form was made: the ticket's state, and how many messages its conversation held."""

    state: str
    said: int


def claim(tx: Tx, ticket_id: str, who: Staff) -> Ticket:
    """Take a ticket, also from somebody else; what nobody works on yet is in progress from now. Raises Refused."""
    one = _open_one(tx, ticket_id)
    if one.assignee != who.id:
        one = tickets.amend(tx, one, "ticket.claimed", who.actor, assignee=who.id)
    return _start(tx, one, who)


def release(tx: Tx, ticket_id: str, who: Staff) -> Ticket:
    """Give a ticket back to everybody. Raises Refused."""
    one = tickets.amend(tx, _open_one(tx, ticket_id), "ticket.released", who.actor, assignee=None)
    return tickets.move(tx, one, "open", who.actor, reason=one.reason) if one.state == "in_progress" else one


def reply(tx: Tx, ticket_id: str, who: Staff, text: str, *, ask_back: bool = False, seen: Seen | None = None) -> Ticket:
    """Answer the customer in their own thread. `ask_back`: the ticket then waits for them. Raises Refused.

    `seen` refuses the answer where the ticket or the thread went on since the writer looked.
    """
    one = _open_one(tx, ticket_id, seen)
    if one.assignee is None:
        one = tickets.amend(tx, one, "ticket.claimed", who.actor, assignee=who.id)
    one = _start(tx, one, who)
    _send(tx, one, who, text)
    if ask_back and one.state != "waiting":
        one = tickets.move(tx, one, "waiting", who.actor, reason=one.reason)
    return one


def note(tx: Tx, ticket_id: str, who: Staff, text: str) -> Ticket:
    """Keep an internal note; it is never sent. Raises Refused."""
    one = board.hold(tx, ticket_id)
    people.write_note(tx, one.id, who, _checked(text))
    return one


def fulfil(tx: Tx, ticket_id: str, who: Staff, text: str, *, partly: bool = False, seen: Seen | None = None) -> Ticket:
    """Close a ticket as done, or done in part, with the text that tells the customer so. Raises Refused."""
    return _close(tx, ticket_id, who, text, "partly_fulfilled" if partly else "fulfilled", "", seen)


def refuse(tx: Tx, ticket_id: str, who: Staff, ground: str, text: str, *, seen: Seen | None = None) -> Ticket:
    """Close a ticket as refused on one of `GROUNDS`, with the text that tells the customer why. Raises Refused."""
    if ground not in GROUNDS:
        raise Refused("ground")
    return _close(tx, ticket_id, who, text, "refused", ground, seen)


def reopen(tx: Tx, ticket_id: str, who: Staff) -> Ticket:
    """Look again at a closed ticket; its dates stay as they were promised. Raises Refused."""
    one = board.hold(tx, ticket_id)
    if one.state not in CLOSED_STATES:
        raise Refused("not_closed")
    one = _move(tx, one, "in_progress", who, reason="contested")
    return tickets.amend(tx, one, "ticket.claimed", who.actor, assignee=who.id)


def extend(
    tx: Tx, desk: Desk, ticket_id: str, who: Staff, reason: str, *, due_on: date | None = None, seen: Seen | None = None
) -> Ticket:
    """Use the extension the law offers and tell the customer, in one: without the notice it would not count.

    `due_on` is needed where the law names no length, and ignored elsewhere. Raises Refused.
    """
    one = _open_one(tx, ticket_id, seen)
    promise = promises.longer(tx, desk, one, due_on)
    _send(tx, one, who, reason)
    return tickets.promise_anew(tx, one, promise, "extended", who.actor)


def hand_back(tx: Tx, conversation_id: str, who: Staff) -> None:
    """From now the bot answers again in this conversation. Raises Refused."""
    talk = conversations.get(tx, conversation_id)
    if talk is None or talk.staff_since is None:
        raise Refused("not_with_staff")
    conversations.give_back(tx, conversation_id, who.actor)


def say(tx: Tx, conversation_id: str, who: Staff, text: str, seen: int) -> None:
    """Answer in a conversation that has no ticket. `seen`: how many messages the writer saw. Raises Refused."""
    if seen != board.said(tx, conversation_id):
        raise Refused("stale")
    message = _put(tx, conversation_id, who, text)
    audit.record(tx, f"conversation:{conversation_id}", "conversation.answer", who.actor, message=message)


def settle_message(tx: Tx, message_id: str, who: Staff) -> None:
    """An answer that did not arrive has been dealt with some other way. Raises Refused."""
    one = thread.one(tx, message_id)
    if one is None or one.direction != "out" or one.status not in LATE:
        raise Refused("not_failed")
    outbox.settle(tx, [message_id])
    audit.record(tx, f"conversation:{one.conversation_id}", "message.settled", who.actor, message=message_id)


def settle_aside(tx: Tx, aside_id: str, who: Staff) -> None:
    """A delivery that could not be read has been dealt with. Raises Refused."""
    if not board.settle_aside(tx, aside_id, who.actor):
        raise Refused("settled")


def take_in(
    tx: Tx, desk: Desk, who: Staff, *, right: Right, received_at: datetime, channel: str, country: str, **told: str
) -> Ticket:
    """File a request that came by phone or letter; its clock runs from `received_at`. Raises Refused.

    `told`: the person's `name`, `text` and, where there is one, `contact`, as staff wrote them down.
    """
    if received_at > tx.now:
        raise Refused("future")
    promise = promises.first(desk, right, received_at, country)
    row = {"right": right.value, "received_at": received_at, "channel": channel, "country": country, "state": "open"}
    needs = desk.company.level_needed(right.value)
    return tickets.file(
        tx,
        promise=promise,
        detail=told,
        by=who.actor,
        needs=needs,
        language=desk.company.languages[0],
        person_id=board.newcomer(tx),
        conversation_id=None,
        message_id=None,
        assignee=None,
        **row,
    )


def _close(tx: Tx, ticket_id: str, who: Staff, text: str, state: str, reason: str, seen: Seen | None) -> Ticket:
    one = _move(tx, _open_one(tx, ticket_id, seen), state, who, reason=reason)
    if one.assignee is None:
        one = tickets.amend(tx, one, "ticket.claimed", who.actor, assignee=who.id)
    if one.conversation_id:
        _send(tx, one, who, text)
    else:
        # Nobody to send it to: what was said on the phone or written on paper is kept beside the ticket.
        people.write_note(tx, one.id, who, _checked(text))
    return one


def _open_one(tx: Tx, ticket_id: str, seen: Seen | None = None) -> Ticket:
    one = board.hold(tx, ticket_id)
    if one.state in CLOSED_STATES:
        raise Refused("closed", state=one.state)
    if seen and seen != Seen(one.state, board.said(tx, one.conversation_id)):
        raise Refused("stale")
    return one


def _start(tx: Tx, one: Ticket, who: Staff) -> Ticket:
    if one.state in ("open", "verifying"):
        return tickets.move(tx, one, "in_progress", who.actor, reason=one.reason)
    return one


def _move(tx: Tx, one: Ticket, to: str, who: Staff, reason: str) -> Ticket:
    try:
        return tickets.move(tx, one, to, who.actor, reason=reason, escalated=False)
    except tickets.WrongMove as wrong:
        raise Refused("move", state=wrong.state, to=wrong.to) from None


def _send(tx: Tx, one: Ticket, who: Staff, text: str) -> None:
    if one.conversation_id is None:
        raise Refused("no_thread")
    message = _put(tx, one.conversation_id, who, text)
    audit.record(tx, one.subject, "ticket.answer", who.actor, message=message)


def _put(tx: Tx, conversation_id: str, who: Staff, text: str) -> str:
    talk = conversations.get(tx, conversation_id)
    if talk is None:
        raise Refused("no_thread")
    to = board.address_of(tx, conversation_id)
    subject = _subject(tx, conversation_id) if to.kind == EMAIL else ""
    plain = _checked(text)
    # A mail holds any length, a chat message does not; the parts of one answer leave in order, through one lane.
    parts = [plain] if to.kind == EMAIL else list(pieces(plain))
    letters = (Letter(part, subject=subject, language=talk.language) for part in parts)
    first, *_ = [outbox.put(tx, conversation_id, to, letter, written_by=who.actor) for letter in letters]
    return first


def _subject(tx: Tx, conversation_id: str) -> str:
    asked = [m.more.get("subject", "") for m in thread.of_conversation(tx, conversation_id) if m.direction == "in"]
    subject = " ".join(str(asked[-1]).split()) if asked else ""
    return subject if not subject or subject.lower().startswith("re:") else f"Re: {subject}"


def _checked(text: str) -> str:
    plain = text.strip()
    if not plain or len(plain) > LONGEST_TEXT:
        raise Refused("text", most=LONGEST_TEXT)
    return plain
