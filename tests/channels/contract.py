"""What every channel keeps. A new channel adds one `Side` to `SIDES` and has all of these tests."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode

from twilio.request_validator import RequestValidator

from channels import mail, whatsapp
from channels.base import Address, Channel, Outbound, Post
from tests.channels.peers import MailPeer, TwilioPeer

NOW = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
PUBLIC_URL = "https://privacy.kmauto.example"
ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "token-of-the-tests"
MIME_SECRET = "mime-secret-of-the-tests"
THREAD_SECRET = b"t" * 32
PAYLOADS = Path(__file__).parents[1] / "payloads"

WHATSAPP_KEYS = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_FROM": "whatsapp:+81312345678",
}
MAIL_KEYS = {
    "MAIL_FROM": "KM Auto Export, privacy <privacy@kmauto.example>",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "MAIL_MIME_SECRET": MIME_SECRET,
}


@dataclass(frozen=True)
class Running:
    """A channel whose provider runs on this machine, with ways to make that provider refuse."""

    channel: Channel
    refuse_for_good: Callable[[], None]
    refuse_for_now: Callable[[], None]
    stable_id: Callable[[], str]  # of the last message sent, as the provider saw it


@dataclass(frozen=True)
class Side:
    """How one channel is tried."""

    name: str
    file: str  # the file in channels/ with its `build`
    run: Callable[[], AbstractContextManager[Running]]
    sign: Callable[[bytes], Post]
    body: bytes  # a good message
    longer_body: bytes  # the same message with a field nobody knows
    outbound: Outbound


def _whatsapp_fields(name: str) -> list[tuple[str, str]]:
    fields = json.loads((PAYLOADS / f"whatsapp/{name}.json").read_text(encoding="utf-8"))["fields"]
    return [(name, value) for name, value in fields]


def whatsapp_post(name: str, *more: tuple[str, str], token: str = TOKEN) -> Post:
    """A payload of `tests/payloads/whatsapp` as Twilio posts it."""
    payload = json.loads((PAYLOADS / f"whatsapp/{name}.json").read_text(encoding="utf-8"))
    body = urlencode([*_whatsapp_fields(name), *more]).encode()
    return signed_form(body, payload["path"], payload["query"], token)


class _Fields(dict[str, list[str]]):
    def getlist(self, name: str) -> list[str]:
        return self[name]


def signed_form(body: bytes, path: str = "/in/whatsapp", query: str = "", token: str = TOKEN) -> Post:
    """A form signed as Twilio signs it: over the URL and every field."""
    url = PUBLIC_URL + path + (f"?{query}" if query else "")
    fields = _Fields(parse_qs(body.decode(), keep_blank_values=True))
    signature = RequestValidator(token).compute_signature(url, fields)
    headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8", "x-twilio-signature": signature}
    return Post(path, query, headers, body)


def signed_mail(body: bytes, at: datetime = NOW, secret: str = MIME_SECRET) -> Post:
    """A raw mail signed as the contract says."""
    stamp = str(int(at.timestamp()))
    mac = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return Post("/in/mail/mime", "", {"content-type": "message/rfc822", "x-signature": f"t={stamp},v1={mac}"}, body)


def whatsapp_channel(content: Mapping[str, str] | None = None, **keys: str) -> whatsapp.WhatsApp:
    channel = whatsapp.build({**WHATSAPP_KEYS, **keys}, PUBLIC_URL, content or {})
    assert channel is not None
    return channel


def mail_channel(**keys: str) -> mail.Mail:
    channel = mail.build({**MAIL_KEYS, **keys}, PUBLIC_URL, THREAD_SECRET)
    assert channel is not None
    return channel


@contextmanager
def _run_whatsapp() -> Iterator[Running]:
    with TwilioPeer().running() as peer:

        def answers(status: int, code: int) -> Callable[[], None]:
            return lambda: setattr(peer, "answer", (status, {"code": code, "message": "no", "status": status}))

        channel = whatsapp_channel(TWILIO_API_URL=peer.url)
        yield Running(channel, answers(400, 63003), answers(429, 20429), lambda: peer.last["StatusCallback"])


@contextmanager
def _run_mail() -> Iterator[Running]:
    peer = MailPeer()
    with peer.running() as place:

        def answers(line: str) -> Callable[[], None]:
            return lambda: setattr(peer, "rcpt", line)

        channel = mail_channel(SMTP_URL=f"smtp://{place}")
        ids = lambda: channel.read(peer.taken[-1][2]).message_id  # noqa: E731
        yield Running(channel, answers("550 5.1.1 nobody here"), answers("451 4.7.1 later"), ids)


OUTBOUND = Outbound(
    id="out-77",
    to=Address("email", "amina@example.com"),
    text="Which data do you mean?",
    sent_at=NOW,
    subject="Your request PR-8VCD1GDJE",
)
_MAIL = (PAYLOADS / "mail/gmail_reply.eml").read_bytes()

SIDES = (
    Side(
        name="whatsapp",
        file="whatsapp.py",
        run=_run_whatsapp,
        sign=signed_form,
        body=urlencode(_whatsapp_fields("text")).encode(),
        longer_body=urlencode([*_whatsapp_fields("text"), ("SomethingNew", "1")]).encode(),
        outbound=replace(OUTBOUND, to=Address("whatsapp", "+254700000001")),
    ),
    Side(
        name="mail",
        file="mail.py",
        run=_run_mail,
        sign=signed_mail,
        body=_MAIL,
        longer_body=b"X-Something-New: 1\r\n" + _MAIL,
        outbound=OUTBOUND,
    ),
)
