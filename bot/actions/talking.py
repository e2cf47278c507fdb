"""The rest of a talk: questions about the policy, a person, business matters, greetings, and what is not understood."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot import filing, staffing
from bot.actions.base import TurnAction
from bot.actions.requests import Status
from bot.say import Say
from bot.talk import Talk
from law.rights import Right
from storage import audit, optouts

POINTER_REST = timedelta(hours=24)  # business matters are pointed to sales once a day; two bots arguing help nobody
TOPIC_TEXTS = {"who_are_you": "who_are_you", "optin": "optin_how", "": "answer_silent"}


class Policy(TurnAction):
    """A question that the policy answers, in its own words; where it is silent, a person."""

    label = "policy"

    def act(self, say: Say, talk: Talk) -> None:
        """What the company has set no words for (a fee) is silence too."""
        topic = self.turn.said.topic if self.turn.said else ""
        if topic == "fee" and not self.turn.parts.company.fee_text:
            topic = ""
        if not topic:
            talk.ask("policy_person")
        elif topic == "fee":
            say("answer_fee", fee_text=self.turn.parts.company.fee_text)
        else:
            say(TOPIC_TEXTS.get(topic, f"answer_{topic}"))


class AnswerPolicyPerson(TurnAction):
    """Whether a person should answer what the policy does not."""

    label = "answer_policy_person"

    def act(self, say: Say, talk: Talk) -> None:
        """A no closes it without a word more than needed."""
        talk.drop("policy_person")
        if self.turn.answer.kind == "affirm":
            staffing.hand_over(self.turn, say, "question")
        else:
            say("noted")


class Human(TurnAction):
    """A person is wanted: always given, nobody has to deserve it."""

    label = "human"

    def act(self, say: Say, talk: Talk) -> None:
        """Wanted in the middle of proof instead of a code, the person looks at how it can be done."""
        proving = any(question.name in ("contact", "code", "second_contact") for question in talk.questions)
        if proving and self.turn.choice == "btn:person":
            staffing.hand_over(self.turn, say, "proof", "proof_person")
        else:
            staffing.hand_over(self.turn, say, "asked")


class Business(TurnAction):
    """An order, an invoice, a car: pointed to sales once in 24 hours, then kept for staff in silence."""

    label = "business"

    def act(self, say: Say, talk: Talk) -> None:
        """Silence is no loss: the message stands in the thread on the desk."""
        now = self.turn.tx.now
        if not talk.pointed_at or now - datetime.fromisoformat(talk.pointed_at) >= POINTER_REST:
            talk.pointed_at = now.isoformat()
            say("sales_pointer")


class Greet(TurnAction):
    """Hello, or a yes or no to nothing."""

    label = "greet"

    def act(self, say: Say, talk: Talk) -> None:
        """With a question open, that question is asked again instead."""
        if not talk.front:
            say("greet")


class Thanks(TurnAction):
    """Thanks: answered on WhatsApp. A mail that only thanks gets no answer, or two machines thank each other."""

    label = "thanks"

    def act(self, say: Say, talk: Talk) -> None:
        """With the date, where a request is open."""
        mine = self.turn.open_tickets()
        if self.turn.mail:
            return
        if mine:
            say("thanks_open", ref=mine[0].reference, date=self.turn.day(mine[0]))
        else:
            say("thanks_plain")


class Media(TurnAction):
    """A voice note, a picture or a file: kept for staff, never taken for proof."""

    label = "media"

    def act(self, say: Say, talk: Talk) -> None:
        """A picture while proof is open is treated as an identity paper: nobody asked for one."""
        kinds = self.turn.heard.media
        if any(kind.startswith("audio/") for kind in kinds):
            say("voice_note")
        elif self.turn.waiting_tickets():
            audit.record(self.turn.tx, f"conversation:{self.turn.conversation.id}", "media.refused", "bot")
            say("id_photo")
        else:
            say("media_kept")


class Clarify(TurnAction):
    """Two readings that are close together: the bot asks; a stop to marketing among them was done already."""

    label = "clarify"

    def act(self, say: Say, talk: Talk) -> None:
        """Nothing is filed before the answer."""
        if self.turn.said:
            talk.drop("reading")
            talk.ask("reading", between=list(self.turn.said.between))


class AnswerReading(TurnAction):
    """Which of the readings was meant."""

    label = "answer_reading"

    def act(self, say: Say, talk: Talk) -> None:
        """A stop to marketing took effect when it was first read, so that it needs no more."""
        turn, answer = self.turn, self.turn.answer
        between = turn.asked.data.get("between", []) if turn.asked else []
        if answer.kind == "deny":
            talk.drop("reading")
            talk.ask("reading", between=[])
        elif answer.kind == "value":
            talk.drop("reading")
            talk.unclear = 0
            self.take(say, talk, between if answer.value == "both" else [answer.value])

    def take(self, say: Say, talk: Talk, meant: list[str]) -> None:
        """File the rights that were meant, or do what else was chosen from the menu."""
        turn = self.turn
        rights = [name for name in meant if name in set(Right) - {Right.OPT_OUT}]
        if rights:
            filing.file_rights(turn, say, talk, rights)
        elif "human" in meant:
            staffing.hand_over(turn, say, "asked")
        elif "status" in meant:
            Status(turn).act(say, talk)
        elif "opt_out" in meant and optouts.check(turn.tx, turn.asker.kind, turn.asker.value):
            say("noted")
        elif "opt_out" in meant:
            optouts.add(turn.tx, turn.asker.kind, turn.asker.value, "customer")
            filing.file_optout(turn)
            say("optout_done")


class Unclear(TurnAction):
    """Not understood: asked once, then a person, so that nothing is lost."""

    label = "unclear"

    def act(self, say: Say, talk: Talk) -> None:
        """With a question open, the first time only repeats that question."""
        talk.unclear += 1
        if talk.unclear >= 2:
            staffing.hand_over(self.turn, say, "unclear", "unclear_person")
        elif not talk.front or talk.front.name == "reading":
            talk.drop("reading")
            talk.ask("reading", between=[])
