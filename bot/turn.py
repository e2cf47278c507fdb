"""One turn: from a message that was heard to its answers in the outbox, all in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot import answers, dialogue, parking, runner, staffing
from bot.answers import Reply
from bot.dialogue import Seen
from bot.heard import Heard
from bot.talk import Question, Talk
from bot.turns import Parts, Turn
from bot.words import Line, Said
from intents.understanding import Understanding
from storage import addresses, conversations, inbox, outbox, tickets
from storage.addresses import Address
from storage.conversations import Conversation
from storage.db import Tx
from storage.outbox import Letter

QUIET = timedelta(days=30)  # after so long the bot says again that it is one
# Answers to one address, over all its threads, before a loop of two machines or a forged sender is assumed. People
# chat faster than they mail.
BUDGETS = {
    "mail": ((timedelta(hours=1), 10), (timedelta(days=1), 30)),
    "whatsapp": ((timedelta(hours=1), 60), (timedelta(days=1), 200)),
}
EVENT = "event"


def language_of(tx: Tx, heard: Heard) -> str | None:
    """The language of the conversation a message belongs to, so far; None where it begins one."""
    asker = addresses.find(tx, heard.address_kind, heard.address)
    found = _conversation(tx, asker, heard) if asker else None
    return found.language if found else None


def take(tx: Tx, parts: Parts, heard: Heard, said: Understanding, dedup: str) -> None:
    """Answer one message: keep it, choose, act, say. Machines' mails are kept and never answered."""
    turn, talk = _begin(tx, parts, heard, said, dedup)
    if heard.kind != "message":
        if heard.bounced:
            outbox.failed(tx, heard.bounced, "bounced")
        return
    if _remembered(turn, talk):
        talk.ask("contact", *(ticket.id for ticket in turn.waiting_tickets()), again=True)
    turn.asked = _awaiting_code(said, talk) or talk.front
    if turn.asked:
        reply = Reply(heard, said, turn.choice, parts.places, turn.asked)
        turn.answer = answers.read(reply)
    seen = _seen(turn, talk)
    if seen.over_budget:
        staffing.escalate(turn, "loop")
    plan = dialogue.plan(seen)
    talk.stopped = False
    if "unclear" not in plan:
        _understood(turn, talk)
    talk, lines = runner.run(turn, talk, plan)
    # Over the budget a stop to marketing still takes effect, but two machines must not go on answering each other.
    _end(turn, talk, [] if seen.over_budget else lines)


def _awaiting_code(said: Understanding, talk: Talk) -> Question | None:
    """The question for a code, wherever it stands in the queue: a typed code is tried, whatever else is asked."""
    if said.code.act not in ("code", "two"):
        return None
    return next((question for question in talk.questions if question.name == "code"), None)


def confirmed(tx: Tx, parts: Parts, event: dict[str, Any]) -> None:
    """A link was confirmed in the browser: the thread that asked for the code goes on."""
    conversation = conversations.get(tx, event["conversation"])
    if conversation is None:
        raise LookupError("a confirmed link of no conversation")
    asker = addresses.get(tx, conversation.address_id)
    heard = Heard(conversation.channel, EVENT, asker.kind, asker.value)
    turn = Turn(tx, parts, conversation, asker, heard, None, None, conversation.language)
    talk = Talk.of(conversation.slots)
    turn.asked = talk.front
    talk, lines = runner.run(turn, talk, ("confirmed", "ask"))
    _end(turn, talk, lines)


def give_up(tx: Tx, parts: Parts, heard: Heard | None, channel: str, dedup: str, error: str) -> None:
    """After the last try: the message is kept for staff, and the customer is told so. Unreadable: it is set aside."""
    if heard is None:
        inbox.set_aside(tx, channel, dedup, error)
        return
    turn, talk = _begin(tx, parts, heard, None, dedup)
    conversations.give_to_staff(tx, turn.conversation.id, "failed", "system")
    if heard.kind == "message":
        _end(turn, talk, [Line("turn_failed")])


def _begin(tx: Tx, parts: Parts, heard: Heard, said: Understanding | None, dedup: str) -> tuple[Turn, Talk]:
    asker = addresses.meet(tx, heard.address_kind, heard.address)
    language = said.language if said else "en"
    conversation = _conversation(tx, asker, heard) or conversations.start(tx, heard.channel, asker.id, language)
    talk = Talk.of(conversation.slots)
    more = {"subject": heard.subject, "full_text": heard.full_text, "choice": heard.choice, "media": list(heard.media)}
    more |= {"message_id": heard.message_id, "references": list(heard.references)}
    message = inbox.keep(
        tx, conversation.id, kind=heard.kind, text=heard.text, more=more, dedup=dedup,
        language=said.language if said else "", reading=_reading(said, talk),
    )  # fmt: skip
    language = said.language if said else conversation.language
    turn = Turn(tx, parts, conversation, asker, heard, said, message, language)
    parking.release(turn)
    turn.choice = answers.chosen(heard, talk, said)
    if turn.choice.startswith("menu:") and said:
        # A row of the menu says what is wanted more plainly than any sentence.
        chosen = replace(said, labels=(turn.choice.removeprefix("menu:"),), sure=True, between=(), social="")
        turn.said = chosen
    return turn, talk


