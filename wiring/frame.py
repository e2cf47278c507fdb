"""Around every request: headers that keep browsers strict, a measured time, a plain answer to what nobody caught."""

from __future__ import annotations

import asyncio
import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wiring.metrics import Metrics
from wiring.problems import problem

log = structlog.get_logger()
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
# A part that needs another header sets its own; these hold where none was set.
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
BODY_SECONDS = 35.0  # for a whole body, on every page; the doors that read large ones are stricter
STRICT_TRANSPORT = "max-age=31536000"


class Frame:
    """The outermost layer of the web app."""

    def __init__(self, app: ASGIApp, metrics: Metrics, https: bool) -> None:
        """`https`: whether customers reach us by https; browsers are then told never to come without."""
        self._app, self._metrics = app, metrics
        self._headers = HEADERS | ({"strict-transport-security": STRICT_TRANSPORT} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, _in_time(receive), answer)
        except ClientDisconnect:
            status = 499
        except Exception:
            # Whatever it was, the stranger outside learns nothing of it; the log has its class and place.
            log.exception("request.failed", method=_method(scope), path=route(scope))
            if not status:
                broken = problem(Request(scope), 500, "internal", "Something went wrong on our side.")
                await broken(scope, receive, answer)
        finally:
            seconds = time.perf_counter() - begun
            self._metrics.requests.labels(_method(scope), route(scope), str(status or 500)).observe(seconds)


def _in_time(receive: Receive) -> Receive:
    """The same body, if it comes soon enough: who drips it in counts as gone."""
    end, whole = 0.0, False

    async def soon() -> Message:
        nonlocal end, whole
        if whole:  # what comes now is the end of the connection, and that may take its time
            return await receive()
        end = end or time.monotonic() + BODY_SECONDS
        try:
            async with asyncio.timeout(end - time.monotonic()):
                message = await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}
        whole = not message.get("more_body", False)
        return message

    return soon


def route(scope: Scope) -> str:
    """The template of the path (`/confirm/{token}`), for a path itself may hold a secret."""
    return str(getattr(scope.get("route"), "path", "") or "none")


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else "other"
