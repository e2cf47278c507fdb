"""Details of a request: what to correct, whether to delete, which use is objected to, how much to copy."""

from __future__ import annotations

from bot import proof, staffing
from bot.actions.base import TurnAction
from bot.actions.requests import end
from bot.say import Say
from bot.talk import Talk
from storage import optouts, tickets
from storage.tickets import Ticket


class Detail(TurnAction):
    """An answer to a question about one ticket."""

    question: str

    def ticket(self, talk: Talk) -> Ticket:
        """The ticket that was asked about; its question is answered now."""
        asked = self.turn.asked
        if asked is None:
            raise LookupError("no question was open")
        talk.questions = [q for q in talk.questions if (q.name, q.tickets) != (asked.name, asked.tickets)]
        return tickets.get(self.turn.tx, asked.tickets[0])

    def note(self, ticket: Ticket, **detail: str | bool) -> None:
        """Keep what was answered on the ticket."""
        tickets.amend(self.turn.tx, ticket, "ticket.detail", "customer", detail=detail)

    def confirm(self, say: Say, talk: Talk, ticket: Ticket) -> None:
        """Keep the yes. Where nothing of the ticket is left to ask (it was proved before), say at least that."""
        self.note(ticket, confirmed=True)
        if not any(ticket.id in question.tickets for question in talk.questions):
            say("detail_noted", ref=ticket.reference)


class AnswerCorrectionField(Detail):
    """Which detail to correct."""

    label = "answer_correction_field"

    def act(self, say: Say, talk: Talk) -> None:
        """With the new value in the same message there is nothing left but to confirm it."""
        ticket, answer = self.ticket(talk), self.turn.answer
        if answer.kind == "deny":
            talk.forget([ticket.id])
            talk.ask("withdraw_confirm", ticket.id)
        elif answer.kind == "affirm":
            talk.ask("correction_field", ticket.id)
        else:
            given = self.turn.said.details[0].new_value if self.turn.said and self.turn.said.details else ""
            self.note(ticket, field=str(answer.value), new_value=given or "")
            if given:
                talk.drop("correction_value")
                talk.ask("correction_confirm", ticket.id)


class AnswerCorrectionValue(Detail):
    """What the detail should be."""

    label = "answer_correction_value"

    def act(self, say: Say, talk: Talk) -> None:
        """The text as it was written, to be confirmed."""
        ticket, answer = self.ticket(talk), self.turn.answer
        if answer.kind == "deny":
            talk.ask("withdraw_confirm", ticket.id)
        elif answer.kind == "affirm":
            talk.ask("correction_value", ticket.id)
        else:
            self.note(ticket, new_value=str(answer.value)[:200])
            talk.ask("correction_confirm", ticket.id)


class AnswerCorrectionConfirm(Detail):
    """Whether field and new value were read right."""

    label = "answer_correction_confirm"

    def act(self, say: Say, talk: Talk) -> None:
        """Yes: on to proof; no: what should it be; another value: confirm that one."""
        ticket, answer = self.ticket(talk), self.turn.answer
        if answer.kind == "affirm":
            self.confirm(say, talk, ticket)
        elif answer.kind == "deny":
            talk.ask("correction_value", ticket.id)
        else:
            self.note(ticket, new_value=str(answer.value)[:200])
            talk.ask("correction_confirm", ticket.id)


class AnswerDeletionConfirm(Detail):
    """Whether to go on with a deletion, which cannot be undone."""

    label = "answer_deletion_confirm"

    def act(self, say: Say, talk: Talk) -> None:
        """Only an explicit no ends it."""
        ticket = self.ticket(talk)
        if self.turn.answer.kind == "deny":
            end(self.turn, talk, ticket)
            say("deletion_stopped", ref=ticket.reference)
        else:
            self.confirm(say, talk, ticket)


class AnswerObjectionUse(Detail):
    """Which use is objected to. Marketing stops at once and needs nothing more."""

    label = "answer_objection_use"

    def act(self, say: Say, talk: Talk) -> None:
        """Consent withdrawn needs no reason, so none is asked."""
        turn, answer = self.turn, self.turn.answer
        ticket = self.ticket(talk)
        if answer.kind == "value" and answer.value == "marketing":
            optouts.add(turn.tx, turn.asker.kind, turn.asker.value, "customer")
            talk.forget([ticket.id])
            changed = tickets.amend(turn.tx, ticket, "ticket.reread", "customer", right="opt_out", needs=0)
            tickets.move(turn.tx, changed, "fulfilled", "bot")
            say("optout_done")
        elif answer.kind == "affirm":
            talk.ask("objection_use", ticket.id)
        elif answer.kind == "value":
            self.note(ticket, use=str(answer.value)[:200])
            if ticket.detail.get("consent"):
                talk.drop("objection_reason")
                say("detail_noted", ref=ticket.reference)


class AnswerObjectionReason(Detail):
    """A reason that lies in the person's own situation, if there is one."""

    label = "answer_objection_reason"

    def act(self, say: Say, talk: Talk) -> None:
        """Skipping it costs nothing."""
        ticket, answer = self.ticket(talk), self.turn.answer
        if answer.kind == "value":
            self.note(ticket, reason=str(answer.value)[:2000])
        say("detail_noted", ref=ticket.reference)


class AnswerComplaintText(Detail):
    """What happened."""

    label = "answer_complaint_text"

    def act(self, say: Say, talk: Talk) -> None:
        """A reported leak goes to a person at once."""
        ticket, answer = self.ticket(talk), self.turn.answer
        if answer.kind == "value":
            self.note(ticket, text=str(answer.value)[:4000])
        say("detail_noted", ref=ticket.reference)
        if ticket.reason == "leak":
            talk.drop("country")
            staffing.hand_over(self.turn, say, "leak")


class AnswerAccessChoice(Detail):
    """Summary or full copy."""

    label = "answer_access_choice"

    def act(self, say: Say, talk: Talk) -> None:
        """The summary opens now; the full copy needs one more contact."""
        ticket, answer = self.ticket(talk), self.turn.answer
        if answer.kind == "affirm":
            talk.ask("access_choice", ticket.id)
        elif answer.value == "full":
            self.note(ticket, scope="full")
            talk.ask("second_contact", ticket.id)
        else:
            scoped = tickets.amend(self.turn.tx, ticket, "ticket.detail", "customer", detail={"scope": "summary"})
            proof.open_if(self.turn, talk, scoped, proof.standing(self.turn).level)
            proof.announce(self.turn, say, talk)
