"""A stand-in for Twilio's Messages resource: it checks, answers and calls back as the real one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from channels.templates import LONGEST_TEXT
from wiring.practice.content import BadVariables, Content, Shown, draw_sid
from wiring.practice.phone import Bubble, Phones
from wiring.practice.trouble import Trouble, Troubles
from wiring.practice.webhooks import Webhooks

API = "2010-04-01"
_TO = re.compile(r"whatsapp:(\+[0-9]{3,20}|[A-Z]{2}\.[A-Za-z0-9]{1,128})")
_EVENTS = {"delivered": "DELIVERED", "read": "READ", "undelivered": "UNDELIVERED"}

OUTSIDE_WINDOW, NO_SUCH_RECIPIENT, BAD_RECIPIENT = 63016, 63003, 63024


class TwilioError(Exception):
    """A refusal in Twilio's own shape: its code, and the HTTP status that goes with it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code

    @property
    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        return {"code": self.code, "message": str(self), "more_info": more, "status": self.status}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message the account has taken. `error` is what the network will say of it later, 0 when it arrives."""

    sid: str
    to: str
    shown: Shown
    at: datetime
    callback: str
    error: int


@dataclass(frozen=True, slots=True)
class Twilio:
    """The pretend account and its sender."""

    account: str
    token: str
    sender: str
    public_url: str
    content: Mapping[str, Content]  # by ContentSid
    phones: Phones
    troubles: Troubles
    webhooks: Webhooks
    clock: Callable[[], datetime]

    def create(self, form: Mapping[str, str]) -> Accepted:
        """Take a message, as `POST Messages.json` does. Raises TwilioError."""
        to = form.get("To", "")
        if not to:
            raise TwilioError(400, 21604, "A 'To' phone number is required.")
        if not _TO.fullmatch(to):
            raise TwilioError(400, 21211, "Invalid 'To' Phone Number")
        if form.get("From") != self.sender:
            raise TwilioError(400, 63007, "Twilio could not find a Channel with the specified From address")
        callback = form.get("StatusCallback", "")
        if callback and not callback.startswith(f"{self.public_url}/in/whatsapp/status"):
            raise TwilioError(400, 21609, "The StatusCallback URL is not a valid URL of this practice.")
        shown = self._shown(form)
        if self.troubles.take(Trouble.REFUSED_ONCE):
            raise TwilioError(503, 20503, "Service unavailable")
        number = to.removeprefix("whatsapp:")
        return Accepted(draw_sid("SM"), number, shown, self.clock(), callback, self._fate(number, shown))

    def answer(self, message: Accepted) -> dict[str, Any]:
        """The JSON of a message just created, with every field of Twilio's description of it."""
        at = format_datetime(message.at)
        uri = f"/{API}/Accounts/{self.account}/Messages/{message.sid}"
        return {
            "account_sid": self.account,
            "api_version": API,
            "body": message.shown.text,
            "date_created": at,
            "date_sent": None,
            "date_updated": at,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": None,
            "sid": message.sid,
            "status": "queued",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": f"whatsapp:{message.to}",
            "uri": f"{uri}.json",
        }

    def deliver(self, message: Accepted) -> None:
        """Bring a message to its phone and call back on the way, as happens after the answer was given."""
        silent = self.troubles.take(Trouble.NO_RECEIPT)
        callback = "" if silent else message.callback
        if message.error:
            self.call_back(message.sid, message.to, callback, "failed", message.error)
            return
        shown = message.shown
        self.call_back(message.sid, message.to, callback, "sent")
        offer = (shown.options, shown.list_title)
        bubble = Bubble(message.sid, False, shown.text, message.at, "delivered", *offer, callback)
        self.phones[message.to].add(bubble)
        self.call_back(message.sid, message.to, callback, "delivered")

    def call_back(self, sid: str, to: str, callback: str, status: str, error: int = 0) -> None:
        """A signed status callback with the fields that WhatsApp messages have there."""
        if not callback:
            return
        fields = {
            "ChannelInstallSid": "XE" + self.account[2:],
            "ChannelPrefix": "whatsapp",
            "ChannelToAddress": to,
            "MessageSid": sid,
            "SmsSid": sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "AccountSid": self.account,
            "ApiVersion": API,
            "From": self.sender,
            "To": f"whatsapp:{to}",
        }
        if status in _EVENTS:
            fields["EventType"] = _EVENTS[status]
        if error:
            fields |= {"ErrorCode": str(error), "ErrorMessage": f"Error {error}"}
        self.webhooks.form(callback.removeprefix(self.public_url), fields)

    def _shown(self, form: Mapping[str, str]) -> Shown:
        sid, body = form.get("ContentSid", ""), form.get("Body", "")
        if sid:
            return self._content(sid, form.get("ContentVariables", ""))
        if not body.strip():
            raise TwilioError(400, 21619, "A text message body or media urls must be specified.")
        if len(body) > LONGEST_TEXT:
            raise TwilioError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        return Shown(body)

    def _content(self, sid: str, variables: str) -> Shown:
        if sid not in self.content:
            raise TwilioError(400, 63027, "Template does not exist for a language and locale")
        try:
            return self.content[sid].show(variables)
        except BadVariables:
            raise TwilioError(400, 63028, "Number of parameters provided does not match the expected number") from None

    def _fate(self, number: str, shown: Shown) -> int:
        """What WhatsApp makes of it later on: these errors come by status callback and never with the answer."""
        phone = self.phones.find(number)
        if phone is None:
            return NO_SUCH_RECIPIENT
        if self.troubles.take(Trouble.REFUSED):
            return BAD_RECIPIENT
        open_now = phone.window_until(self.clock()) is not None
        return 0 if shown.template or open_now else OUTSIDE_WINDOW
