"""One raw mail in our own words. Total: whatever the bytes are, there is an `Inbound`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from itertools import accumulate

from channels import quoting
from channels.addresses import mail_addresses
from channels.base import Inbound
from channels.body import Body, body_of
from channels.mime import Unreadable, header, parse, peek_sender, plain_headers, sender_of
from channels.notices import bounced, kind_of
from channels.threads import Threads, message_ids

LONGEST_TEXT = 200_000  # characters kept; the raw mail is stored beside it
MOST_RECIPIENTS = 50
LONGEST_RECIPIENTS = 16 * 1024  # characters of all To and Cc headers together; a header that goes beyond is left out


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads mails. Without arguments it knows no address and no thread of ours, and still reads everything."""

    own: tuple[str, ...] = ()
    threads: Threads | None = None

    def read(self, raw: bytes) -> Inbound:
        """Never raises: what cannot be read has kind "unreadable" and the reason as error."""
        try:
            return self._read(raw, parse(raw))
        except Unreadable as reason:
            error = str(reason)
        except (RecursionError, LookupError, ValueError, TypeError, AttributeError, AssertionError, MessageError):
            # What the standard library raises on broken mails; UnicodeError and binascii.Error are ValueErrors.
            error = "broken"
        return Inbound("mail", provider_id(raw), sender=peek_sender(raw), kind="unreadable", error=error)

    def _read(self, raw: bytes, mail: Message) -> Inbound:
        sender, error = sender_of(mail)
        kind = kind_of(mail, sender, self.own, self.threads)
        lost, status = bounced(mail, self.threads) if kind == "bounce" else ("", "")
        body, to, subject = body_of(mail), _recipients(mail), header(mail, "subject")
        answered, older = _ids(mail, "in-reply-to"), _ids(mail, "references")
        # A quote in a mail that answers nothing is likelier evidence, so there our address must be known: the one it
        # was sent to will do.
        own = self.own or (() if answered or older or quoting.is_answer(subject) else to)
        sealed = body.encrypted and not body.plain.strip()
        return Inbound(
            channel="mail",
            provider_id=provider_id(raw),
            sender=sender,
            text=_reply(body, subject, own)[:LONGEST_TEXT],
            full_text=body.plain.strip()[:LONGEST_TEXT],
            subject=subject,
            kind="unreadable" if sealed and kind == "message" else kind,
            answers=self.threads.ours([*answered, *reversed(older)]) if self.threads else (),
            message_id=next(iter(_ids(mail, "message-id")), ""),
            in_reply_to=answered[0] if answered else "",
            references=older,
            media=tuple(body.media),
            to=to,
            error=status or ("encrypted" if sealed else error),
            bounced=lost,
        )


def _reply(body: Body, subject: str, own: tuple[str, ...]) -> str:
    """The reply from the plain text, else from the HTML, whose quotes are marked where the plain text shows none."""
    reply = quoting.reply(body.plain, own, subject)
    if not body.rich or reply != body.plain.strip():
        return reply
    rich = quoting.reply(body.rich, own, subject)
    return reply if rich == body.rich.strip() else rich


def provider_id(raw: bytes) -> str:
    """SHA-256 of the raw mail: the same for every delivery of the same bytes."""
    return hashlib.sha256(raw).hexdigest()


def _recipients(mail: Message) -> tuple[str, ...]:
    values = [value for name in ("to", "cc") for value in plain_headers(mail, name)]
    lengths = accumulate(map(len, values))
    values = [value for value, length in zip(values, lengths, strict=True) if length <= LONGEST_RECIPIENTS]
    found = dict.fromkeys(address.value for value in values for address in mail_addresses(value))
    return tuple(found)[:MOST_RECIPIENTS]


def _ids(mail: Message, name: str) -> tuple[str, ...]:
    return message_ids(" ".join(plain_headers(mail, name)))
