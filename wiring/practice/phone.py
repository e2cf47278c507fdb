"""Pretend phones: what each shows, in memory only."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

WINDOW = timedelta(hours=24)  # after a customer's last message; beyond it WhatsApp takes approved templates only
MOST = 200  # bubbles kept


@dataclass(frozen=True, slots=True)
class Option:
    """A quick reply or list row that can be tapped. `id` goes back to the webhook."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on a phone. `mine` is the customer's own. `callback` is where its receipts go."""

    id: str
    mine: bool
    text: str
    at: datetime
    status: str
    options: tuple[Option, ...] = ()
    list_title: str = ""
    callback: str = ""


class Phone:
    """One phone's talk with the company. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bubbles: deque[Bubble] = deque(maxlen=MOST)
        self.heard_at: datetime | None = None  # by WhatsApp: the customer's last message

    def add(self, bubble: Bubble) -> None:
        """A new message. An answer shows that what was written before it has been read."""
        with self._lock:
            if not bubble.mine:
                self._change(lambda one: one.mine and one.status == "delivered", "read")
            self._bubbles.append(bubble)

    def mark(self, bubble_id: str, status: str) -> None:
        """The status of one message has changed."""
        with self._lock:
            self._change(lambda one: one.id == bubble_id, status)

    def read_all(self) -> list[Bubble]:
        """The customer looks at the phone: the messages that are read only now."""
        with self._lock:
            fresh = [one for one in self._bubbles if not one.mine and one.status == "delivered"]
            self._change(lambda one: not one.mine and one.status == "delivered", "read")
        return fresh

    def bubbles(self) -> list[Bubble]:
        """Everything on the screen, oldest first."""
        with self._lock:
            return list(self._bubbles)

    def find(self, bubble_id: str) -> Bubble | None:
        """The message with this id, if it is still on the screen."""
        return next((one for one in self.bubbles() if one.id == bubble_id), None)

    def clear(self) -> None:
        """An empty screen. WhatsApp's window stays as it is."""
        with self._lock:
            self._bubbles.clear()

    def window_until(self, now: datetime) -> datetime | None:
        """Until when plain messages get through; None where the window is closed or was never open."""
        ends = self.heard_at + WINDOW if self.heard_at else None
        return ends if ends and now < ends else None

    def _change(self, which: Callable[[Bubble], bool], status: str) -> None:
        for at, one in enumerate(self._bubbles):
            if which(one):
                self._bubbles[at] = replace(one, status=status)


class Phones:
    """The phones of all pretend customers, by number or user id."""

    def __init__(self, numbers: Iterable[str]) -> None:
        self._phones = {number: Phone() for number in numbers}

    def find(self, number: str) -> Phone | None:
        """The phone with that number, as WhatsApp would find it."""
        return self._phones.get(number)

    def __getitem__(self, number: str) -> Phone:
        return self._phones[number]
