"""A desk with people, talks and tickets behind it, made with the store's own functions."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

import staff.api
import staff.desk
from company import Company
from law import Regimes, Right, deadline
from staff.base import Desk
from staff.scales import AT_ONCE, WAITING
from storage import addresses, conversations, inbox, migrate, outbox, tickets
from storage import staff as people
from storage.db import Store, Tx
from storage.outbox import Letter
from storage.staff import Staff
from storage.tickets import Promise, Ticket
from storage.vault import Vault

NOW = datetime(2026, 11, 24, 5, 20, tzinfo=UTC)  # 14:20 in Japan
PASSWORD = "correct horse battery"
URL = "http://127.0.0.1:8000"


@dataclass(slots=True)
class Moment:
    """A clock that stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    @contextmanager
    def back(self, span: timedelta) -> Iterator[None]:
        """It is `span` earlier inside the block."""
        self.now -= span
        try:
            yield
        finally:
            self.now += span


@dataclass(slots=True)
class House:
    """A running desk: its store and clock, three members of staff, and the app."""

    store: Store
    clock: Moment
    desk: Desk
    app: FastAPI
    staff: dict[str, Staff] = field(default_factory=dict)

    def browser(self, role: str = "") -> TestClient:
        """A browser, signed in as somebody with a role."""
        client = TestClient(self.app, base_url=URL, follow_redirects=False)
        if role:
            page = client.get("/desk/login")
            form = {"email": self.staff[role].email, "password": PASSWORD, "token": token(page.text)}
            assert client.post("/desk/login", data=form).status_code == 303
        return client

    def program(self, role: str) -> TestClient:
        """A program that calls the API with a fresh token."""
        client = TestClient(self.app, base_url=URL, follow_redirects=False)
        form = {"username": self.staff[role].email, "password": PASSWORD}
        answer = client.post("/api/v1/token", data=form)
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    def ask(self, text: str, *, ago: timedelta = timedelta(hours=3), **other: Any) -> Ticket:
        """Somebody asks for a right, `ago` before now."""
        with self.clock.back(ago), self.store.write() as tx:
            return ask(tx, self.desk, text, **other)

    def ticket(self, reference: str) -> Ticket:
        """A ticket as it is now."""
        with self.store.read() as tx:
            found = tickets.by_reference(tx, reference)
        assert found is not None
        return found


def ask(
    tx: Tx,
    desk: Desk,
    text: str,
    *,
    right: str = "access",
    kind: str = addresses.WHATSAPP,
    value: str = "+254700000418",
    country: str = "KE",
    language: str = "en",
    state: str = "open",
    more: dict[str, Any] | None = None,
    **row: Any,
) -> Ticket:
    """One message, its ticket and the bot's answer, as the bot would leave them."""
    channel = "mail" if kind == addresses.EMAIL else "whatsapp"
    writer = addresses.meet(tx, kind, value)
    talk = conversations.latest(tx, channel, writer.id) or conversations.start(tx, channel, writer.id, language)
    reading = {"language": language, "labels": [right], "intents": [{"name": right, "confidence": 0.94}]}
    message = inbox.keep(
        tx, talk.id, kind="message", text=text, more=more or {}, dedup=tx.new_id(), language=language, reading=reading
    )
    code, _, part = country.partition("-")
    due = deadline(desk.regimes, Right(right), False, tx.now, desk.company.timezone, code, part)
    promise = Promise(due.regime, due.due_on, due.target_on, due.statutory, due.law)
    values: dict[str, Any] = {"right": right, "state": state, "country": country, "received_at": tx.now, "needs": 2}
    values |= {"channel": channel, "language": language, "person_id": writer.person_id, "conversation_id": talk.id}
    values |= {"message_id": message, "detail": {}, "level": 2 if state == "open" else 0}
    filed = tickets.file(tx, promise=promise, **(values | row))
    letter = Letter(f"{filed.reference}: staff work on it.", names=("ack_one",), language=language)
    outbox.put(tx, talk.id, writer, letter, written_by="bot")
    return filed


def house(url: str) -> House:
    """A desk on an empty database, with an agent, a manager and an auditor."""
    migrate.upgrade(url)
    clock = Moment()
    store = Store(url, Vault(["a test secret of more than 32 characters"]), clock, os.urandom)
    root = Path(__file__).parents[2]
    desk = Desk(store, Company.load(root / "company" / "kmauto"), Regimes.load(), URL, False, True)
    app = FastAPI()
    app.include_router(staff.desk.router(desk))
    app.include_router(staff.api.router(desk))
    made = House(store, clock, desk, app)
    with store.write() as tx:
        for role, name in (("agent", "Kenji Sato"), ("manager", "Yui Nakamura"), ("auditor", "Aya Kobayashi")):
            made.staff[role] = people.add(tx, f"{role}@kmauto.example", name, role, PASSWORD, "system")
    return made


@contextmanager
def full(house: House) -> Iterator[None]:
    """As many passwords as may wait are waiting to be weighed."""
    scales, over, all_wait = house.desk.scales, threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        with scales.turn():
            all_wait.release()
            over.wait(60)

    many = [threading.Thread(target=hold) for _ in range(AT_ONCE + WAITING)]
    for one in many:
        one.start()
    for _ in range(AT_ONCE):
        assert all_wait.acquire(timeout=20)
    while scales._places._value:
        time.sleep(0.01)
    assert not all_wait.acquire(blocking=False), "more are weighed at a time than may be"
    try:
        yield
    finally:
        over.set()
        for one in many:
            one.join(20)


def token(page: str) -> str:
    """The form token of a page."""
    return page.partition('name="token" value="')[2].partition('"')[0]


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]
