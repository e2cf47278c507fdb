"""Pretend mailboxes and the SMTP server that fills them, on this machine only."""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from aiosmtpd.smtp import SMTP, Envelope, Session

from wiring.practice.trouble import Trouble, Troubles

MOST = 100  # mails kept a mailbox
LARGEST = 1024 * 1024  # bytes
START_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that has arrived. `at` is when it came, in practice time; `html` is as sent and not safe to show."""

    id: str
    subject: str
    sender: str
    reply_to: str
    at: datetime
    text: str
    html: str
    message_id: str
    references: tuple[str, ...]


class Mailboxes:
    """All pretend mailboxes, newest mail first. Safe to use from several threads."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._boxes: dict[str, deque[Letter]] = {address: deque(maxlen=MOST) for address in addresses}

    def holds(self, address: str) -> bool:
        """Whether somebody has that address."""
        return address.lower() in self._boxes

    def put(self, address: str, letter: Letter) -> None:
        """A mail has come."""
        with self._lock:
            self._boxes[address.lower()].appendleft(letter)

    def of(self, address: str) -> list[Letter]:
        """The mails of one address, newest first; nothing for an address that nobody has."""
        with self._lock:
            return list(self._boxes.get(address, ()))

    def clear(self, address: str) -> None:
        """An empty mailbox."""
        with self._lock:
            if address in self._boxes:
                self._boxes[address].clear()


class Postman:
    """Takes what our own delivery loop sends (the handler of the SMTP server)."""

    def __init__(self, boxes: Mailboxes, troubles: Troubles, clock: Callable[[], datetime]) -> None:
        self._boxes, self._troubles, self._clock = boxes, troubles, clock
        self._numbers = itertools.count(1)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whether a recipient is taken."""
        if self._troubles.take(Trouble.REFUSED_ONCE):
            return "451 4.3.0 Try again later"
        if self._troubles.take(Trouble.REFUSED) or not self._boxes.holds(address):
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """A whole mail."""
        raw = envelope.original_content or b""
        letter = read(raw, str(next(self._numbers)), self._clock())
        for address in envelope.rcpt_tos:
            self._boxes.put(address, letter)
        return "250 2.0.0 Taken"


def read(raw: bytes, letter_id: str, at: datetime) -> Letter:
    """A mail of our own making, taken apart."""
    mail = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
    return Letter(
        id=letter_id,
        subject=str(mail.get("Subject", "")),
        sender=str(mail.get("From", "")),
        reply_to=parseaddr(str(mail.get("Reply-To", "") or mail.get("From", "")))[1],
        at=at,
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
        message_id=str(mail.get("Message-ID", "")).strip(),
        references=tuple(str(mail.get("References", "")).split()),
    )


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return part.get_content().strip() if part is not None else ""


class MailServer:
    """An SMTP server in a thread of its own. Its port is taken when it is made, so that it is known before `start`."""

    def __init__(self, postman: Postman) -> None:
        self._postman = postman
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port, on 127.0.0.1."""
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Serve from now on."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="practice-mail", daemon=True)
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise TimeoutError("the practice mail server did not start")

    def stop(self) -> None:
        """Serve no more, and give back the port."""
        if self._thread and self._loop and self._over:
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(START_SECONDS)
        self._socket.close()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(self._dialogue, sock=self._socket)
        self._ready.set()
        await self._over.wait()
        server.close()

    def _dialogue(self) -> SMTP:
        return SMTP(
            self._postman,
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            hostname="practice.example",
            ident="practice",
            loop=self._loop,
        )
