"""A town to test the whole house in: customers with phones and mailboxes, the providers between, real sockets.

Messages go in as really signed webhooks to a real web server; answers come out at a stand-in for Twilio's REST
interface and at a real SMTP server. Only the clock is ours: it begins on Tuesday 8 December 2026, 09:10 in Japan.

A test module imports the fixtures `town` (SQLite) or `either_town` (each engine in turn) from here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
import uvicorn
from sqlalchemy import func, select, update
from twilio.request_validator import RequestValidator

from storage import addresses, conversations, directory, staff, thread, tickets
from storage.addresses import EMAIL, WHATSAPP
from storage.db import Store
from storage.directory import Entry
from storage.tables import item, lane, metadata
from storage.tables import ticket as ticket_table
from storage.thread import Message
from storage.tickets import Ticket
from storage.vault import Vault
from tests.channels.peers import MailPeer
from wiring import keeping
from wiring.house import House, build, open_channels
from wiring.metrics import Metrics
from wiring.practice.content import Content, catalogue
from wiring.settings import Settings
from wiring.web import create_app
from wiring.worker import Worker

PUBLIC_URL = "https://desk.example"
ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "token-of-the-town", "whatsapp:+81312345678"
MIME_SECRET = "mime-secret-of-the-town"
MAILBOX = "privacy@desk.example"
SECRET_KEY = "a key of the town that is long enough to be one"
FORM = "application/x-www-form-urlencoded"
MORNING = datetime(2026, 12, 8, 0, 10, tzinfo=UTC)  # a Tuesday, 09:10 in Japan
PASSWORD = "a password of the town"
CODE = re.compile(r"\b\d{6}\b")


class TownClock:
    """A clock that stands still but for a millisecond a look, so that rows sort as they were made; moved by tests."""

    def __init__(self) -> None:
        self.now = MORNING
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self.now += timedelta(milliseconds=1)
            return self.now

    def forward(self, **step: float) -> None:
        """Let time pass: `minutes=11`, `days=15`."""
        self.now += timedelta(**step)


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody with a phone and a mailbox; `number` may be a user id (`KE.8842`) where the number is hidden."""

    number: str = "+447700900101"
    mailbox: str = "somebody@example.net"
    name: str = "Somebody"


@dataclass(frozen=True, slots=True)
class Received:
    """What arrived on a phone or in a mailbox. `id` is our own id of it, read from the callback or the Message-ID."""

    id: str
    to: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()  # (id, title)
    list_title: str = ""
    subject: str = ""
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    sid: str = ""
    callback: str = ""

    @property
    def code(self) -> str:
        """The one-time code in it."""
        found = CODE.search(self.text)
        assert found, "there is no code in it"
        return found[0]


class Exchange:
    """Stands for Twilio's REST interface: checks the account, fills content in, keeps what it took.

    `refusal` is what it answers instead, where it is set.
    """

    def __init__(self, content: Mapping[str, Content]) -> None:
        self.taken: list[Received] = []
        self.refusal: tuple[int, Mapping[str, Any]] | None = None
        self.asked = 0
        self._content = content
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, login: str, form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
        """Status and body for one request."""
        self.asked += 1
        expected = httpx.BasicAuth(ACCOUNT, TOKEN)._auth_header
        if login != expected or path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json" or form["From"] != SENDER:
            return 401, {"code": 20003, "message": "Authenticate", "status": 401}
        if self.refusal:
            return self.refusal
        sid = "SM" + secrets.token_hex(16)
        self.taken.append(self._received(sid, form))
        return 201, {"sid": sid, "status": "queued"}

    def _received(self, sid: str, form: Mapping[str, str]) -> Received:
        callback = form["StatusCallback"]
        ours = dict(parse_qsl(urlsplit(callback).query))["m"]
        to = form["To"].removeprefix("whatsapp:")
        if "ContentSid" not in form:
            return Received(ours, to, form["Body"], sid=sid, callback=callback)
        shown = self._content[form["ContentSid"]].show(form["ContentVariables"])
        choices = tuple((option.id, option.title) for option in shown.options)
        return Received(ours, to, shown.text, choices, shown.list_title, sid=sid, callback=callback)

    def _handler(exchange) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
                status, said = exchange.answer(self.path, self.headers["Authorization"], form)
                data = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler

    @contextmanager
    def running(self) -> Iterator[Exchange]:
        runner = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        runner.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            runner.join()


