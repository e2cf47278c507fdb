"""Requests: filing them, their status, ending them."""

from __future__ import annotations

from bot import filing
from bot.actions.base import TurnAction
from bot.say import Say
from bot.talk import Talk
from bot.turns import Turn
from law.rights import Right
from storage import codes, tickets
from storage.tickets import Ticket


class File(TurnAction):
    """File the rights of a message."""

    label = "file"

    def act(self, say: Say, talk: Talk) -> None:
        """One ticket each; their questions join the queue."""
        rights = self.turn.said.labels if self.turn.said else ()
        filing.file_rights(self.turn, say, talk, [r for r in rights if r in set(Right) - {Right.OPT_OUT}])


class Status(TurnAction):
    """Tell stage and date, at level 0: never the outcome, never the content."""

    label = "status"

    def act(self, say: Say, talk: Talk) -> None:
        """Of the references in the message, else of this conversation's requests."""
        turn = self.turn
        references = turn.said.references if turn.said else ()
        found = [tickets.by_reference(turn.tx, one) for one in references]
        if not all(found):
            say("status_unknown")
        known = [one for one in found if one] or ([] if references else turn.open_tickets() or _last_closed(turn))
        if not references and not known:
            say("status_none")
        elif len(known) > 1:
            say("status_list", status_lines=turn.parts.words.join((_short(turn, t) for t in known), turn.language))
        for ticket in known if len(known) == 1 else ():
            _tell(turn, say, ticket)


def _tell(turn: Turn, say: Say, ticket: Ticket) -> None:
    stage = _stage(turn, ticket)
    if ticket.closed_at:
        closed = turn.parts.words.date(turn.local_day(ticket.closed_at), turn.language)
        say("status_closed", ref=ticket.reference, stage=stage, closed_date=closed)
    elif _is_late(turn, ticket):
        tickets.amend(turn.tx, ticket, "ticket.escalated", "bot", escalated=True, reason="late")
        say("status_late", ref=ticket.reference, date=turn.day(ticket))
    elif "late_why" in turn.signs:
        received = turn.parts.words.date(turn.local_day(ticket.received_at), turn.language)
        say("status_why", ref=ticket.reference, received=received, date=turn.day(ticket), stage=stage)
    else:
        say("status_one", ref=ticket.reference, stage=stage, date=turn.day(ticket))


class Withdraw(TurnAction):
    """Somebody wants to end a request: asked once more, ended on a yes only."""

    label = "withdraw"

    def act(self, say: Say, talk: Talk) -> None:
        """Ask which one where there are several."""
        mine = self.turn.open_tickets()
        named = [t for t in mine if self.turn.said and t.reference in self.turn.said.references]
        if not mine:
            say("status_none")
        elif len(named or mine) == 1:
            talk.ask("withdraw_confirm", (named or mine)[0].id)
        else:
            talk.ask("withdraw_pick", *(ticket.id for ticket in mine))


class AnswerWithdrawPick(TurnAction):
    """Which request to end."""

    label = "answer_withdraw_pick"

    def act(self, say: Say, talk: Talk) -> None:
        """A reference, or all of them."""
        answer, mine = self.turn.answer, self.turn.open_tickets()
        talk.drop("withdraw_pick")
        one = tickets.by_reference(self.turn.tx, str(answer.value)) if answer.kind == "value" else None
        if answer.value == "all":
            talk.ask("withdraw_confirm", *(ticket.id for ticket in mine))
        elif one and one.id in {ticket.id for ticket in mine}:
            talk.ask("withdraw_confirm", one.id)
        elif answer.kind == "value":
            say("status_unknown")
        elif mine:
            say("withdraw_kept", ref=mine[0].reference, date=self.turn.day(mine[0]))


class AnswerWithdrawConfirm(TurnAction):
    """The yes or no to ending a request."""

    label = "answer_withdraw_confirm"

    def act(self, say: Say, talk: Talk) -> None:
        """A yes ends it and forgets its questions."""
        turn = self.turn
        ids = turn.asked.tickets if turn.asked else []
        talk.drop("withdraw_confirm")
        for ticket in [tickets.get(turn.tx, one) for one in ids]:
            if turn.answer.kind == "affirm":
                end(turn, talk, ticket)
                say("withdraw_done", ref=ticket.reference)
            else:
                say("withdraw_kept", ref=ticket.reference, date=turn.day(ticket))


def end(turn: Turn, talk: Talk, ticket: Ticket) -> None:
    """End a request at the person's wish; codes asked for it are void where nothing else waits for them."""
    tickets.move(turn.tx, ticket, "withdrawn", "customer")
    talk.forget([ticket.id])
    if not turn.waiting_tickets():
        codes.void(turn.tx, turn.conversation.id)


def _short(turn: Turn, ticket: Ticket) -> str:
    return f"{ticket.reference}: {_stage(turn, ticket)}, {turn.day(ticket)}"


def _stage(turn: Turn, ticket: Ticket) -> str:
    return turn.parts.words.phrase(f"stage_{ticket.state}", turn.language)


def _last_closed(turn: Turn) -> list[Ticket]:
    closed = tickets.of_conversation(turn.tx, turn.conversation.id, tickets.CLOSED_STATES)
    return [ticket for ticket in closed if ticket.right != Right.OPT_OUT][-1:]


def _is_late(turn: Turn, ticket: Ticket) -> bool:
    return turn.local_day(turn.tx.now) > ticket.target_on
