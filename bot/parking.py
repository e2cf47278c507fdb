"""Parking: a WhatsApp answer outside the 24-hour window waits behind a notice until its customer writes again.

WhatsApp takes free words only within 24 hours of the customer's last message; later it takes approved templates. So the
answer is held, `tpl_news` says that there is one, and the next message from the customer, or the tap on "Read it",
lets it go.
"""

from __future__ import annotations

from datetime import timedelta

from bot.turns import Parts, Turn
from bot.words import Line
from storage import addresses, outbox, tickets
from storage.db import Tx
from storage.outbox import Letter, Sending

WINDOW = timedelta(hours=23, minutes=45)  # our clock is not WhatsApp's: a quarter of an hour stays free
READ_IT = "btn:read_it"


def is_shut(tx: Tx, sending: Sending) -> bool:
    """Whether an answer may not go out in free words now."""
    if sending.to.kind == addresses.EMAIL or sending.letter.template:
        return False
    return sending.heard_at is None or tx.now - sending.heard_at >= WINDOW


def park(tx: Tx, parts: Parts, sending: Sending) -> None:
    """Hold an answer back and announce it, once for all that are held in its conversation."""
    reference = _reference(tx, sending.conversation_id)
    if not reference:
        # Without a request there is nothing an approved notice could name: staff see that it did not arrive.
        outbox.failed(tx, sending.id, "window")
    elif outbox.hold(tx, sending.id):
        _announce(tx, parts, sending, reference)


def release(turn: Turn) -> None:
    """The customer writes: what was held for this conversation goes out first."""
    if not turn.mail and turn.heard.kind == "message":
        outbox.release(turn.tx, turn.conversation.id)


def _announce(tx: Tx, parts: Parts, sending: Sending, reference: str) -> None:
    line = Line("news", {"ref": reference})
    language = sending.letter.language
    (said,) = parts.words.say([line], channel="whatsapp", language=language, frame={}, reference=reference)
    letter = Letter(
        said.text, language=said.language, template=said.template, variables=said.variables, names=said.names
    )
    outbox.put(tx, sending.conversation_id, sending.to, letter, written_by="bot", kind="news")


def _reference(tx: Tx, conversation_id: str) -> str:
    mine = [t for t in tickets.of_conversation(tx, conversation_id) if t.right != "opt_out"]
    return mine[-1].reference if mine else ""
