"""Evidence: what is known of a ticket or a talk, as data."""

from __future__ import annotations

from collections.abc import Sequence

from staff import shapes
from storage import audit, codes, thread, tickets
from storage import staff as people
from storage.audit import Entry
from storage.conversations import Conversation
from storage.db import Tx
from storage.tickets import Ticket


def of_ticket(tx: Tx, one: Ticket) -> shapes.Evidence:
    """Everything about one ticket: moves, thread, notes, proofs, and the audit rows of ticket and talk."""
    talk = one.conversation_id
    trail = audit.trail(tx, one.subject) + (audit.trail(tx, f"conversation:{talk}") if talk else [])
    proofs = codes.proofs(tx, talk) if talk else []
    notes = people.notes(tx, one.id)
    moves = tickets.moves(tx, one.id)
    return shapes.Evidence(
        ticket=shapes.Ticket.of(one),
        detail=one.detail,
        moves=[shapes.Move(move=m.move, at=m.at, due_on=m.due_on, law=m.law, by=m.by) for m in moves],
        thread=messages(thread.of_conversation(tx, talk)) if talk else [],
        notes=[shapes.Note(at=note.at, by=f"staff:{note.staff_id}", text=note.text) for note in notes],
        proofs=[shapes.Proof(method=p.method, at=p.at, matched=p.contact_id is not None) for p in proofs],
        audit=[_entry(entry) for entry in trail],
    )


def of_talk(tx: Tx, talk: Conversation) -> shapes.Conversation:
    """A talk with its messages and tickets."""
    return shapes.Conversation(
        id=talk.id,
        channel=talk.channel,
        language=talk.language,
        staff_since=talk.staff_since,
        staff_reason=talk.staff_reason,
        heard_at=talk.heard_at,
        tickets=[shapes.Ticket.of(one) for one in tickets.of_conversation(tx, talk.id)],
        messages=messages(thread.of_conversation(tx, talk.id)),
    )


def messages(found: Sequence[thread.Message]) -> list[shapes.Message]:
    """Messages as data."""
    names = shapes.Message.model_fields
    return [shapes.Message(**{name: getattr(one, name) for name in names}) for one in found]


def _entry(entry: Entry) -> shapes.Entry:
    return shapes.Entry(**{name: getattr(entry, name) for name in shapes.Entry.model_fields})
