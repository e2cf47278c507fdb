"""One mail over SMTP, once, and exactly what became of it."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPReadTimeoutError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from channels.base import BadKey, SendError
from channels.loopback import is_loopback

SECONDS = 20.0  # for each step of the dialogue
_QUOTA = 552  # "exceeded storage allocation": a full mailbox is emptied some day


@dataclass(frozen=True, slots=True)
class Relay:
    """The server that takes our mail."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: bool  # from the first byte
    start_tls: bool

    @classmethod
    def parse(cls, url: str) -> Relay:
        """`smtp://user:pass@host:port?starttls=required|off` or `smtps://...`. Raises BadKey.

        Without TLS only to this machine, where it is the default.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise BadKey("SMTP_URL", "is not a URL") from None
        if parts.scheme not in ("smtp", "smtps") or not host:
            raise BadKey("SMTP_URL", "must look like smtp://user:password@host:587 or smtps://...")
        tls, here = parts.scheme == "smtps", is_loopback(host)
        wish = parse_qs(parts.query).get("starttls", ["off" if here else "required"])[0]
        if wish not in ("required", "off") or (wish == "off" and not (here or tls)):
            raise BadKey("SMTP_URL", "must keep STARTTLS, unless the server is this machine")
        start_tls = wish == "required" and not tls
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(host, port or (465 if tls else 587 if start_tls else 25), user, password, tls, start_tls)

    def send(self, mail: bytes, sender: str, recipient: str) -> None:
        """Hand over one mail to one recipient. Raises SendError; `unknown` when the server may have taken it.

        Blocking: it runs an event loop of its own.
        """
        try:
            refused = asyncio.run(self._send(mail, sender, recipient))
        except (SMTPException, OSError, ValueError) as error:
            raise _judged(error) from None
        if refused:
            raise _by_code(next(iter(refused)))

    async def _send(self, mail: bytes, sender: str, recipient: str) -> list[int]:
        refused, _ = await aiosmtplib.send(
            mail,
            sender=sender,
            recipients=[recipient],
            hostname=self.host,
            port=self.port,
            username=self.user or None,
            password=self.password or None,
            use_tls=self.tls,
            start_tls=self.start_tls,
            local_hostname=sender.rpartition("@")[2],
            timeout=SECONDS,
            mail_options=[] if recipient.isascii() else ["SMTPUTF8"],
        )
        return [response.code for response in refused.values()]


def _by_code(code: int) -> SendError:
    """4xx will pass, 5xx will not (RFC 5321, 4.2.1)."""
    permanent = code >= 500 and code != _QUOTA
    return SendError(f"smtp_{code}", permanent=permanent, remedy="stop" if permanent else "retry")


def _judged(error: Exception) -> SendError:
    if isinstance(error, SMTPRecipientsRefused):
        return _by_code(error.recipients[0].code)
    if isinstance(error, SMTPAuthenticationError):
        return SendError(f"smtp_auth_{error.code}", permanent=False, remedy="ours")
    if isinstance(error, SMTPSenderRefused):
        return SendError(f"smtp_sender_{error.code}", permanent=False, remedy="ours")
    if isinstance(error, SMTPResponseException):
        return _by_code(error.code)
    if isinstance(error, ssl.SSLError):
        return SendError("smtp_tls", permanent=False, remedy="ours")
    if isinstance(error, SMTPConnectError):
        return SendError("smtp_connect", permanent=False)
    if isinstance(error, SMTPReadTimeoutError):  # after DATA the mail may be in the server's hands
        return SendError("smtp_timeout", permanent=False, unknown=True)
    if isinstance(error, SMTPServerDisconnected | OSError):
        return SendError("smtp_connection_lost", permanent=False, unknown=True)
    if isinstance(error, ValueError):  # an address that cannot stand in the dialogue
        return SendError("smtp_address", permanent=True, remedy="stop")
    return SendError("smtp_unsupported", permanent=False, remedy="ours")  # no STARTTLS, no AUTH, no SMTPUTF8
