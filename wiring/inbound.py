"""One turn: a stored message is read, understood outside any transaction, and answered inside one."""

from __future__ import annotations

import json

import structlog

from bot import turn
from bot.heard import Heard
from channels.base import Inbound
from storage import inbox, queue
from storage.queue import MAX_TRIES, Claim, Fenced, Follow
from wiring.house import House

log = structlog.get_logger()
EVENT = "event:"  # dedup keys of our own events begin so; a message's begins with the name of its channel


class Unreadable(Exception):
    """What was stored is no message in our words. Holds a short reason, never a text."""


class Turns:
    """Takes the items of `in:` lanes."""

    def __init__(self, house: House, follow: Follow = queue.no_other) -> None:
        """`follow` makes the next claim in the transaction that ends a turn: one commit instead of two."""
        self._house, self._follow = house, follow

    def take(self, held: Claim) -> Claim | None:
        """Take one claimed item to its end: done, due again later, or handed to staff. Returns the claim that follows.

        A turn that raises leaves nothing behind. Tries count from the claim on, so that a message which kills the whole
        process is given up as well. Raises only database errors.
        """
        try:
            if held.tries > MAX_TRIES:
                raise Unreadable("crashed")
            following = self._turn(held)
        except Fenced:
            self._count("fenced")
            log.warning("turn.fenced", lane=held.lane, seq=held.seq)
        except Exception as error:
            # Whatever a turn raises, the message is kept and tried again; nobody is left without an answer.
            self._failed(held, error)
        else:
            self._count("done")
            return following
        return None

    def _turn(self, held: Claim) -> Claim | None:
        if held.dedup.startswith(EVENT):
            return self._event(held)
        inbound = self._read(held)
        reason = _unreadable(inbound)
        if reason:
            self._set_aside(held, reason)
            return None
        heard = heard_of(inbound)
        with self._house.store.read() as tx:
            language = turn.language_of(tx, heard)
        understanding = self._house.reader.understand(heard.text, language)
        with self._house.store.write() as tx:
            turn.take(tx, self._house.parts, heard, understanding, held.dedup)
            queue.finish(tx, held)
            return self._follow(tx)

    def _event(self, held: Claim) -> Claim | None:
        with self._house.store.write() as tx:
            turn.confirmed(tx, self._house.parts, json.loads(held.body))
            queue.finish(tx, held)
            return self._follow(tx)

    def _read(self, held: Claim) -> Inbound:
        channel = self._house.channels.get(_channel(held))
        if channel is None:
            raise Unreadable("channel_off")
        return channel.read(held.body)

    def _set_aside(self, held: Claim, reason: str) -> None:
        with self._house.store.write() as tx:
            turn.give_up(tx, self._house.parts, None, _channel(held), held.dedup, reason[:40])
            queue.finish(tx, held, status="dead", error=reason[:120])
        log.warning("message.set_aside", lane=held.lane, seq=held.seq)

    def _failed(self, held: Claim, error: Exception) -> None:
        name = type(error).__name__
        self._count("failed")
        self._house.metrics.turn_failures.labels(name).inc()
        log.warning("turn.failed", lane=held.lane, seq=held.seq, tries=held.tries, exc_info=error)
        try:
            if held.tries < MAX_TRIES:
                with self._house.store.write() as tx:
                    queue.retry(tx, held, name, self._house.chance())
            else:
                self._give_up(held, name)
        except Fenced:
            log.warning("turn.fenced", lane=held.lane, seq=held.seq)

    def _give_up(self, held: Claim, error: str) -> None:
        """The last try failed: staff take over. Where even that fails, the message is set aside: others go on."""
        self._count("given_up")
        log.error("turn.given_up", lane=held.lane, seq=held.seq, tries=held.tries)
        heard = self._heard_again(held)
        try:
            with self._house.store.write() as tx:
                turn.give_up(tx, self._house.parts, heard, _channel(held), held.dedup, error[:40])
                queue.finish(tx, held, status="dead", error=error[:120])
        except Fenced:
            raise
        except Exception as second:
            # Staff still see it, as a delivery that could not be read.
            log.error("turn.give_up_failed", lane=held.lane, seq=held.seq, exc_info=second)
            with self._house.store.write() as tx:
                inbox.set_aside(tx, _channel(held)[:16], held.dedup, error[:40])
                queue.finish(tx, held, status="dead", error=error[:120])

    def _heard_again(self, held: Claim) -> Heard | None:
        """The message where it can be read at all: a failing reader must not stand in the way of giving up."""
        if held.dedup.startswith(EVENT):
            return None
        try:
            inbound = self._read(held)
        except Exception:
            # It was logged when the turn failed by it.
            return None
        return None if _unreadable(inbound) else heard_of(inbound)

    def _count(self, result: str) -> None:
        self._house.metrics.turns.labels(result).inc()


def heard_of(inbound: Inbound) -> Heard:
    """The channel's message in the bot's words: the two rooms do not know each other."""
    return Heard(
        channel=inbound.channel,
        kind=inbound.kind,
        address_kind=inbound.sender.kind if inbound.sender else "",
        address=inbound.sender.value if inbound.sender else "",
        also=tuple((one.kind, one.value) for one in inbound.also),
        text=inbound.text,
        full_text=inbound.full_text,
        choice=inbound.choice,
        subject=inbound.subject,
        answers=inbound.answers,
        message_id=inbound.message_id,
        references=inbound.references,
        media=tuple(media.content_type for media in inbound.media),
        bounced=inbound.bounced,
    )


def _unreadable(inbound: Inbound) -> str:
    """Why a message cannot be answered; "" where it can. Only a bounce may come from nobody."""
    if inbound.kind == "unreadable":
        return inbound.error or "unreadable"
    return "" if inbound.sender or inbound.kind == "bounce" else "no_sender"


def _channel(held: Claim) -> str:
    return held.dedup.partition(":")[0]
