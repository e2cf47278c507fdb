"""The webhooks: what a provider delivers is checked, stored and only then answered with success."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from channels.base import Arrival, Channel, Post, Receipt, Refused, Reply
from storage import inbox, outbox, queue
from storage.db import Tx
from storage.tables import item
from wiring.house import House
from wiring.problems import BUSY, busy, problem

BODY_SECONDS = 30.0  # a provider's post is there in one breath; who takes longer holds a place on purpose


class NotStored(Exception):
    """A delivery was neither stored nor there before; whoever sent it shall come again."""


UNSTORED: tuple[type[Exception], ...] = (*BUSY, NotStored)


@dataclass(slots=True)
class Stored:
    """How many of one post's parts were new, and how many were there already."""

    accepted: int = 0
    repeated: int = 0
    receipts: int = 0


@dataclass(frozen=True, slots=True)
class Door:
    """Where posts of one house come in. `wake` is called after each commit that left work for the worker."""

    house: House
    wake: Callable[[], None] = field(default=lambda: None)

    async def take(self, name: str, request: Request, *, receipts: bool = False) -> Response:
        """Store a post to the channel `name` and answer as its provider expects.

        A post that was turned away gets the channel's status, one that could not be stored 503: never success for what
        is not on the disk.
        """
        channel = self.house.channels.get(name)
        if channel is None:
            return problem(request, 404, "channel_off", "This channel is switched off.")
        try:
            body = await read_body(request, channel.max_body)
            stored = await run_in_threadpool(self._keep, channel, _post(request, body))
        except Refused as refused:
            self.house.metrics.refused.labels(name, refused.code).inc()
            return problem(request, refused.status, refused.code, refused.code.replace("_", " ").capitalize() + ".")
        except UNSTORED as error:
            self.house.metrics.refused.labels(name, "busy").inc()
            return busy(request, error)
        self._count(name, stored)
        return _answer(channel.receipt_reply if receipts else channel.reply)

    def _keep(self, channel: Channel, post: Post) -> Stored:
        found, stored = channel.receive(post, self.house.clock()), Stored()
        if found:
            with self.house.store.write() as tx:
                for one in found:
                    _record(tx, one, stored) if isinstance(one, Arrival) else _receipt(tx, one, stored)
        return stored

    def _count(self, name: str, stored: Stored) -> None:
        metrics = self.house.metrics
        metrics.accepted.labels(name).inc(stored.accepted)
        metrics.repeated.labels(name).inc(stored.repeated)
        metrics.receipts.labels(name).inc(stored.receipts)
        if stored.accepted:
            self.wake()


def router(door: Door) -> APIRouter:
    """The routes by which providers call."""
    routes = APIRouter(prefix="/in", include_in_schema=False)

    @routes.post("/whatsapp")
    async def whatsapp(request: Request) -> Response:
        return await door.take("whatsapp", request)

    @routes.post("/whatsapp/status")
    async def whatsapp_status(request: Request) -> Response:
        return await door.take("whatsapp", request, receipts=True)

    @routes.post("/mail/{provider}")
    async def mail(request: Request) -> Response:
        return await door.take("mail", request)

    return routes


async def read_body(request: Request, most: int) -> bytes:
    """The body, of which never more than `most` bytes are held. Raises Refused (413, 408, 400)."""
    said = request.headers.get("content-length", "0")
    if not said.isascii() or not said.isdigit():
        raise Refused(400, "bad_length")
    if len(said) > 12 or int(said) > most:
        raise Refused(413, "too_large")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise Refused(413, "too_large")
    except TimeoutError:
        raise Refused(408, "too_slow") from None
    return bytes(body)


def _post(request: Request, body: bytes) -> Post:
    """The request as the provider signed it: path and query exactly as they came."""
    path, query = request.scope["raw_path"], request.scope["query_string"]
    return Post(path.decode("latin-1"), query.decode("latin-1"), dict(request.headers), body)


def _record(tx: Tx, one: Arrival, stored: Stored) -> None:
    kind, value = (one.sender.kind, one.sender.value) if one.sender else ("", "")
    try:
        # A savepoint: a repeat among several deliveries of one post must not undo the others.
        with tx.conn.begin_nested():
            inbox.record(tx, one.dedup, kind, value, one.raw)
    except queue.Repeat:
        # Success is answered only because the first one is on the disk, so that is looked at and not believed.
        if tx.conn.scalar(select(item.c.seq).where(item.c.dedup == one.dedup)) is None:
            raise NotStored from None
        stored.repeated += 1
    else:
        stored.accepted += 1


def _receipt(tx: Tx, one: Receipt, stored: Stored) -> None:
    outbox.receipt(tx, one.message, one.provider_id, one.status, one.rank, one.error)
    stored.receipts += 1


def _answer(reply: Reply) -> Response:
    if reply.status == 204:
        return Response(status_code=204)
    return Response(reply.body, reply.status, media_type=reply.content_type)
