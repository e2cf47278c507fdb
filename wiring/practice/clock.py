"""A clock that can be moved forward, so that a week of waiting takes one press of a button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

FURTHEST = timedelta(days=5 * 366)  # ahead of real time; everything beyond is a stuck button


class PracticeClock:
    """Practice time: real time plus what was added. Called, it gives an aware UTC moment."""

    def __init__(self, real: Callable[[], datetime]) -> None:
        self._real = real
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """Now, in practice time."""
        return self._real() + self._ahead

    @property
    def ahead(self) -> timedelta:
        """How far practice time is ahead of real time."""
        return self._ahead

    def forward(self, step: timedelta) -> None:
        """Let `step` pass at once. Never goes back, and never further than five years ahead."""
        self._ahead = min(self._ahead + max(step, timedelta()), FURTHEST)

    def back_to_real(self) -> None:
        """Real time again. What happened ahead of it keeps its later dates."""
        self._ahead = timedelta()
