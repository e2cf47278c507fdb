"""A house for tests: real parts, a provider on this machine, and ways to look into the store."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import httpx
from sqlalchemy import func, select, update
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from storage import thread
from storage.db import Store
from storage.tables import conversation, item, lane, metadata, ticket
from storage.thread import Message
from storage.vault import Vault
from tests.channels.peers import MailPeer, TwilioPeer
from wiring.house import House, open_channels, utc_now
from wiring.metrics import Metrics
from wiring.settings import Settings
from wiring.web import create_app
from wiring.worker import Worker

KEY = "k" * 40
PUBLIC_URL = "https://desk.example"
ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "token-of-the-tests", "whatsapp:+81312345678"
MIME_SECRET = "mime-secret-of-the-tests"
FORM = "application/x-www-form-urlencoded"


def settings_for(database_url: str, data_dir: Path, **more: str) -> Settings:
    """Settings as an operator would give them."""
    given = {"SECRET_KEY": KEY, "PUBLIC_URL": PUBLIC_URL, "DATABASE_URL": database_url, "DATA_DIR": str(data_dir)}
    given |= more
    return Settings.read({f"PRIVACYDESK_{name}": value for name, value in given.items()}, None)


def channel_keys(twilio: str, smtp: str) -> dict[str, str]:
    """Keys of both channels, whose providers are on this machine."""
    return {
        "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": SENDER, "TWILIO_API_URL": twilio,
        "MAIL_FROM": "KM Auto Export <privacy@desk.example>", "SMTP_URL": f"smtp://{smtp}",
        "MAIL_MIME_SECRET": MIME_SECRET,
    }  # fmt: skip


def full_sid(name: str) -> str:
    """A message id of Twilio's shape, the same for the same name."""
    return name if len(name) == 34 else "SM" + sha256(name.encode()).hexdigest()[:32]


@dataclass
class Rig:
    """One house with its web app and worker, and the providers' other ends."""

    house: House
    twilio: TwilioPeer
    mail: MailPeer

    def __post_init__(self) -> None:
        self.worker = Worker(self.house, 1)
        self.app = create_app(self.house, worker=self.worker)
        self.web = TestClient(self.app, base_url=PUBLIC_URL, follow_redirects=False)

    @property
    def store(self) -> Store:
        return self.house.store

    def whatsapp(
        self, text: str, sid: str = "SM1", number: str = "+254700000001", token: str = TOKEN
    ) -> httpx.Response:
        """A message as Twilio posts it."""
        fields = {
            "AccountSid": ACCOUNT,
            "MessageSid": full_sid(sid),
            "From": f"whatsapp:{number}",
            "To": SENDER,
            "Body": text,
        }
        return self.form("/in/whatsapp", fields, token)

    def form(self, path: str, fields: dict[str, str], token: str = TOKEN) -> httpx.Response:
        """A form signed as Twilio signs it."""
        signature = RequestValidator(token).compute_signature(PUBLIC_URL + path, fields)
        headers = {"content-type": FORM, "x-twilio-signature": signature}
        return self.web.post(path, content=urlencode(fields).encode(), headers=headers)

    def letter(self, raw: bytes) -> httpx.Response:
        """A raw mail, signed."""
        at = str(int(time.time()))
        mac = hmac.new(MIME_SECRET.encode(), at.encode() + b"." + raw, hashlib.sha256).hexdigest()
        headers = {"content-type": "message/rfc822", "x-signature": f"t={at},v1={mac}"}
        return self.web.post("/in/mail/mime", content=raw, headers=headers)

    def rows(self) -> dict[str, int]:
        """How many rows each table has that has any."""
        with self.store.read() as tx:
            counts = {name: tx.conn.scalar(select(func.count()).select_from(t)) for name, t in metadata.tables.items()}
        return {name: count for name, count in counts.items() if count}

    def items(self) -> list[tuple[str, str, str]]:
        """Kind, status and error of every item, oldest first."""
        with self.store.read() as tx:
            found = tx.conn.execute(select(item.c.lane, item.c.status, item.c.error).order_by(item.c.at, item.c.lane))
            return [(row.lane.partition(":")[0], row.status, row.error) for row in found]

    def said(self, direction: str = "out") -> list[Message]:
        """Every message of one direction, oldest first."""
        with self.store.read() as tx:
            ids = list(tx.conn.scalars(select(conversation.c.id).order_by(conversation.c.id)))
            return [m for one in ids for m in thread.of_conversation(tx, one) if m.direction == direction]

    def tickets(self) -> int:
        with self.store.read() as tx:
            return tx.conn.scalar(select(func.count()).select_from(ticket)) or 0

    def fall_due(self) -> None:
        """The waits between tries pass."""
        with self.store.write() as tx:
            tx.conn.execute(update(lane).values(due=0))

    def try_again(self, times: int) -> None:
        """Work off what is due, again and again."""
        for _ in range(times):
            self.fall_due()
            self.worker.drain()


def remade(house: House, settings: Settings, keys: dict[str, str]) -> House:
    """The same words, laws and models with a store of their own."""
    vault = Vault(settings.secret_keys())
    store = Store(settings.database_url.get_secret_value(), vault, utc_now, os.urandom)
    channels = open_channels(keys, settings.public_url, house.company.content, vault)
    return replace(house, settings=settings, store=store, channels=channels, metrics=Metrics())


def mail(text: str = "Please delete my data.", message_id: str = "<one@mail.example>") -> bytes:
    """A plain mail."""
    head = "From: Amina <amina@mail.example>\r\nTo: privacy@desk.example\r\nSubject: My data\r\n"
    head += f"Message-ID: {message_id}\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nContent-Type: text/plain\r\n"
    return f"{head}\r\n{text}\r\n".encode()
