"""The pages behind the links in mails. Looking changes nothing (mail scanners open every link); only pressing does.

Used, expired, forged, foreign: every dead link reads the same.
"""

from __future__ import annotations

from datetime import datetime

from bot import denial
from bot.turns import Parts
from bot.words import Page
from storage import addresses, codes, conversations, inbox, links, optouts, tickets
from storage.db import Tx
from storage.tickets import Ticket


def look(tx: Tx, parts: Parts, token: str) -> Page:
    """The page as the link opens it."""
    found = _asked(tx, token)
    if found is None:
        return parts.words.page("confirm_failed", "en")
    challenge, ticket, language, channel = found
    at: datetime = challenge.at
    return parts.words.page(
        "confirm_page",
        language,
        ref=ticket.reference,
        right=parts.words.phrase(f"right_{'portability' if ticket.portable else ticket.right}", language),
        time=parts.words.moment(at, parts.company.timezone, language),
        channel="WhatsApp" if channel == "whatsapp" else "email",
    )


def press(tx: Tx, parts: Parts, token: str) -> Page:
    """Confirm: the code's challenge is used, and the thread that asked for it gets its turn."""
    found = _asked(tx, token)
    used = codes.confirm(tx, found[0].id) if found else None
    if found is None or used is None:
        return parts.words.page("confirm_failed", "en")
    proved, conversation_id, asker_id = used
    event = {"event": "confirmed", "conversation": conversation_id, "challenge": proved.challenge_id}
    inbox.nudge(tx, asker_id, f"event:{proved.challenge_id}", event)
    return parts.words.page("confirm_done", found[2])


def deny(tx: Tx, parts: Parts, token: str) -> Page:
    """ "I did not ask": the code is void, staff look into it."""
    # Also after the code was used or has run out: that is when its owner finds the mail.
    challenge_id = links.read(tx.vault, "confirm", token, tx.now - codes.NOT_ME_HOLD)
    message = codes.message_of(tx, challenge_id) if challenge_id else None
    asking = codes.deny(tx, message) if message else None
    conversation = conversations.get(tx, asking) if asking else None
    if conversation is None:
        return parts.words.page("confirm_failed", "en")
    denial.take_back(tx, conversation.id)
    return parts.words.page("not_me_noted", conversation.language)


def unsubscribe_look(tx: Tx, parts: Parts, token: str) -> Page:
    """The page of an unsubscribe link (RFC 8058): nothing changes by looking."""
    name = "unsubscribe_page" if links.read(tx.vault, "unsubscribe", token, tx.now) else "confirm_failed"
    return parts.words.page(name, "en")


def unsubscribe_press(tx: Tx, parts: Parts, token: str) -> Page:
    """Stop marketing to the address the link was mailed to."""
    address_id = links.read(tx.vault, "unsubscribe", token, tx.now)
    if address_id is None:
        return parts.words.page("confirm_failed", "en")
    address = addresses.get(tx, address_id)
    optouts.add(tx, address.kind, address.value, "customer")
    return parts.words.page("unsubscribe_done", "en")


def _asked(tx: Tx, token: str) -> tuple[codes.Challenge, Ticket, str, str] | None:
    """The live challenge behind a good token, its ticket, and the language and channel it was asked in."""
    challenge_id = links.read(tx.vault, "confirm", token, tx.now)
    challenge = codes.get(tx, challenge_id) if challenge_id else None
    if challenge is None or challenge.state != "live" or tx.now >= challenge.expires_at:
        return None
    conversation = conversations.get(tx, challenge.conversation_id)
    waiting = tickets.of_conversation(tx, challenge.conversation_id, ("verifying",))
    if conversation is None or not waiting:
        return None
    return challenge, waiting[0], conversation.language, conversation.channel
