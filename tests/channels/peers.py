"""The other side of every channel, on this machine: an HTTP server in Twilio's place, and a real SMTP server."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ACCEPTED = {"sid": "SM" + "f" * 32, "status": "queued"}


class TwilioPeer:
    """Takes messages as Twilio's REST interface does. `answer` is a status and a body, or "hang", or "drop"."""

    def __init__(self) -> None:
        self.answer: tuple[int, object] | str = (201, ACCEPTED)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.release = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def last(self) -> dict[str, str]:
        """The fields of the last request."""
        return {name: values[0] for name, values in parse_qs(self.requests[-1][2].decode()).items()}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                peer.requests.append((self.path, dict(self.headers), body))
                if peer.answer == "hang":
                    peer.release.wait(10)
                if isinstance(peer.answer, str):
                    self.close_connection = True
                    return
                status, content = peer.answer
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler

    @contextmanager
    def running(self) -> Iterator[TwilioPeer]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.release.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class MailPeer:
    """A mail server. `rcpt`, `data` and `mail` are its answers; a mail is in `taken` once it has been accepted."""

    def __init__(self) -> None:
        self.mail = self.rcpt = "250 OK"
        self.data = "250 2.0.0 queued"
        self.silent_after_data = False
        self.taken: list[tuple[str, list[str], bytes]] = []

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.mail

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            self.taken.append((envelope.mail_from or "", envelope.rcpt_tos, content))
        if self.silent_after_data:
            server.transport.abort()  # type: ignore[union-attr]
        return self.data

    @contextmanager
    def running(self, **options: Any) -> Iterator[str]:
        """The server's `host:port`, for a port that is free."""
        loop = asyncio.new_event_loop()
        making = loop.create_server(lambda: SMTP(self, hostname="mx.example", loop=loop, **options), "127.0.0.1", 0)
        server = loop.run_until_complete(making)
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            host, port = server.sockets[0].getsockname()[:2]
            yield f"{host}:{port}"
        finally:
            loop.call_soon_threadsafe(server.close)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


def only(user: str, password: str) -> Any:
    """An authenticator that knows one user."""

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=known, handled=False)

    return check
