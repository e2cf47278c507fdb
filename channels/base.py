"""The words every channel shares. A channel is one file with a `build` that gives a `Channel`, or None if it is off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

AddressKind = Literal["whatsapp", "whatsapp_user", "email"]
InboundKind = Literal["message", "autoreply", "bounce", "unreadable"]
Remedy = Literal["retry", "template", "stop", "ours"]


@dataclass(frozen=True, slots=True)
class Post:
    """One HTTP request to a webhook, as received. Nothing in it is believed before `Channel.receive` has checked it."""

    path: str  # percent-encoded as received
    query: str  # raw, without the question mark
    headers: Mapping[str, str]  # lower-case names
    body: bytes


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person can be reached.

    `whatsapp`: "+" and digits exactly as the provider gave them (national quirks included). `whatsapp_user`: the
    business-scoped user id, "KE.8842...", for people who hide their number. `email`: domain in lower case and IDNA.
    """

    kind: AddressKind
    value: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it must be stored, before anything in it is understood.

    `dedup` is the same for every repeat of the same message; `Channel.read(raw)` needs nothing but `raw`.
    """

    channel: str
    dedup: str
    sender: Address | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider says about a message of ours. `rank` only ever grows; see `receipts`."""

    message: str  # our own id, "" when the provider did not carry it
    provider_id: str
    status: str
    rank: int
    error: str  # the provider's error code, "" when there is none


@dataclass(frozen=True, slots=True)
class Media:
    """An attachment, named but not fetched. `size` in bytes, 0 when unknown; `name` is the sender's, never a path."""

    content_type: str
    url: str = ""
    name: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message in our own words. `text` is what to understand, `full_text` all that was written, quotes included."""

    channel: str
    provider_id: str
    sender: Address | None = None
    also: tuple[Address, ...] = ()  # other addresses of the same sender
    text: str = ""
    full_text: str = ""
    choice: str = ""  # id of the button or list row that was tapped
    subject: str = ""
    kind: InboundKind = "message"
    answers: tuple[str, ...] = ()  # ids of our own messages it replies to, proved, newest first
    replied_to: str = ""  # the provider's id of the message it replies to
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()  # message ids, oldest first
    media: tuple[Media, ...] = ()
    to: tuple[str, ...] = ()
    error: str = ""  # why it is unreadable or only partly trusted
    bounced: str = ""  # for a bounce: our message that was not delivered, "" when unknown


@dataclass(frozen=True, slots=True)
class Choice:
    """A button or list row. `id` comes back in `Inbound.choice`."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to send. `id` and `sent_at` are the outbox row's, so that every try of a row is the same mail."""

    id: str
    to: Address
    text: str
    sent_at: datetime  # aware, UTC
    choices: tuple[Choice, ...] = ()
    as_list: bool = False
    list_title: str = ""
    template: str = ""
    variables: tuple[str, ...] = ()
    language: str = "en"
    subject: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    automatic: bool = True  # False when a person of staff wrote it


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider is answered once the message is stored."""

    status: int
    content_type: str
    body: bytes


class Refused(Exception):
    """A request is turned away and nothing of it may be stored. `status` is the HTTP status, `code` a word for it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class SendError(Exception):
    """A message was not sent. Holds the provider's code and never an address or a text.

    `permanent`: the same message will never go. `unknown`: it may have been accepted all the same. `remedy`: "retry"
    later, use a "template", "stop" writing to this address, or "ours": a person must look at our settings.
    """

    def __init__(self, code: str, *, permanent: bool, unknown: bool = False, remedy: Remedy = "retry") -> None:
        super().__init__(f"not sent: {code}")
        self.code = code
        self.permanent = permanent
        self.unknown = unknown
        self.remedy = remedy


class KeyProblem(Exception):
    """A channel's settings cannot work. `name` is the setting; its value is never in the text."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")
        self.name = name


class MissingKey(KeyProblem):
    """Half of a channel's settings are there; `name` is the first one missing."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "is missing")


class BadKey(KeyProblem):
    """A setting is there but cannot be used."""


class Channel(Protocol):
    """What the web layer and the delivery loop need from a channel. All methods are blocking and safe in threads."""

    @property
    def name(self) -> str: ...

    @property
    def max_body(self) -> int:
        """Bytes of the largest request worth reading."""

    @property
    def reply(self) -> Reply:
        """The answer to a stored message."""

    @property
    def receipt_reply(self) -> Reply:
        """The answer to a stored receipt."""

    def receive(self, post: Post, now: datetime) -> Sequence[Arrival | Receipt]:
        """What to store. Raises Refused, and nothing else, on whatever a stranger may send."""

    def read(self, raw: bytes) -> Inbound:
        """The message in our words. Never raises: what cannot be read has kind "unreadable"."""

    def send(self, message: Outbound) -> str:
        """Send once, without retries, and give the provider's id. Raises SendError. Not for an event loop's thread."""


def switched_on(keys: Mapping[str, str], needed: Sequence[str], optional: Sequence[str] = ()) -> bool:
    """Whether a channel has its keys: all of `needed`. Raises MissingKey when only some keys are there."""
    if not any(keys.get(name) for name in (*needed, *optional)):
        return False
    for name in needed:
        if not keys.get(name):
            raise MissingKey(name)
    return True
