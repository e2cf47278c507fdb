"""Proof of identity: the contact, the code, the country, and "that was not me"."""

from __future__ import annotations

from bot import denial, proof
from bot.actions.base import TurnAction
from bot.say import Say
from bot.talk import Talk
from bot.turns import Turn
from law.places import Place, country_name
from storage import codes, conversations, tickets
from storage.addresses import EMAIL
from storage.tickets import Promise, Ticket


class AnswerContact(TurnAction):
    """The contact the company should have."""

    label = "answer_contact"

    def act(self, say: Say, talk: Talk) -> None:
        """Two contacts: the first one that is not the writer's own number."""
        turn, answer = self.turn, self.turn.answer
        if answer.kind == "value":
            _try_contact(turn, say, talk)
        elif answer.kind == "deny":
            waiting = turn.waiting_tickets()
            proof.only_this_number(turn, talk)
            if waiting:
                say("proof_only_number", date=turn.day(waiting[0]))
        elif answer.kind == "unreadable":
            say("contact_unreadable")
        elif answer.kind == "resend" and turn.mail:
            proof.send_code(turn, say, talk, EMAIL, turn.asker.value)
        else:
            say("resume_contact", ref=_reference(turn))


class AnswerSecondContact(AnswerContact):
    """A second contact, for the full copy. The summary stays on offer."""

    label = "answer_second_contact"

    def act(self, say: Say, talk: Talk) -> None:
        """[Summary] opens what the first contact proved."""
        if self.turn.answer.value != "summary" and self.turn.answer.kind != "deny":
            super().act(say, talk)
            return
        talk.drop("second_contact")
        for ticket in self.turn.waiting_tickets():
            scoped = tickets.amend(self.turn.tx, ticket, "ticket.detail", "customer", detail={"scope": "summary"})
            proof.open_if(self.turn, talk, scoped, proof.standing(self.turn).level)
        proof.announce(self.turn, say, talk)


class AnswerCode(TurnAction):
    """What comes while a code is awaited."""

    label = "answer_code"

    def act(self, say: Say, talk: Talk) -> None:
        """Right, wrong, two at once, a new one, another contact, or not now."""
        turn, kind = self.turn, self.turn.answer.kind
        if kind == "code":
            _check(turn, say, talk)
        elif kind == "two":
            say("code_two")
        elif kind == "resend":
            where = turn.asked.data if turn.asked else {}
            proof.send_code(turn, say, talk, where["kind"], where["value"])
        elif kind == "value":
            _try_contact(turn, say, talk)
        elif kind == "other_contact":
            talk.drop("code")
            talk.ask("contact", *(ticket.id for ticket in turn.waiting_tickets()), again=True)
        elif kind == "cancel":
            _offer_to_end(turn, talk)
        elif kind == "deny":
            say("resume_later", ref=_reference(turn))
        else:
            say("resume_code", ref=_reference(turn))


class Confirmed(TurnAction):
    """The link of a code mail was confirmed; the thread that asked is told."""

    label = "confirmed"

    def act(self, say: Say, talk: Talk) -> None:
        """As a right code."""
        _proved(self.turn, say, talk)


class StrayCode(TurnAction):
    """Six digits where no code is awaited: never compared with anything."""

    label = "stray_code"

    def act(self, say: Say, talk: Talk) -> None:
        """Say where it belongs."""
        say("code_elsewhere")


class NotMe(TurnAction):
    """The one a code was sent to did not ask for it."""

    label = "not_me"

    def act(self, say: Say, talk: Talk) -> None:
        """Void the code, hold the target, put the asking conversation before staff."""
        turn = self.turn
        asking = {codes.deny(turn.tx, message) for message in turn.heard.answers}
        if not turn.mail:
            asking |= set(codes.deny_at(turn.tx, turn.asker.kind, turn.asker.value))
        for conversation_id in asking - {None}:
            denial.take_back(turn.tx, str(conversation_id))
        say("not_me_noted" if asking - {None} else "code_elsewhere")


