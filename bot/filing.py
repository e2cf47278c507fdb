"""Filing: from the rights in a message to tickets, with the questions each of them still needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot import proof, staffing
from bot.say import Say
from bot.talk import Talk
from bot.turns import Turn, in_order
from law.rights import Right, order_in_message
from storage import directory, optouts, tickets
from storage.tickets import Filter, Ticket

# Somebody writes for another person, or a child writes: a clock runs, no code goes to anyone, staff take it from here.
SPECIAL = {"agent": "agent_needed", "deceased": "heir", "minor": "minor"}


def file_rights(turn: Turn, say: Say, talk: Talk, rights: Sequence[str]) -> None:
    """One ticket for each right, one acknowledgement for all; a right that is asked already takes the message in."""
    leak = "leak" in turn.signs
    if "angry" in turn.signs:
        say("sorry_trouble")
    new: list[Ticket] = []
    joined: list[Ticket] = []
    for right in order_in_message(rights, leak):
        same = _asked_before(turn, right)
        (joined if same else new).append(same or _file(turn, right))
    new = in_order(new)
    for ticket in joined:
        tickets.amend(turn.tx, ticket, "ticket.joined", "customer")
        say("ack_joined", ref=ticket.reference, right=turn.right(ticket), date=turn.day(ticket))
    if len(new) == 1:
        say("ack_one", ref=new[0].reference, right=turn.right(new[0]), date=turn.day(new[0]))
    elif new:
        say("ack_many", ref_lines=turn.lines(new))
    turn.filed += [ticket.id for ticket in new]
    for ticket in new:
        _take_up(turn, say, talk, ticket)


def _asked_before(turn: Turn, right: Right) -> Ticket | None:
    """The open request for this right: of this conversation, or by mail of any thread of the same mailbox."""
    here = next((ticket for ticket in turn.open_tickets() if ticket.right == right), None)
    if here or not turn.mail:
        return here
    wanted = Filter(states=tickets.OPEN_STATES, right=right, people=(turn.asker.person_id,), channel="mail")
    found, _ = tickets.listing(turn.tx, wanted, limit=1)
    return found[0] if found else None


def file_optout(turn: Turn) -> Ticket:
    """A stop to marketing has taken effect: its ticket is filed and fulfilled in one."""
    return _file(turn, Right.OPT_OUT, state="fulfilled")


def _file(turn: Turn, right: Right, state: str = "") -> Ticket:
    portable = right == "access" and "portable" in turn.signs
    special = _special(turn, right)
    now = proof.standing(turn)
    needs = turn.parts.company.level_needed(right, portable, False)
    ready = now.level >= needs and right != "access" and special not in SPECIAL
    row: dict[str, Any] = {"right": str(right), "portable": portable, "needs": needs, "level": now.level}
    row |= {"state": state or ("open" if ready else "verifying"), "received_at": turn.tx.now}
    row |= {"escalated": bool(special), "reason": special, "channel": turn.heard.channel, "language": turn.language}
    row |= {
        "customer_id": now.customer_id,
        "person_id": turn.asker.person_id,
        "conversation_id": turn.conversation.id,
        "message_id": turn.message_id,
    }
    return tickets.file(turn.tx, promise=turn.promise(right, portable), detail=_detail(turn, right), **row)


def _special(turn: Turn, right: Right) -> str:
    """What makes a request one for a person at once, with the word for it on the desk."""
    signs = (*SPECIAL, "leak", "authority") if right == Right.COMPLAINT else (*SPECIAL, "leak")
    return next((sign for sign in signs if sign in turn.signs), "")


def _detail(turn: Turn, right: str) -> dict[str, Any]:
    if right == "objection" and "consent" in turn.signs:
        return {"consent": True}
    details = turn.said.details if turn.said and right == "correction" else ()
    if not details or (details[0].field == "other" and not details[0].new_value):
        return {}  # it does not say what is wrong: the bot asks
    return {"field": details[0].field, "new_value": details[0].new_value or ""}


def _take_up(turn: Turn, say: Say, talk: Talk, ticket: Ticket) -> None:
    """Say what this right is told at once, and put what it needs to know into the queue of questions."""
    if ticket.reason in SPECIAL:
        if ticket.reason == "minor":
            optouts.add(turn.tx, turn.asker.kind, turn.asker.value, "customer")
        say(SPECIAL[ticket.reason])
    elif ticket.right == "complaint":
        _take_complaint(turn, say, talk, ticket)
    else:
        if ticket.right == "restriction" and ticket.state == "open":
            # Reversible, so it is done on the strength of the channel alone, where the number is on file.
            here = directory.on_file(turn.tx, turn.asker.kind, turn.asker.value)
            directory.pause(turn.tx, [c.customer_id for c in here])
            say("restriction_noted")
        for name in _questions(ticket):
            talk.ask(name, ticket.id)
        if ticket.right == "access" and ticket.level >= proof.PROVED:
            proof.open_proved(turn, talk)
            proof.announce(turn, say, talk)
        elif ticket.state == "verifying":
            talk.ask("contact", ticket.id)


def _name_authority(turn: Turn, say: Say, talk: Talk) -> None:
    """The authority of the country the person has stated, if we know it: never one guessed from a phone code."""
    if len(talk.country) == 2:
        regime = turn.parts.regimes.regime_for(talk.country)
        if regime.authority_url:
            say("authority_info", authority=regime.authority, authority_url=regime.authority_url)


def _take_complaint(turn: Turn, say: Say, talk: Talk, ticket: Ticket) -> None:
    if ticket.reason == "leak":
        talk.ask("complaint_text", ticket.id, leak=True)
    elif ticket.reason == "authority":
        _name_authority(turn, say, talk)
        staffing.hand_over(turn, say, "authority")
        return
    elif turn.said and len(turn.said.text.split()) < 5:
        talk.ask("complaint_text", ticket.id)
    proof.ask_country(talk, ticket.id)


def _questions(ticket: Ticket) -> tuple[str, ...]:
    if ticket.right == "deletion":
        return ("deletion_confirm",)
    if ticket.right == "objection":
        return ("objection_use", "objection_reason")
    if ticket.right != "correction":
        return ()
    if not ticket.detail.get("field"):
        return ("correction_field", "correction_value")
    return ("correction_confirm",) if ticket.detail.get("new_value") else ("correction_value",)
