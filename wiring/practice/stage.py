"""The practice set-up as one part: its pretend keys, its clock, its routes, its mail server and its customers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import APIRouter

from bot.words import Words
from company import Company
from storage import directory
from wiring.house import TEXTS, House
from wiring.practice import content, login
from wiring.practice.clock import PracticeClock
from wiring.practice.customers import Customer, read
from wiring.practice.hand import Account, Hand
from wiring.practice.mailbox import Mailboxes, MailServer, Postman
from wiring.practice.page import Page
from wiring.practice.phone import Phones
from wiring.practice.trouble import Troubles
from wiring.practice.twilio import Twilio
from wiring.practice.webhooks import Webhooks
from wiring.settings import Settings

SENDER = "whatsapp:+81300000000"  # Japan hands out no number that begins with 3 0000
# A number counts as proof only after it was on file for a while, so pretend customers are old customers.
ON_FILE_SINCE = timedelta(days=400)
_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 (compared, not listened on)


@dataclass(frozen=True, slots=True)
class Practice:
    """All behind /practice, made by `build`. `keys` and `content` are for the channels, `clock` is for the house."""

    keys: Mapping[str, str]
    content: Mapping[str, str]
    clock: PracticeClock
    customers: Mapping[str, Customer]
    hand: Hand
    mailboxes: Mailboxes
    twilio: Twilio
    server: MailServer
    origins: frozenset[str]
    data_dir: Path

    def router(self, house: House) -> APIRouter:
        """The page under /practice and the stand-in for Twilio under /practice/twilio."""
        return Page(self.customers, self.hand, self.mailboxes, self.twilio, self.clock, self.origins, house).router()

    def start(self, house: House) -> None:
        """Take mail from now on. The house is the one that was given to `router`."""
        self.server.start()

    def stop(self) -> None:
        """Give back the port of the mail server."""
        self.server.stop()

    def seed(self, house: House) -> tuple[str, str]:
        """Put the pretend customers on file and see to a staff login; returns its mail and password. Repeatable."""
        with house.store.write() as tx:
            earlier = replace(tx, now=tx.now - ON_FILE_SINCE)
            for customer in self.customers.values():
                if customer.entry:
                    directory.load(earlier, customer.entry, "practice")
            return login.see_to(tx, self.data_dir / "practice-login.txt")


def build(settings: Settings) -> Practice:
    """The practice set-up for these settings; all keys are drawn anew and kept nowhere. Takes a port for its mail.

    Raises BadCompany or BadText.
    """
    clock, troubles = PracticeClock(lambda: datetime.now(UTC)), Troubles()
    customers = read()
    boxes = Mailboxes(customer.email for customer in customers.values() if customer.email)
    server = MailServer(Postman(boxes, troubles, clock))
    base = f"http://{_reachable(settings.host)}:{settings.port}"
    keys = _keys(base, Company.load(settings.company).short, server.port)
    webhooks = Webhooks(base, settings.public_url, keys["TWILIO_AUTH_TOKEN"], keys["MAIL_MIME_SECRET"], clock)
    shapes = content.catalogue(Words.load(TEXTS))
    sids = {name: content.draw_sid("HX") for name in shapes}
    phones = Phones(customer.number for customer in customers.values())
    account = Account(keys["TWILIO_ACCOUNT_SID"], keys["TWILIO_FROM"], keys["MAIL_FROM"])
    return Practice(
        keys=keys,
        content=sids,
        clock=clock,
        customers=customers,
        hand=Hand(account, phones, troubles, webhooks, clock),
        mailboxes=boxes,
        twilio=Twilio(
            account=account.sid,
            token=keys["TWILIO_AUTH_TOKEN"],
            sender=account.sender,
            public_url=settings.public_url,
            content={sids[name]: shape for name, shape in shapes.items()},
            phones=phones,
            troubles=troubles,
            webhooks=webhooks,
            clock=clock,
        ),
        server=server,
        origins=frozenset({settings.public_url, base, f"http://localhost:{settings.port}"}),
        data_dir=settings.data_dir,
    )


def _keys(base: str, company: str, mail_port: int) -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": content.draw_sid("AC"),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_FROM": SENDER,
        "TWILIO_API_URL": f"{base}/practice/twilio",
        "MAIL_FROM": f"{company} <privacy@practice.example>",
        "SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
        "MAIL_MIME_SECRET": secrets.token_urlsafe(32),
    }


def _reachable(host: str) -> str:
    """Where a server that listens on `host` is reached from this machine."""
    if host in _EVERYWHERE:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