def _conversation(tx: Tx, asker: Address, heard: Heard) -> Conversation | None:
    """The thread a message belongs to. A mail joins one only by answering it from the address the thread is with."""
    if heard.channel != "mail":
        return conversations.latest(tx, heard.channel, asker.id)
    for message_id in heard.answers:
        found = conversations.of_message(tx, message_id)
        if found and found.address_id == asker.id:
            return found
    return None


def _seen(turn: Turn, talk: Talk) -> Seen:
    said, heard = turn.said, turn.heard
    if said is None:
        raise LookupError("a message that was not understood cannot be planned")
    code = said.code.act in ("code", "two") and _awaiting_code(said, talk) is None
    return Seen(
        labels=_labels(turn, said),
        sure=said.sure or bool(turn.choice),
        between=() if turn.choice else said.between,
        social="" if turn.choice else said.social,
        keyword=said.keyword,
        stray_code=code,
        not_me=said.keyword == "not_me" or turn.choice == "btn:not_me",
        quiet=turn.choice == parking.READ_IT,
        media="" if heard.text or not heard.media else heard.media[0].partition("/")[0],
        question=turn.asked.name if turn.asked else "",
        answer=turn.answer,
        with_staff=turn.with_staff,
        over_budget=_over_budget(turn),
        another_stop=talk.stopped and _address_alone(said),
    )


def _understood(turn: Turn, talk: Talk) -> None:
    """This message was understood: what an earlier one meant is asked no more, unless there are readings to choose."""
    talk.unclear = 0
    if turn.asked and turn.asked.name == "reading" and not turn.asked.data.get("between") and not turn.answer:
        talk.drop("reading")


def _remembered(turn: Turn, talk: Talk) -> bool:
    """Whether somebody who had no other contact to name, or was asked for none any more, names one after all."""
    bare = turn.said is not None and _address_alone(turn.said) and not talk.stopped
    return bare and talk.front is None and bool(turn.waiting_tickets())


def _address_alone(said: Understanding) -> bool:
    return bool(said.contacts) and said.labels == ("out_of_scope",)


def _over_budget(turn: Turn) -> bool:
    limits = BUDGETS[turn.heard.channel]
    return any(outbox.recent(turn.tx, turn.asker.id, turn.tx.now - span) >= most for span, most in limits)


def _labels(turn: Turn, said: Understanding) -> frozenset[str]:
    """What the message wants. A tapped button or its typed title wants what the button says and nothing else."""
    if turn.choice == "btn:person":
        return frozenset({"human"})
    return frozenset() if turn.choice and not turn.choice.startswith("menu:") else frozenset(said.labels)


def _end(turn: Turn, talk: Talk, lines: Sequence[Line]) -> None:
    """Put what was said into the outbox and keep where the talk stands."""
    if lines:
        lines = (*_introduction(turn, talk), *lines)
        said = turn.parts.words.say(
            lines, channel="mail" if turn.mail else "whatsapp", language=turn.language, frame=turn.frame(),
            reference=_subject_reference(turn) if turn.mail else "",
        )  # fmt: skip
        for one in said:
            outbox.put(turn.tx, turn.conversation.id, turn.asker, _letter(turn, one), written_by="bot")
        talk.offered = [[choice.id, choice.title] for one in said for choice in one.choices]
    heard_at = turn.tx.now if turn.heard.kind == "message" else turn.conversation.heard_at
    conversations.save(
        turn.tx, turn.conversation.id, slots=talk.slots(), language=turn.language, heard_at=heard_at or turn.tx.now
    )


def _introduction(turn: Turn, talk: Talk) -> list[Line]:
    """At first contact, and after 30 quiet days, the bot says that it is one; and once that it lacks the language."""
    last = turn.conversation.heard_at
    now = turn.tx.now
    if talk.introduced_at and last and now - last < QUIET:
        return []
    talk.introduced_at = now.isoformat()
    missing = turn.parts.words.fallback(turn.language)
    return [Line("first_line")] + ([Line("language_missing")] if missing else [])


def _subject_reference(turn: Turn) -> str:
    mine = [t for t in tickets.of_conversation(turn.tx, turn.conversation.id) if t.right != "opt_out"]
    return mine[0].reference if mine else ""


def _letter(turn: Turn, said: Said) -> Letter:
    # A mail has no buttons: its text names the choices, and the channel would list them a second time.
    choices = () if turn.mail else tuple((choice.id, choice.title) for choice in said.choices)
    return Letter(
        said.text, choices, said.as_list, said.list_title, said.subject, said.language, said.template, said.variables,
        said.names,
    )  # fmt: skip


def _reading(said: Understanding | None, talk: Talk) -> dict[str, Any]:
    """What was understood, kept beside the message. One that is to hold a code is marked: nobody may read that."""
    if said is None:
        return {}
    intents = [{"name": reading.name, "confidence": round(reading.confidence, 3)} for reading in said.readings]
    reading: dict[str, Any] = {"language": said.language, "language_score": round(said.language_score, 3)}
    reading |= {"labels": list(said.labels), "sure": said.sure, "intents": intents, "signs": sorted(said.signs)}
    if _awaiting_code(said, talk):
        reading["code"] = True
    return reading