class AnswerCountry(TurnAction):
    """Where the person lives. A date only ever moves forward by it."""

    label = "answer_country"

    def act(self, say: Say, talk: Talk) -> None:
        """Asked again once where it cannot be read, then skipped."""
        turn, answer = self.turn, self.turn.answer
        asked = turn.asked.data if turn.asked else {}
        mine = [ticket for ticket in turn.open_tickets() if not turn.asked or ticket.id in turn.asked.tickets]
        if answer.kind in ("unreadable", "affirm") and not asked.get("again"):
            talk.ask("country", again=True)
            say("country_unclear")
            return
        talk.drop("country")
        if answer.kind == "value" and mine:
            talk.country = answer.value.country
            _live_in(turn, say, mine, answer.value)
        elif mine:
            talk.country = "skipped"
            say("detail_noted", ref=mine[0].reference)


def _live_in(turn: Turn, say: Say, mine: list[Ticket], place: Place) -> None:
    code = "-".join(part for part in (place.country, place.subdivision) if part)
    renewed = [(ticket, _with_country(turn, ticket, code)) for ticket in mine]
    sooner = [after for before, after in renewed if after.target_on < before.target_on]
    for ticket in sooner:
        say("country_sooner", ref=ticket.reference, date=turn.day(ticket))
    if not sooner:
        say("country_same", ref=mine[0].reference, date=turn.day(mine[0]))
    _say_law(turn, say, [after for _, after in renewed], place)


def _say_law(turn: Turn, say: Say, mine: list[Ticket], place: Place) -> None:
    regime = turn.parts.regimes.regime_for(place.country, place.subdivision)
    if any(ticket.right == "complaint" for ticket in mine) and regime.authority_url:
        say("authority_info", authority=regime.authority, authority_url=regime.authority_url)
    statutory = next((ticket for ticket in mine if ticket.statutory), None)
    if turn.mail and statutory:
        country = country_name(place.country, turn.language)
        say("ack_law", country=country, due_date=turn.parts.words.date(statutory.due_on, turn.language))


def _with_country(turn: Turn, ticket: Ticket, country: str) -> Ticket:
    d = turn.deadline(ticket.right, ticket.portable, ticket.received_at, country)
    promise = Promise(d.regime, d.due_on, min(d.target_on, ticket.target_on), d.statutory, d.law)
    return tickets.promise_anew(turn.tx, ticket, promise, "rescheduled", "customer", country=country[:8])


def _try_contact(turn: Turn, say: Say, talk: Talk) -> None:
    contacts = turn.answer.value
    other = next((c for c in contacts if turn.mail or not proof.own(turn, c)), None)
    if other is None:
        say("contact_same")
    else:
        proof.send_code(turn, say, talk, proof.kind_of(other), other.value)


def _check(turn: Turn, say: Say, talk: Talk) -> None:
    proved = codes.check(turn.tx, turn.conversation.id, str(turn.answer.value))
    if proved is None:
        say("code_failed")
    else:
        _proved(turn, say, talk)


def _proved(turn: Turn, say: Say, talk: Talk) -> None:
    talk.drop("code", "contact", "second_contact")
    proof.open_proved(turn, talk)
    proof.announce(turn, say, talk)
    if turn.conversation.staff_since is not None and turn.conversation.staff_reason == "proof":
        conversations.give_back(turn.tx, turn.conversation.id, "bot")
        turn.with_staff = False


def _offer_to_end(turn: Turn, talk: Talk) -> None:
    waiting = turn.waiting_tickets()
    if len(waiting) == 1:
        talk.ask("withdraw_confirm", waiting[0].id)
    else:
        talk.ask("withdraw_pick", *(ticket.id for ticket in waiting))


def _reference(turn: Turn) -> str:
    waiting = turn.waiting_tickets()
    return waiting[0].reference if waiting else ""
