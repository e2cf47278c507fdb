"""The mails that pretend customers write, as bytes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from wiring.practice.customers import Customer
from wiring.practice.mailbox import Letter

# Long References must not be folded into encoded words (cpython issue 85725).
_POLICY = SMTP.clone(max_line_length=998)
_AWAY = "I am out of the office until Monday and will answer when I am back."


def written(customer: Customer, to: str, subject: str, text: str, answered: Letter | None, now: datetime) -> bytes:
    """A mail by hand; a reply carries the mail it answers below, as mail programs do."""
    mail = _headed(customer, to, reply_subject(answered.subject) if answered and not subject else subject, now)
    if answered:
        _thread(mail, answered)
        text = f"{text}\n\n{_quoted(answered)}"
    mail.set_content(text)
    return mail.as_bytes()


def automatic(customer: Customer, answered: Letter, now: datetime) -> bytes:
    """An out-of-office answer, marked as RFC 3834 wants it."""
    mail = _headed(customer, answered.reply_to, f"Automatic reply: {answered.subject}", now)
    mail["Auto-Submitted"] = "auto-replied"
    _thread(mail, answered)
    mail.set_content(_AWAY)
    return mail.as_bytes()


def reply_subject(subject: str) -> str:
    """The subject of a reply."""
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def fingerprint(raw: bytes) -> str:
    """What the mail channel knows a mail by."""
    return hashlib.sha256(raw).hexdigest()


def _headed(customer: Customer, to: str, subject: str, now: datetime) -> EmailMessage:
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(customer.name, addr_spec=customer.email)
    mail["To"] = to
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{secrets.token_hex(12)}@{customer.email.rpartition('@')[2]}>"
    return mail


def _thread(mail: EmailMessage, answered: Letter) -> None:
    mail["In-Reply-To"] = answered.message_id
    mail["References"] = " ".join(dict.fromkeys((*answered.references, answered.message_id)))


def _quoted(answered: Letter) -> str:
    lines = "\n".join(f"> {line}".rstrip() for line in answered.text.splitlines())
    return f"On {answered.at:%a, %d %b %Y at %H:%M}, {answered.sender} wrote:\n{lines}\n"
