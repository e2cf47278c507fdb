"""What a pretend customer does with phone and mailbox, sent off as the provider would send it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr

from wiring.practice import letters
from wiring.practice.content import draw_sid
from wiring.practice.customers import Customer
from wiring.practice.mailbox import Letter
from wiring.practice.phone import Bubble, Option, Phones
from wiring.practice.trouble import Trouble, Troubles
from wiring.practice.webhooks import Outcome, Webhooks

MOST = 20  # deliveries remembered a customer
LONGEST = 1600  # characters of a message, Twilio's own limit for Body


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing a customer sent: its key in our inbox, and what our endpoint said each time it was delivered."""

    dedup: str
    forged: bool
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """The two names of the company that customers write to: its Twilio account and sender, its mail address."""

    sid: str
    sender: str
    mail: str


@dataclass(slots=True)
class Hand:
    """Writes, taps and replies for pretend customers, and remembers how it was taken."""

    account: Account
    phones: Phones
    troubles: Troubles
    webhooks: Webhooks
    clock: Callable[[], datetime]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _deliveries: dict[str, deque[Delivery]] = field(default_factory=dict)

    def say(self, customer: Customer, text: str) -> None:
        """Type a message on the phone."""
        self._from_phone(customer, text, {"MessageType": "text", "Body": text})

    def tap(self, customer: Customer, bubble: Bubble, option: Option) -> None:
        """Tap a quick reply, or choose a row of a list."""
        if bubble.list_title:
            fields = {"MessageType": "interactive", "ListId": option.id, "ListTitle": option.title}
        else:
            fields = {"MessageType": "button", "ButtonPayload": option.id, "ButtonText": option.title}
        fields |= {"Body": option.title, "OriginalRepliedMessageSid": bubble.id}
        self._from_phone(customer, option.title, fields | {"OriginalRepliedMessageSender": self.account.sender})

    def write(self, customer: Customer, subject: str, text: str, answered: Letter | None = None) -> None:
        """Send a mail; with `answered`, a reply to it with its text quoted below."""
        to = answered.reply_to if answered else parseaddr(self.account.mail)[1]
        self._from_mailbox(customer, letters.written(customer, to, subject, text, answered, self.clock()))

    def reply_by_machine(self, customer: Customer, answered: Letter) -> None:
        """The out-of-office answer of a mailbox (RFC 3834)."""
        self._from_mailbox(customer, letters.automatic(customer, answered, self.clock()))

    def deliveries(self, customer: Customer) -> list[Delivery]:
        """What this customer sent, newest first."""
        with self._lock:
            return list(self._deliveries.get(customer.key, ()))

    def forget(self, customer: Customer) -> None:
        """Remember nothing of this customer."""
        with self._lock:
            self._deliveries.pop(customer.key, None)

    def _from_phone(self, customer: Customer, text: str, fields: Mapping[str, str]) -> None:
        phone, sid, now = self.phones[customer.number], draw_sid("SM"), self.clock()
        phone.add(Bubble(sid, True, text, now, "sent"))
        # Before it is sent: a quick answer must find the window open.
        phone.heard_at = now
        form = {**self._always(customer, sid), **fields}

        def send(forged: bool) -> Outcome:
            return self.webhooks.form("/in/whatsapp", form, forged=forged)

        outcome = self._deliver(customer, f"whatsapp:{sid}", send)
        if not outcome.taken:
            phone.mark(sid, "refused")
        elif (bubble := phone.find(sid)) and bubble.status == "sent":
            phone.mark(sid, "delivered")

    def _always(self, customer: Customer, sid: str) -> dict[str, str]:
        """The fields that every WhatsApp message has."""
        user = customer.user or f"{customer.country or 'US'}.{int(customer.phone[1:]) * 1009}"
        fields = {
            "AccountSid": self.account.sid,
            "ApiVersion": "2010-04-01",
            "ExternalUserId": f"whatsapp:{user}",
            "From": f"whatsapp:{customer.number}",
            "MessageSid": sid,
            "NumMedia": "0",
            "NumSegments": "1",
            "ProfileName": customer.name,
            "ReferralNumMedia": "0",
            "SmsMessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "received",
            "To": self.account.sender,
        }
        return fields | ({"WaId": customer.phone[1:]} if customer.phone else {})

    def _from_mailbox(self, customer: Customer, raw: bytes) -> None:
        self._deliver(customer, f"mail:{letters.fingerprint(raw)}", lambda bad: self.webhooks.mail(raw, forged=bad))

    def _deliver(self, customer: Customer, dedup: str, send: Callable[[bool], Outcome]) -> Outcome:
        """Send once, or as the waiting trouble wants it; the first outcome is the one the provider believes."""
        forged = self.troubles.take(Trouble.FORGED)
        outcomes = [send(forged)]
        if self.troubles.take(Trouble.TWICE):
            outcomes.append(send(forged))
        with self._lock:
            kept = self._deliveries.setdefault(customer.key, deque(maxlen=MOST))
            kept.appendleft(Delivery(dedup, forged, tuple(outcomes)))
        return outcomes[0]
