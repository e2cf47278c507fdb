"""Connections: HTTP/1.1 for those who speak. A silent one is closed, for each holds one of MOST_AT_ONCE places."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0  # in which a whole request head must come, after the start or the last answer


class Impatient(H11Protocol):
    """uvicorn's own protocol with a time limit for heads; it has one only for nothing at all after an answer."""

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """A stranger is there; the time runs, however slowly the head drips in."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The stranger has left."""
        self._stop()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """An answer is out; the time for the next head runs, also while the rest of an unread body drips in."""
        self._wait()
        super().on_response_complete()

    def _wait(self) -> None:
        self._stop()
        self._limit = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop(self) -> None:
        if self._limit:
            self._limit.cancel()

    def _give_up(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
