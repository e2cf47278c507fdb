"""Proof of identity: where a code goes, how strongly somebody is proved, and which tickets that opens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.say import Say
from bot.talk import Talk
from bot.turns import Turn, in_order
from bot.words import Line
from intents.contacts import contacts_in
from intents.fold import clean
from intents.understanding import Contact
from storage import addresses, codes, directory, links, outbox, tickets
from storage.addresses import EMAIL, WHATSAPP, same
from storage.codes import Asked, Target, Wait
from storage.outbox import Letter
from storage.tickets import Ticket

PROVED = 2  # the level of one contact on file
# A number or mailbox can change hands: what was proved yesterday opens nothing new today.
PROOF_LIFE = timedelta(hours=24)
LOCAL = 7  # digits from which the end of a number tells whose it is, however it was dialled


def own(turn: Turn, contact: Contact) -> bool:
    """Whether a typed contact is the very address the person writes from."""
    kind = kind_of(contact)
    return kind == turn.asker.kind and same(kind, contact.value) == same(kind, turn.asker.value)


def kind_of(contact: Contact) -> str:
    """The kind of address behind a typed contact: a number is one on WhatsApp."""
    return EMAIL if contact.kind == "email" else WHATSAPP


def send_code(turn: Turn, say: Say, talk: Talk, kind: str, value: str, *, text: str = "proof_code_sent") -> None:
    """Send a code to a contact if it is on file, and say the same words whether it is or not."""
    target = _target(turn, kind, value)
    asked = codes.ask(turn.tx, turn.conversation.id, turn.asker.id, target)
    if isinstance(asked, Wait):
        _say_wait(say, asked)
        return
    if asked.code:
        _deliver(turn, asked, kind, target.value)
    waiting = [ticket.id for ticket in turn.waiting_tickets()]
    talk.drop("contact", "second_contact", "code")
    talk.ask("code", *waiting, kind=kind, value=value)
    say(text)


@dataclass(frozen=True, slots=True)
class Standing:
    """How strongly the person of a conversation is proved now, and as which customer (None: matched to no record)."""

    level: int
    customer_id: str | None = None


def standing(turn: Turn) -> Standing:
    """1 by WhatsApp itself, 2 and 3 by contacts on file for one customer, proved here and not long ago."""
    found: Counter[str | None] = Counter()
    fresh = (p for p in codes.proofs(turn.tx, turn.conversation.id) if turn.tx.now - p.at < PROOF_LIFE)
    for customer_id, _target_hash in {(p.customer_id, p.target) for p in fresh}:
        found[customer_id] += 1
    if not turn.mail:
        # Twilio's signature vouches for the number that writes; a From line in a mail vouches for nothing.
        for customer_id in {c.customer_id for c in directory.on_file(turn.tx, turn.asker.kind, turn.asker.value)}:
            found[customer_id] += customer_id in found
    if not found:
        return Standing(int(not turn.mail))
    customer_id, contacts = max(found.items(), key=lambda one: (one[0] is not None, one[1]))
    # Two addresses that match no record prove that somebody owns two addresses, and no more.
    return Standing(min(3, 1 + contacts) if customer_id else PROVED, customer_id)


def open_proved(turn: Turn, talk: Talk) -> None:
    """Open every waiting ticket that the level now reaches; ask "summary or full copy" where only the summary is."""
    now = standing(turn)
    reached, customer_id = now.level, now.customer_id
    for ticket in turn.waiting_tickets():
        known = tickets.amend(turn.tx, ticket, "ticket.proved", "customer", level=reached, customer_id=customer_id)
        scope = known.detail.get("scope")
        if known.right == "access" and not scope:
            scope = "full" if reached >= turn.parts.company.level_needed("access", known.portable, True) else ""
            if not scope and reached >= turn.parts.company.level_needed("access", known.portable, False):
                talk.ask("access_choice", known.id)
                continue
            known = tickets.amend(turn.tx, known, "ticket.scope", "bot", detail={"scope": scope}) if scope else known
        open_if(turn, talk, known, reached)
    if customer_id:
        directory.link(turn.tx, turn.asker.person_id, customer_id)


def open_if(turn: Turn, talk: Talk, ticket: Ticket, reached: int) -> None:
    """Open one ticket where its level is reached, and remember to say so."""
    full = ticket.detail.get("scope") == "full"
    if reached >= turn.parts.company.level_needed(ticket.right, ticket.portable, full):
        tickets.move(turn.tx, ticket, "open", "customer")
        talk.announce.append(ticket.id)


def announce(turn: Turn, say: Say, talk: Talk) -> None:
    """Say that the check is complete, once, for all tickets it opened, when nothing of it is left to ask."""
    if not talk.announce or any(
        question.name in ("access_choice", "second_contact", "code") for question in talk.questions
    ):
        return
    done = in_order(tickets.get(turn.tx, one) for one in talk.announce)
    if len(done) == 1:
        say("proof_done", ref=done[0].reference, date=turn.day(done[0]))
    else:
        say("proof_done_many", ref_lines=turn.lines(done))
    talk.announce = []
    ask_country(talk, *(ticket.id for ticket in done))


def ask_country(talk: Talk, *ticket_ids: str) -> None:
    """Ask where the person lives, once a conversation: some laws set an earlier date."""
    if not talk.country:
        talk.country = "asked"
        talk.ask("country", *ticket_ids)


def only_this_number(turn: Turn, talk: Talk) -> None:
    """No other contact: a number long on file, and the only one, counts for some rights; staff decide the rest."""
    rule = turn.parts.company.only_contact
    here = directory.on_file(turn.tx, turn.asker.kind, turn.asker.value) if not turn.mail else []
    alone = len(here) == 1 and len(directory.contacts_of(turn.tx, here[0].customer_id)) == 1
    counts = alone and turn.tx.now - here[0].since >= timedelta(days=rule.days_on_file)
    for ticket in turn.waiting_tickets():
        if counts and ticket.right in rule.rights:
            known = tickets.amend(
                turn.tx, ticket, "ticket.proved", "bot", level=rule.level, customer_id=here[0].customer_id
            )
            tickets.move(turn.tx, known, "open", "bot", reason="only_contact")
        else:
            tickets.amend(turn.tx, ticket, "ticket.escalated", "bot", escalated=True, reason="proof")
    talk.drop("contact", "second_contact", "code")


def _target(turn: Turn, kind: str, value: str) -> Target:
    found = directory.on_file(turn.tx, kind, value)
    mine = {c.customer_id for c in directory.on_file(turn.tx, turn.asker.kind, turn.asker.value)}
    fitting = [c for c in found if c.customer_id in mine] or found
    one = fitting[0] if len({c.customer_id for c in fitting}) == 1 else None
    deliver = bool(found) if directory.is_loaded(turn.tx) else not turn.mail or value == turn.asker.value
    if _is_new_value(turn, kind, value):
        deliver = False
    known = one is not None and one.customer_id in mine and not turn.mail
    threaded = not turn.mail or bool(turn.heard.answers)
    where = one.value if one else value  # as the company has it: a look-alike spelling is somebody else's mailbox
    return Target(kind, where, deliver, one.id if one else None, one.customer_id if one else None, known, threaded)


def _is_new_value(turn: Turn, kind: str, value: str) -> bool:
    """The new value of a correction is never where a code goes: "change my email, send the code there" is the theft."""
    new = [str(ticket.detail.get("new_value") or "") for ticket in turn.waiting_tickets()]
    return any(_names(one, kind, value) for one in new if one)


def _names(typed: str, kind: str, value: str) -> bool:
    """Whether a new value, kept as it was typed, is that contact or holds it: "0712 345 678" is +254712345678 too."""
    written = {same(kind, typed), *(same(kind, one.value) for one in contacts_in(clean(typed)))}
    if same(kind, value) in written:
        return True
    digits = same(kind, value).lstrip("+0")
    local = {one.lstrip("+0") for one in written} if kind == WHATSAPP and len(digits) >= LOCAL else set()
    return any(len(one) >= LOCAL and (digits.endswith(one) or one.endswith(digits)) for one in local)


def _deliver(turn: Turn, asked: Asked, kind: str, value: str) -> None:
    to = addresses.meet(turn.tx, kind, value)
    reference = turn.waiting_tickets()[0].reference
    token = links.sign(turn.tx.vault, "confirm", asked.challenge_id, turn.tx.now, codes.LIFE)
    values = {"code": asked.code, "ref": reference, "confirm_url": f"{turn.parts.public_url}/confirm/{token}"}
    line = Line("code_mail" if kind == EMAIL else "code_whatsapp", values)
    channel: Literal["mail", "whatsapp"] = "mail" if kind == EMAIL else "whatsapp"
    (said,) = turn.parts.words.say(
        [line], channel=channel, language=turn.language, frame=turn.frame(), reference=reference
    )
    letter = Letter(
        said.text, subject=said.subject, language=said.language, names=said.names, apart=True,
        template=said.template, variables=said.variables,
    )  # fmt: skip
    message = outbox.put(turn.tx, turn.conversation.id, to, letter, written_by="bot", kind="code")
    codes.delivered_by(turn.tx, asked.challenge_id, message)


def _say_wait(say: Say, wait: Wait) -> None:
    if wait.limit:
        say("code_limit", wait=str(-(-wait.seconds // 60)))
    else:
        say("code_wait", seconds=str(wait.seconds))