class _Here(httpx.HTTPTransport):
    """Brings requests for the public address to the server on this machine, as a proxy in front of it would."""

    def __init__(self, port: int) -> None:
        super().__init__(verify=False)  # plain HTTP on this machine; loading certificates takes its time
        self._port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        # A request of its own: cookies go by the address that the browser knows.
        here = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        inner = httpx.Request(
            request.method, here, headers=request.headers, stream=request.stream, extensions=request.extensions
        )
        return super().handle_request(inner)


@dataclass
class Town:
    """One house with its customers around it."""

    house: House
    clock: TownClock
    exchange: Exchange
    post_office: MailPeer
    port: int
    worker: Worker
    _heard: dict[str, int] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The house's store, to look into."""
        return self.house.store

    def browser(self) -> httpx.Client:
        """A new browser: cookies of its own, no redirect followed by itself."""
        return httpx.Client(base_url=PUBLIC_URL, transport=_Here(self.port), follow_redirects=False, timeout=30)

    # --- what customers do

    def write(self, who: Customer, text: str, **fields: str) -> None:
        """Type a message on the phone and wait until everything that follows from it has happened."""
        answer = self.form("/in/whatsapp", whatsapp_form(who, Body=text, **fields))
        assert (answer.status_code, answer.text) == (200, "<Response/>")
        self.settle()

    def tap(self, who: Customer, title: str) -> None:
        """Tap a button, or choose a row, of the newest message on the phone."""
        newest = self.inbox(who.number)[-1]
        choice = next((one for one, shown in newest.choices if shown == title), None)
        assert choice, f"no [{title}] under the newest message, only {newest.choices}"
        names = ("ListId", "ListTitle") if newest.list_title else ("ButtonPayload", "ButtonText")
        self.write(who, title, **dict(zip(names, (choice, title), strict=True)), OriginalRepliedMessageSid=newest.sid)

    def mail(self, who: Customer, text: str, *, reply_to: Received | None = None, subject: str = "My data") -> bytes:
        """Write a mail, or a reply with the text it answers quoted below; returns its bytes."""
        raw = letter(who, text, self.clock.now, reply_to=reply_to, subject=subject)
        answer = self.post_mail(raw)
        assert answer.status_code == 200
        self.settle()
        return raw

    def form(self, path: str, fields: Mapping[str, str], *, token: str = TOKEN) -> httpx.Response:
        """A form posted and signed as Twilio does it."""
        signature = RequestValidator(token).compute_signature(PUBLIC_URL + path, fields)
        with self.browser() as web:
            headers = {"content-type": FORM, "x-twilio-signature": signature}
            return web.post(path, content=urlencode(fields).encode(), headers=headers)

    def post_mail(self, raw: bytes, *, secret: str = MIME_SECRET) -> httpx.Response:
        """A raw mail, signed."""
        at = str(int(self.clock.now.timestamp()))
        mac = hmac.new(secret.encode(), at.encode() + b"." + raw, hashlib.sha256).hexdigest()
        with self.browser() as web:
            headers = {"content-type": "message/rfc822", "x-signature": f"t={at},v1={mac}"}
            return web.post("/in/mail/mime", content=raw, headers=headers)

    # --- what arrives

    def inbox(self, address: str) -> list[Received]:
        """Everything that arrived on a phone (a number or user id) or in a mailbox, oldest first."""
        if "@" not in address:
            return [one for one in self.exchange.taken if one.to == address]
        return [_mail_received(raw) for _, to, raw in self.post_office.taken if address in to]

    def news(self) -> list[Received]:
        """What arrived anywhere since this was last asked, oldest first on each side."""
        mails = [_mail_received(raw) for _, _, raw in self.post_office.taken]
        fresh = []
        for side, everything in (("phone", self.exchange.taken), ("mail", mails)):
            fresh += everything[self._seen.get(side, 0) :]
            self._seen[side] = len(everything)
        return fresh

    def names(self, one: Received) -> list[str]:
        """The text ids that a message was made of, as the store has them."""
        with self.store.read() as tx:
            found = thread.one(tx, one.id)
        assert found, "it came from nowhere"
        return list(found.names)

    # --- what happens behind

    def settle(self) -> None:
        """Do all that is due: turns, answers, and the receipts for the answers."""
        while self.worker.drain():
            self.deliver_receipts()

    def deliver_receipts(self) -> None:
        """Twilio calls back for every message it took: sent, then delivered."""
        for one in self.exchange.taken[self._heard.get("phone", 0) :]:
            for status in ("sent", "delivered"):
                answer = self.receipt(one, status)
                assert answer.status_code == 204
        self._heard["phone"] = len(self.exchange.taken)

    def receipt(self, one: Received, status: str, **fields: str) -> httpx.Response:
        """One status callback."""
        form = {"AccountSid": ACCOUNT, "MessageSid": one.sid, "MessageStatus": status, "From": SENDER, **fields}
        return self.form(one.callback.removeprefix(PUBLIC_URL), form | {"To": f"whatsapp:{one.to}"})

    def try_again(self, times: int = 1) -> None:
        """The waits between tries pass, again and again."""
        for _ in range(times):
            with self.store.write() as tx:
                tx.conn.execute(update(lane).values(due=0))
            self.settle()

    # --- who is known, and what became of it

    def put_on_file(self, *values: str, number: str = "C1", days: int = 400) -> None:
        """One customer in the company's directory, with these numbers and mail addresses, since some days."""
        contacts = tuple((EMAIL if "@" in value else WHATSAPP, value) for value in values)
        with self.store.write() as tx:
            earlier = replace(tx, now=tx.now - timedelta(days=days))
            directory.load(earlier, Entry(number, f"Customer {number}", contacts), "town")

    def hire(self, email: str = "yuki@desk.example", role: str = "agent") -> str:
        """A member of staff with the password PASSWORD; returns the mail address to sign in with."""
        with self.store.write() as tx:
            staff.add(tx, email, "Yuki", role, PASSWORD, by="system")
        return email

    def tickets(self) -> list[Ticket]:
        """All tickets, oldest first."""
        with self.store.read() as tx:
            ids = list(tx.conn.scalars(select(ticket_table.c.id).order_by(ticket_table.c.id)))
            return [tickets.get(tx, one) for one in ids]

    def talk(self, address: str) -> list[Message]:
        """Everything said both ways in the newest conversation with an address, codes sent for it included."""
        kind = EMAIL if "@" in address else WHATSAPP if address.startswith("+") else addresses.WHATSAPP_USER
        with self.store.read() as tx:
            known = addresses.find(tx, kind, address)
            assert known, "nobody wrote from there"
            found = conversations.latest(tx, "mail" if kind == EMAIL else "whatsapp", known.id)
            assert found, "there is no conversation"
            return thread.of_conversation(tx, found.id)

    def rows(self) -> dict[str, int]:
        """How many rows each table has that has any."""
        with self.store.read() as tx:
            counts = {name: tx.conn.scalar(select(func.count()).select_from(t)) for name, t in metadata.tables.items()}
        return {name: count for name, count in counts.items() if count}

    def items(self, kind: str) -> list[tuple[str, str]]:
        """Status and error of every queue item of a kind (in, out)."""
        with self.store.read() as tx:
            mine = select(item).where(item.c.lane.startswith(f"{kind}:"))
            return [(row.status, row.error) for row in tx.conn.execute(mine.order_by(item.c.at, item.c.seq))]


