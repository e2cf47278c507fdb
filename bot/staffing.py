"""Handing a conversation to a person: the desk shows it, the customer is told by when somebody answers."""

from __future__ import annotations

from bot.say import Say
from bot.turns import Turn
from storage import conversations, tickets


def hand_over(turn: Turn, say: Say, reason: str, text: str = "") -> None:
    """Give this conversation and its open tickets to staff; from here the bot keeps to opt-outs and codes."""
    conversations.give_to_staff(turn.tx, turn.conversation.id, reason, "bot")
    turn.with_staff = True
    escalate(turn, reason)
    say(text or ("human_open" if turn.parts.company.is_open(turn.tx.now) else "human_closed"))


def escalate(turn: Turn, reason: str) -> None:
    """Put the open tickets of this conversation before staff, while the bot goes on."""
    for ticket in turn.open_tickets():
        if not ticket.escalated:
            tickets.amend(turn.tx, ticket, "ticket.escalated", "bot", escalated=True, reason=reason)
