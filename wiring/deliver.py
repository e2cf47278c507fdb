"""Delivery: a queued answer leaves by its channel, at least once, each try under the same id.

The send stands outside any transaction, so a crash between the provider's yes and our own note of it sends again: mail
then carries the same Message-ID, and a chat message may be seen twice. The other way round it might be lost, which is
worse for an answer that the law asks for.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot import parking
from channels.base import Address, Choice, Outbound, SendError
from storage import outbox, queue
from storage.outbox import Sending
from storage.queue import MAX_TRIES, Claim, Fenced, Follow
from storage.vault import VaultError
from wiring.house import House

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a send failed, and whether another try makes sense."""

    code: str
    permanent: bool


class Deliveries:
    """Takes the items of `out:` lanes."""

    def __init__(self, house: House, follow: Follow = queue.no_other) -> None:
        """`follow` makes the next claim in the transaction that ends a delivery."""
        self._house, self._follow = house, follow

    def take(self, held: Claim) -> Claim | None:
        """Send one claimed answer; or it is tried again, or shown to staff. Returns the claim that follows.

        Raises only database errors.
        """
        try:
            with self._house.store.read() as tx:
                sending = outbox.load(tx, held.dedup)
                shut = parking.is_shut(tx, sending)
            if sending.status != outbox.QUEUED:
                self._finish(held)
            elif shut:
                self._park(held, sending)
            else:
                return self._deliver(held, sending)
        except Fenced:
            log.warning("delivery.fenced", lane=held.lane, seq=held.seq)
        except VaultError as error:
            # Sealed with a key that is gone, or changed: no try will ever open it, and others wait behind it.
            log.error("delivery.unreadable", lane=held.lane, seq=held.seq, exc_info=error)
            with self._house.store.write() as tx:
                queue.finish(tx, held, status="dead", error="unreadable")
        return None

    def _park(self, held: Claim, sending: Sending) -> None:
        """WhatsApp's window is shut for this answer: the bot holds it back and says so."""
        with self._house.store.write() as tx:
            parking.park(tx, self._house.parts, sending)
            queue.finish(tx, held)

    def _deliver(self, held: Claim, sending: Sending) -> Claim | None:
        sent = self._send(sending) if held.tries <= MAX_TRIES else Failure("crashed", True)
        if isinstance(sent, Failure):
            self._failed(held, sending, sent)
            return None
        with self._house.store.write() as tx:
            outbox.sent(tx, sending.id, sent, held.tries)
            queue.finish(tx, held)
            following = self._follow(tx)
        self._count(held, sending, "sent")
        return following

    def _send(self, sending: Sending) -> str | Failure:
        """The provider's id of the message, or why it was not sent."""
        channel = self._house.channels.get(sending.channel)
        if channel is None:
            return Failure("channel_off", True)
        try:
            return channel.send(outbound_of(sending))
        except SendError as error:
            return Failure(error.code, error.permanent)
        except Exception as error:
            # A channel raises SendError alone; where it has a fault, its answers go to staff and others go on.
            log.error("delivery.raised", message=sending.id, channel=sending.channel, exc_info=error)
            return Failure(type(error).__name__, False)

    def _failed(self, held: Claim, sending: Sending, failure: Failure) -> None:
        last = failure.permanent or held.tries >= MAX_TRIES
        with self._house.store.write() as tx:
            if last:
                outbox.failed(tx, sending.id, failure.code, held.tries)
                queue.finish(tx, held, status="dead", error=failure.code[:120])
            else:
                queue.retry(tx, held, failure.code[:120], self._house.chance())
        self._count(held, sending, "failed" if last else "retried")
        log.warning(
            "delivery.failed" if last else "delivery.retried",
            message=sending.id, channel=sending.channel, tries=held.tries, code=failure.code,
        )  # fmt: skip

    def _finish(self, held: Claim) -> None:
        with self._house.store.write() as tx:
            queue.finish(tx, held)

    def _count(self, held: Claim, sending: Sending, result: str) -> None:
        if not held.lane.startswith("code:"):  # wiring/metrics.py says why
            self._house.metrics.deliveries.labels(sending.channel, result).inc()


def outbound_of(sending: Sending) -> Outbound:
    """The stored answer in the channel's words; the same for every try."""
    letter = sending.letter
    return Outbound(
        id=sending.id,
        to=Address(sending.to.kind, sending.to.value),  # type: ignore[arg-type]  # stored from a channel's own address
        text=letter.text,
        sent_at=sending.at,
        choices=tuple(Choice(id, title) for id, title in letter.choices),
        as_list=letter.as_list,
        list_title=letter.list_title,
        template=letter.template,
        variables=letter.variables,
        language=letter.language,
        subject=letter.subject,
        in_reply_to=sending.in_reply_to,
        references=sending.references,
        automatic=not sending.written_by.startswith("staff:"),
    )