def whatsapp_form(who: Customer, **fields: str) -> dict[str, str]:
    """The fields of one WhatsApp message as Twilio sends them."""
    sid = "SM" + secrets.token_hex(16)
    always = {"AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "From": f"whatsapp:{who.number}", "To": SENDER}
    always |= {"MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid, "SmsStatus": "received", "ProfileName": who.name}
    always |= {"NumMedia": "0", "NumSegments": "1", "ReferralNumMedia": "0", "MessageType": "text", "Body": ""}
    if who.number.startswith("+"):
        always["WaId"] = who.number.removeprefix("+")
    return always | fields


def letter(
    who: Customer, text: str, at: datetime, *, reply_to: Received | None = None, subject: str = "My data"
) -> bytes:
    """A mail as a mail program writes it; a reply quotes what it answers."""
    mail = EmailMessage(policy=policy.SMTP.clone(max_line_length=998))
    mail["From"] = f"{who.name} <{who.mailbox}>"
    mail["To"] = MAILBOX
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{secrets.token_hex(8)}@{who.mailbox.partition('@')[2]}>"
    if reply_to is None:
        mail["Subject"] = subject
    else:
        older = reply_to.headers.get("References", "")
        mail["Subject"] = f"Re: {reply_to.subject}"
        mail["In-Reply-To"] = reply_to.headers["Message-ID"]
        mail["References"] = f"{older} {reply_to.headers['Message-ID']}".strip()
        quoted = "\n".join(f"> {line}".rstrip() for line in reply_to.text.splitlines())
        text = f"{text}\n\nOn {at:%a, %d %b %Y at %H:%M}, KM Auto Export <{MAILBOX}> wrote:\n{quoted}\n"
    mail.set_content(text)
    return mail.as_bytes()


def _mail_received(raw: bytes) -> Received:
    mail = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
    bodies = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
    plain, html = (part.get_content().replace("\r\n", "\n").strip() if part else "" for part in bodies.values())
    headers = {name: str(value) for name, value in mail.items()}
    ours = headers["Message-ID"].strip("<>").partition(".")[0]
    return Received(ours, headers["To"], plain, subject=headers["Subject"], html=html, headers=headers)


# --- building one


@cache
def _parts() -> House:
    """What is read once from files: words, laws, the model."""
    return build(_settings("sqlite:///never.db", Path(tempfile.gettempdir())))


@cache
def _empty_sqlite() -> bytes:
    """A migrated SQLite file without a row in it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "empty.db")
        keeping.prepare(_settings(f"sqlite:///{path}", Path(folder)))
        return path.read_bytes()


def _settings(url: str, folder: Path) -> Settings:
    given = {"SECRET_KEY": SECRET_KEY, "PUBLIC_URL": PUBLIC_URL, "DATABASE_URL": url, "DATA_DIR": str(folder)}
    return Settings.read({f"PRIVACYDESK_{name}": value for name, value in given.items()}, None)


@contextmanager
def a_town(url: str, folder: Path) -> Iterator[Town]:
    """A town around an empty database; migrates it, serves it, and takes it down again."""
    settings, clock = _settings(url, folder), TownClock()
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).write_bytes(_empty_sqlite())
    else:
        keeping.prepare(settings)
    shapes = catalogue(_parts().words)
    sids = {name: "HX" + hashlib.sha256(name.encode()).hexdigest()[:32] for name in shapes}
    exchange, post_office = Exchange({sids[name]: shape for name, shape in shapes.items()}), MailPeer()
    with ExitStack() as ending:
        ending.enter_context(exchange.running())
        smtp = ending.enter_context(post_office.running())
        keys = {
            "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": SENDER,
            "TWILIO_API_URL": exchange.url, "MAIL_FROM": f"KM Auto Export <{MAILBOX}>", "SMTP_URL": f"smtp://{smtp}",
            "MAIL_MIME_SECRET": MIME_SECRET,
        }  # fmt: skip
        vault = Vault(settings.secret_keys())
        house = replace(
            _parts(),
            settings=settings,
            store=Store(url, vault, clock, os.urandom),
            channels=open_channels(keys, PUBLIC_URL, sids, vault),
            clock=clock,
            metrics=Metrics(),
        )
        ending.callback(house.close)
        worker = Worker(house, 1)
        door = ending.enter_context(_served(lambda: create_app(house, worker=worker)))
        yield Town(house, clock, exchange, post_office, door, worker)


@contextmanager
def _served(app: Callable[[], Any]) -> Iterator[int]:
    """A web server in a thread of its own; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        config = uvicorn.Config(app(), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        runner = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        runner.start()
        while not server.started:
            assert runner.is_alive(), "the web server did not start"
            time.sleep(0.005)
        try:
            yield int(door.getsockname()[1])
        finally:
            server.should_exit = True
            runner.join()


@pytest.fixture
def town(sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    """A town on SQLite, for what does not touch the engine."""
    with a_town(sqlite_url, tmp_path) as built:
        yield built


@pytest.fixture
def either_town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    """A town on each engine in turn."""
    with a_town(database_url, tmp_path) as built:
        yield built
