"""Mail: raw messages in by a signed webhook, SMTP out."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from channels.addresses import mail_address
from channels.base import Arrival, BadKey, Inbound, Outbound, Post, Receipt, Refused, Reply, SendError, switched_on
from channels.compose import compose
from channels.letter import Reader, provider_id
from channels.mime import MAX_BYTES, peek_sender
from channels.smtp import Relay
from channels.threads import Threads

NEEDED = ("MAIL_FROM", "SMTP_URL", "MAIL_MIME_SECRET")
SKEW = 300  # seconds a signature may be old or early
_TYPES = frozenset({"message/rfc822", "application/octet-stream", "text/plain"})
_SIGNATURE = re.compile(r"t=([0-9]{1,12}),\s?v1=([0-9a-fA-F]{64})")

# A provider's way of posting mail: checks that the provider sent it and gives the raw mail, or raises Refused.
Format = Callable[[Post, Mapping[str, str], datetime], bytes]


def build(keys: Mapping[str, str], public_url: str, thread_secret: bytes) -> Mail | None:
    """The channel, or None when none of its keys are there. Raises MissingKey or BadKey.

    `thread_secret` (32 bytes) proves our own Message-IDs in replies. Our mails link what lies under `public_url`.
    """
    if not switched_on(keys, NEEDED):
        return None
    name, _, text = keys["MAIL_FROM"].rpartition("<")  # a name may hold a comma without being quoted
    address = mail_address(text.rstrip().removesuffix(">"))
    if address is None:
        raise BadKey("MAIL_FROM", "must be a mail address, or Name <address>")
    threads = Threads(thread_secret, address.value.rpartition("@")[2])
    relay = Relay.parse(keys["SMTP_URL"])
    return Mail(dict(keys), name.strip().strip('"'), address.value, public_url.rstrip("/"), relay, threads)


def _mime(post: Post, keys: Mapping[str, str], now: datetime) -> bytes:
    """The plain raw mail, signed `X-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256(secret, "<t>." + body)>`."""
    if post.headers.get("content-type", "").partition(";")[0].strip().lower() not in _TYPES:
        raise Refused(415, "not_a_mail")
    match = _SIGNATURE.fullmatch(post.headers.get("x-signature", ""))
    if match is None:
        raise Refused(403, "bad_signature")
    mac = hmac.new(keys["MAIL_MIME_SECRET"].encode(), match[1].encode() + b".", hashlib.sha256)
    mac.update(post.body)
    if not hmac.compare_digest(mac.digest(), bytes.fromhex(match[2])):
        raise Refused(403, "bad_signature")
    if abs(now.timestamp() - int(match[1])) > SKEW:
        raise Refused(403, "stale_signature")
    return post.body


FORMATS: Mapping[str, Format] = {"mime": _mime}


@dataclass(frozen=True, slots=True)
class Mail:
    """The channel `mail`. Made by `build`."""

    keys: Mapping[str, str] = field(repr=False)
    from_name: str
    address: str
    public_url: str
    relay: Relay
    threads: Threads

    name = "mail"
    max_body = MAX_BYTES
    reply = Reply(200, "text/plain", b"")
    receipt_reply = reply

    def receive(self, post: Post, now: datetime) -> Sequence[Arrival | Receipt]:
        """The mail in a signed post to `/in/mail/<format>`."""
        if len(post.body) > MAX_BYTES:
            raise Refused(413, "too_large")
        check = FORMATS.get(post.path.rstrip("/").rpartition("/")[2])
        if check is None:
            raise Refused(404, "unknown_format")
        raw = check(post, self.keys, now)
        if not raw:
            raise Refused(400, "empty")
        return [Arrival(self.name, f"mail:{provider_id(raw)}", peek_sender(raw), raw)]

    def read(self, raw: bytes) -> Inbound:
        """The stored mail in our words; never raises."""
        return Reader((self.address,), self.threads).read(raw)

    def send(self, message: Outbound) -> str:
        """Send and give the Message-ID, which is the same for every try. Raises SendError."""
        if message.to.kind != "email" or mail_address(message.to.value) is None:
            raise SendError("wrong_channel", permanent=True, remedy="ours")
        try:
            message_id = self.threads.message_id(message.id)
            mail = compose(message, self.from_name, self.address, self.public_url, self.threads)
        except ValueError:
            raise SendError("bad_message", permanent=True, remedy="ours") from None
        self.relay.send(mail, self.address, message.to.value)
        return message_id
