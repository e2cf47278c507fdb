"""Denial: the one a code went to says that they did not ask, perhaps after somebody has used it."""

from __future__ import annotations

from storage import tickets
from storage.db import Tx

FROM_PROOF = 2  # the level from which a ticket was opened by a code and not by the channel alone


def take_back(tx: Tx, conversation_id: str) -> None:
    """Put the asking conversation's requests before staff, and those that a code opened back before the check."""
    for ticket in tickets.of_conversation(tx, conversation_id, tickets.OPEN_STATES):
        level = min(ticket.level, FROM_PROOF - 1)
        known = tickets.amend(
            tx, ticket, "ticket.escalated", "customer", escalated=True, reason="not_me", level=level, customer_id=None
        )
        if known.state == "open" and known.needs >= FROM_PROOF:
            tickets.move(tx, known, "verifying", "customer", reason="not_me")
