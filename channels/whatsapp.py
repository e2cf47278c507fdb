"""WhatsApp by Twilio: signed webhooks in, the REST interface out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, quote

from twilio.request_validator import RequestValidator

from channels.addresses import whatsapp_address
from channels.base import (
    Address,
    Arrival,
    BadKey,
    Inbound,
    Media,
    MissingKey,
    Outbound,
    Post,
    Receipt,
    Refused,
    Reply,
    SendError,
    switched_on,
)
from channels.loopback import is_safe_url
from channels.receipts import RANKS
from channels.templates import content_fields
from channels.twilio_api import TwilioApi

NEEDED = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")
PAIR = ("TWILIO_API_KEY", "TWILIO_API_SECRET")
API_URL = "https://api.twilio.com"

MAX_BODY = 64 * 1024  # bytes, Twilio's own limit
MAX_FIELDS = 1000
MAX_MEDIA = 10
FORM = "application/x-www-form-urlencoded"
# Exactly: a signature holds names and values without borders, and a longer id would be another one under the same.
_ID = re.compile(r"(?:SM|MM)[0-9a-f]{32}")
_OUR_ID = re.compile(r"[A-Za-z0-9._:~-]{1,128}")


def build(keys: Mapping[str, str], public_url: str, content: Mapping[str, str]) -> WhatsApp | None:
    """The channel, or None when none of its keys are there. Raises MissingKey or BadKey.

    `public_url` is what Twilio was told to call; signatures are checked against it. `content` maps names of content
    templates to their ids, see `templates.content_fields`.
    """
    if not switched_on(keys, NEEDED, PAIR):
        return None
    tokens = tuple(token.strip() for token in keys["TWILIO_AUTH_TOKEN"].split(",") if token.strip())
    if not tokens:
        raise MissingKey("TWILIO_AUTH_TOKEN")
    if whatsapp_address(keys["TWILIO_FROM"]) is None:
        raise BadKey("TWILIO_FROM", "must look like whatsapp:+81312345678")
    api_url = keys.get("TWILIO_API_URL") or API_URL
    if not is_safe_url(api_url):
        raise BadKey("TWILIO_API_URL", "must be https, or http on this machine")
    account, sender = keys["TWILIO_ACCOUNT_SID"], keys["TWILIO_FROM"]
    user, password = _credentials(keys, account, tokens[0])
    api = TwilioApi(account=account, user=user, password=password, url=api_url)
    return WhatsApp(account, tokens, sender, public_url.rstrip("/"), dict(content), api)


def _credentials(keys: Mapping[str, str], account: str, token: str) -> tuple[str, str]:
    if not switched_on(keys, PAIR):
        return account, token
    return keys["TWILIO_API_KEY"], keys["TWILIO_API_SECRET"]


class Form(dict[str, list[str]]):
    """A submitted form. Names may repeat and values may be empty, and Twilio signs all of that."""

    @classmethod
    def parse(cls, body: bytes) -> Form:
        """Raises ValueError on more than 1,000 fields or on bytes that are not UTF-8."""
        form = cls()
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
        for name, value in pairs:
            form.setdefault(name, []).append(value)
        return form

    def getlist(self, name: str) -> list[str]:
        """All values of a name; the signature check asks for this."""
        return self[name]

    def one(self, name: str) -> str:
        """The first value of a name, "" when there is none."""
        return self[name][0] if name in self else ""


@dataclass(frozen=True, slots=True)
class WhatsApp:
    """The channel `whatsapp`. Made by `build`."""

    account: str
    tokens: tuple[str, ...] = field(repr=False)
    sender: str
    public_url: str
    content: Mapping[str, str] = field(repr=False)
    api: TwilioApi = field(repr=False)

    name = "whatsapp"
    max_body = MAX_BODY
    reply = Reply(200, "text/xml", b"<Response/>")
    receipt_reply = Reply(204, "text/plain", b"")

    def receive(self, post: Post, now: datetime) -> Sequence[Arrival | Receipt]:
        """One message, or at most one receipt where it is a status. Twilio signs no time: `now` decides nothing."""
        form = self._checked(post)
        if post.path.rstrip("/").endswith("/status") or self._is_status(form):
            return _receipts(form, post.query)
        message = form.one("MessageSid")
        if not _ID.fullmatch(message):
            raise Refused(400, "no_message_sid")
        return [Arrival(self.name, f"whatsapp:{message}", whatsapp_address(form.one("From")), post.body)]

    def read(self, raw: bytes) -> Inbound:
        """The stored form in our words; never raises."""
        try:
            form = Form.parse(raw)
        except ValueError:
            return Inbound(self.name, "", kind="unreadable", error="bad_form")
        sender, text = whatsapp_address(form.one("From")), _text(form)
        return Inbound(
            channel=self.name,
            provider_id=form.one("MessageSid"),
            sender=sender,
            also=_also(form, sender),
            text=text,
            full_text=text,
            choice=_plain(form.one("ButtonPayload") or form.one("ListId")),
            kind="message" if sender else "unreadable",
            replied_to=form.one("OriginalRepliedMessageSid"),
            media=_media(form),
            to=(form.one("To"),),
            error="" if sender else "bad_sender",
        )

    def send(self, message: Outbound) -> str:
        """Send and give Twilio's message id. Raises SendError."""
        if message.to.kind not in ("whatsapp", "whatsapp_user"):
            raise SendError("wrong_channel", permanent=True, remedy="ours")
        return self.api.create(
            to=f"whatsapp:{message.to.value}",
            from_=self.sender,
            status_callback=f"{self.public_url}/in/whatsapp/status?m={quote(message.id, safe='')}",
            **content_fields(message, self.content),
        )

    def _checked(self, post: Post) -> Form:
        if len(post.body) > MAX_BODY:
            raise Refused(413, "too_large")
        if post.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            raise Refused(415, "not_a_form")
        try:
            form = Form.parse(post.body)
            # With a body hash in the query Twilio signs the hash and not the fields; forms never come that way.
            hashed = "bodySHA256" in dict(parse_qsl(post.query, keep_blank_values=True, max_num_fields=MAX_FIELDS))
        except ValueError:
            raise Refused(400, "bad_form") from None
        if hashed or not self._signed(post, form) or form.one("AccountSid") != self.account:
            raise Refused(403, "bad_signature")
        return form

    def _is_status(self, form: Form) -> bool:
        """Whether a form is about a message of ours, wherever Twilio was told to post it."""
        return form.one("From") == self.sender or bool(form.one("MessageStatus") and not form.one("Body"))

    def _signed(self, post: Post, form: Form) -> bool:
        """Whether any of our tokens signed this. Every token is tried, so that time does not tell which one is near."""
        url = self.public_url + post.path + (f"?{post.query}" if post.query else "")
        signature = post.headers.get("x-twilio-signature", "")
        try:
            results = [RequestValidator(token).validate(url, form, signature) for token in self.tokens]
        except ValueError:  # a URL that cannot be taken apart, or a lone surrogate that cannot be encoded
            return False
        return any(results)


def _receipts(form: Form, query: str) -> list[Receipt]:
    status = form.one("MessageStatus") or form.one("SmsStatus")
    provider_id = form.one("MessageSid")
    if status not in RANKS or not _ID.fullmatch(provider_id):
        return []
    ours = dict(parse_qsl(query)).get("m", "")
    message = ours if _OUR_ID.fullmatch(ours) else ""
    return [Receipt(message, provider_id, status, RANKS[status], form.one("ErrorCode")[:16])]


def _plain(text: str) -> str:
    """Without NUL, which PostgreSQL cannot store, and without the space around."""
    return text.replace("\x00", "").strip()


def _text(form: Form) -> str:
    return _plain(form.one("Body")) or _plain(form.one("ButtonText")) or _plain(form.one("ListTitle"))


def _also(form: Form, sender: Address | None) -> tuple[Address, ...]:
    user = whatsapp_address(form.one("ExternalUserId"))
    return (user,) if user and user != sender else ()


def _media(form: Form) -> tuple[Media, ...]:
    return tuple(
        Media(_plain(form.one(f"MediaContentType{number}")), url=_plain(form.one(f"MediaUrl{number}")))
        for number in range(MAX_MEDIA)
        if form.one(f"MediaUrl{number}")
    )
