"""Bodies of requests: how large, how slow and how many large ones at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Semaphore

from fastapi import Request

from channels.base import Refused

BODY_SECONDS = 30.0  # a provider's post is there in one breath; who takes longer holds a place on purpose
LARGE = 1024 * 1024  # bytes; below, as many bodies are held as there are connections
LARGE_AT_ONCE = 8


@dataclass(slots=True)
class Place:
    """Where one body is held. A large one takes one of few places, and keeps it until it was dealt with."""

    free: Semaphore
    taken: bool = False

    def hold(self, size: int) -> None:
        """The body has `size` bytes or more. Raises Refused (503) where all places for large ones are taken."""
        if size > LARGE and not self.taken:
            if not self.free.acquire(blocking=False):
                raise Refused(503, "crowded")
            self.taken = True


@dataclass(frozen=True, slots=True)
class Bodies:
    """The room for bodies in one process."""

    free: Semaphore = field(default_factory=lambda: Semaphore(LARGE_AT_ONCE))

    @contextmanager
    def place(self) -> Iterator[Place]:
        """A place for one body, given back at the end of the block."""
        place = Place(self.free)
        try:
            yield place
        finally:
            if place.taken:
                self.free.release()


async def read_body(request: Request, most: int, place: Place | None = None) -> bytes:
    """The body, of which never more than `most` bytes are held. Raises Refused (413, 408, 400, 503).

    `place` is needed where `most` is large.
    """
    said = request.headers.get("content-length", "0")
    if not said.isascii() or not said.isdigit():
        raise Refused(400, "bad_length")
    if len(said) > 12 or int(said) > most:
        raise Refused(413, "too_large")
    if place:
        place.hold(int(said))
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise Refused(413, "too_large")
                if place:
                    place.hold(len(body))
    except TimeoutError:
        raise Refused(408, "too_slow") from None
    return bytes(body)
