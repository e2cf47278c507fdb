"""The webhooks: what a provider delivers is checked, stored and only then answered with success."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Request
from sqlalchemy import select
from starlette.responses import Response

from channels.base import Arrival, Channel, Post, Receipt, Refused, Reply
from channels.mail import FORMATS, SKEW
from storage import inbox, outbox, queue
from storage.db import Tx
from storage.tables import item
from wiring.bodies import Bodies, read_body
from wiring.house import House
from wiring.problems import BUSY, busy, later, problem

THREADS = 12  # for webhooks alone, so that nothing else the web process does can keep a provider waiting
SIGNED = re.compile(r"t=([0-9]{1,12}),\s?v1=[0-9a-fA-F]{64}")  # as channels/mail.py reads it


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
    bodies: Bodies = field(default_factory=Bodies)
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(THREADS))

    async def take(self, name: str, request: Request, *, receipts: bool = False) -> Response:
        """Store a post to the channel `name` and answer as its provider expects.

        A post that was turned away gets the channel's status, one that could not be stored 503: never success for what
        is not on the disk.
        """
        channel = self.house.channels.get(name)
        if channel is None:
            return problem(request, 404, "channel_off", "This channel is switched off.")
        try:
            if name == "mail":
                self._must_look_signed(request)
            with self.bodies.place() as place:
                post = _post(request, await read_body(request, channel.max_body, place))
                stored = await anyio.to_thread.run_sync(self._keep, channel, post, limiter=self.threads)
        except Refused as refused:
            self.house.metrics.refused.labels(name, refused.code).inc()
            answer = problem(request, refused.status, refused.code, refused.code.replace("_", " ").capitalize() + ".")
            return later(answer) if refused.status == 503 else answer
        except UNSTORED as error:
            self.house.metrics.refused.labels(name, "busy").inc()
            return busy(request, error)
        self._count(name, stored)
        return _answer(channel.receipt_reply if receipts else channel.reply)

    def _must_look_signed(self, request: Request) -> None:
        """A mail may be 25 MB: nobody gets to send one without a fresh signature, right or wrong. Raises Refused."""
        if request.path_params["provider"] not in FORMATS:
            raise Refused(404, "unknown_format")
        match = SIGNED.fullmatch(request.headers.get("x-signature", ""))
        if match is None:
            raise Refused(403, "bad_signature")
        if abs(self.house.clock().timestamp() - int(match[1])) > SKEW:
            raise Refused(403, "stale_signature")

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
