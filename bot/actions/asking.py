"""The end of every turn: ask the question that now stands in front, or come back to it after a digression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot import proof
from bot.actions.base import TurnAction
from bot.say import Say
from bot.talk import Question, Talk
from bot.turns import Turn
from storage import tickets
from storage.addresses import EMAIL
from storage.tickets import Ticket

MOST_RESUMES = 3  # digressions in a row after which the open question is no longer repeated
RESUMED = {"code": "resume_code", "contact": "resume_contact", "second_contact": "resume_contact"}


class Ask(TurnAction):
    """Ask what is open: in full where it is new, in one line where the person spoke of something else."""

    label = "ask"

    def act(self, say: Say, talk: Talk) -> None:
        """Nothing is asked of somebody who was just handed to staff."""
        turn = self.turn
        front = talk.front
        if front is None or turn.with_staff:
            return
        if turn.asked is None or (front.name, front.tickets) != (turn.asked.name, turn.asked.tickets):
            talk.digressions = 0
            ASKED.get(front.name, _plainly)(turn, say, talk, front)
        elif not turn.answer:
            talk.digressions += 1
            if talk.digressions <= MOST_RESUMES and not _silent(turn):
                _resume(turn, say, talk, front)
        else:
            talk.digressions = 0
            if _answered_in_vain(turn, front):
                ASKED.get(front.name, _plainly)(turn, say, talk, front)


def _answered_in_vain(turn: Turn, front: Question) -> bool:
    """Whether the same question stands after an answer that nobody has said anything to: a yes, or another value."""
    again = turn.answer.kind == "affirm" and front.name not in RESUMED
    return again or (turn.answer.kind == "value" and front.name == "correction_confirm")


def _silent(turn: Turn) -> bool:
    """Where a resume line would only nag: thanks, and a stop that says itself that the request goes on."""
    said = turn.said
    return bool(said and (said.social == "thanks" or said.labels == ("opt_out",)))


def _resume(turn: Turn, say: Say, talk: Talk, front: Question) -> None:
    ticket = _ticket(turn, front)
    if front.name in RESUMED and ticket:
        say(RESUMED[front.name], ref=ticket.reference)
    elif front.name not in TEXTS or ticket is None:
        ASKED.get(front.name, _plainly)(turn, say, talk, front)
    else:
        _resume_other(turn, say, front, ticket)


def _resume_other(turn: Turn, say: Say, front: Question, ticket: Ticket) -> None:
    name, values = _text(turn, front, ticket)
    question = turn.parts.words.phrase(name, turn.language, **values)
    say("resume_other", choices=turn.parts.words.choices(name, turn.language), ref=ticket.reference, question=question)


def _plainly(turn: Turn, say: Say, talk: Talk, front: Question) -> None:
    name, values = _text(turn, front, _ticket(turn, front))
    say(name, **values)


TEXTS = {
    "withdraw_confirm": "withdraw_confirm",
    "complaint_text": "complaint_ask",
    "correction_field": "correction_ask_field",
    "correction_value": "correction_ask_value",
    "correction_confirm": "correction_confirm",
    "deletion_confirm": "deletion_confirm",
    "objection_use": "objection_ask",
    "objection_reason": "objection_reason",
    "access_choice": "access_choice",
    "second_contact": "proof_second",
    "country": "country_ask",
    "policy_person": "answer_silent",
}


def _text(turn: Turn, front: Question, ticket: Ticket | None) -> tuple[str, dict[str, Any]]:
    """The text id that asks a question, and its values."""
    if front.data.get("leak"):
        return "leak_ask", {}
    values: dict[str, Any] = {}
    if ticket:
        values = {"ref": ticket.reference, "right": turn.right(ticket)}
        field = turn.parts.words.phrase(f"fields_{ticket.detail.get('field') or 'other'}", turn.language)
        values |= {"field": field, "new_value": str(ticket.detail.get("new_value") or "")}
    return TEXTS[front.name], values


def _reading(turn: Turn, say: Say, talk: Talk, front: Question) -> None:
    between = front.data.get("between", [])
    if len(between) < 2:
        say("unclear")
        return
    titles = [turn.parts.words.phrase(f"menu_{name}", turn.language) for name in between[:2]]
    choices = tuple((f"reading:{name}", title) for name, title in zip(between, titles, strict=False))
    say("unclear_between", choices=choices, reading_1=titles[0], reading_2=titles[1])


def _withdraw_pick(turn: Turn, say: Say, talk: Talk, front: Question) -> None:
    refs = [tickets.get(turn.tx, one).reference for one in front.tickets]
    say("withdraw_pick", choices=tuple((f"refs:{ref}", ref) for ref in refs))


def _contact(turn: Turn, say: Say, talk: Talk, front: Question) -> None:
    ticket = _ticket(turn, front)
    if front.data.get("again") and ticket:
        say("resume_contact", ref=ticket.reference)
    elif turn.mail:
        # By mail the code goes to the mailbox at once, if it is on file; the words are the same if it is not.
        proof.send_code(turn, say, talk, EMAIL, turn.asker.value, text="proof_ask_contact")
    else:
        say("proof_ask_contact")


def _code(turn: Turn, say: Say, talk: Talk, front: Question) -> None:
    """A code is asked for by the words that went with it; coming back to it takes one line."""
    ticket = _ticket(turn, front)
    came_back = turn.asked is not None and turn.asked.name not in ("contact", "second_contact", "code")
    if ticket and came_back and front.tickets and not _just_asked(turn):
        say("resume_code", ref=ticket.reference)


def _just_asked(turn: Turn) -> bool:
    return turn.answer.kind in ("resend", "value") and turn.asked is not None and turn.asked.name == "code"


ASKED: Mapping[str, Callable[[Turn, Say, Talk, Question], None]] = {
    "reading": _reading,
    "withdraw_pick": _withdraw_pick,
    "contact": _contact,
    "code": _code,
}


def _ticket(turn: Turn, front: Question) -> Ticket | None:
    return tickets.get(turn.tx, front.tickets[0]) if front.tickets else None
