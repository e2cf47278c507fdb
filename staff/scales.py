"""The scales: passwords are weighed a few at a time. One weighing takes 64 MB and a tenth of a second of every core."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore

AT_ONCE, WAITING = 2, 8
RETRY_SECONDS = 5


class Crowded(Exception):
    """Too many passwords wait to be weighed: whoever signs in shall come again."""


class Scales:
    """Where passwords wait their turn. Who finds the queue full is sent away at once, so that no thread is held."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._places, self._turns = Semaphore(at_once + waiting), Semaphore(at_once)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The time to weigh one password. Wait before a database connection is taken. Raises Crowded."""
        if not self._places.acquire(blocking=False):
            raise Crowded
        try:
            with self._turns:
                yield
        finally:
            self._places.release()
