"""What the tests of the store share: a clock that is moved by hand, and rows that other rows need."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from storage import addresses, conversations, tickets
from storage.addresses import Address
from storage.conversations import Conversation
from storage.db import Store, Tx
from storage.tickets import Promise, Ticket
from storage.vault import Vault

SECRET, OLD_SECRET = "the secret that seals from now on, 1", "the secret that is being rotated out"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PROMISE = Promise("gdpr", date(2026, 12, 23), date(2026, 12, 7), True, "GDPR Art. 12(3)")


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default=START)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Forward, or back where the number is negative."""
        self.now += timedelta(**by)


def store_of(url: str, clock: Clock | None = None, secrets: Sequence[str] = (SECRET,)) -> Store:
    """A store on a database that has its tables."""
    return Store(url, Vault(secrets), clock or Clock(), os.urandom)


def talk(tx: Tx, value: str = "+254700000001", kind: str = "whatsapp") -> tuple[Conversation, Address]:
    """A conversation with an address."""
    address = addresses.meet(tx, kind, value)
    channel = "mail" if kind == "email" else "whatsapp"
    return conversations.start(tx, channel, address.id, "en"), address


def file_ticket(tx: Tx, state: str = "open", *, promise: Promise = PROMISE, **row: Any) -> Ticket:
    """A ticket of a new person, filed now."""
    one, address = talk(tx, row.pop("value", "+254700000001"))
    values: dict[str, Any] = {"right": "deletion", "needs": 2, "received_at": tx.now, "channel": "whatsapp"}
    values |= {"language": "en", "person_id": address.person_id, "conversation_id": one.id, "detail": {}}
    return tickets.file(tx, promise=promise, state=state, **(values | row))


class Undone(Exception):
    """Raised at the end of a block that is to leave nothing."""


@contextmanager
def undone(store: Store) -> Iterator[Tx]:
    """A write that fails after its last step."""
    try:
        with store.write() as tx:
            yield tx
            raise Undone
    except Undone:
        return


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run each in a thread of its own, all at once; their results, or what they raised."""
    results: list[Any] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(place: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = work()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
