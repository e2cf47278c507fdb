"""What a pretend customer does, as the webhook its provider would send: every field, really signed, over HTTP."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import requests
from twilio.request_validator import RequestValidator

SECONDS = 15.0  # Twilio's own limit for an answer
NOT_REACHED = 0  # in place of an HTTP status


@dataclass(frozen=True, slots=True)
class Outcome:
    """One webhook's way: where it went, the HTTP status (0: nobody answered) and how long it took."""

    path: str
    status: int
    milliseconds: int

    @property
    def taken(self) -> bool:
        """Whether we said that it is stored."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The providers' side of our endpoints.

    `base` is where this process listens; signatures are made over `public_url`, as real ones are.
    """

    base: str
    public_url: str
    token: str
    mail_secret: str
    clock: Callable[[], datetime]

    def form(self, path: str, fields: Mapping[str, str], *, forged: bool = False) -> Outcome:
        """A form signed the way Twilio signs. `path` may carry a query; `forged` signs with another token."""
        validator = RequestValidator("0" * 32 if forged else self.token)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": validator.compute_signature(self.public_url + path, fields),
            "User-Agent": "TwilioProxy/1.1",
        }
        return self._post(path, urlencode(fields).encode(), headers)

    def mail(self, raw: bytes, *, forged: bool = False) -> Outcome:
        """A raw mail, signed with X-Signature."""
        stamp = str(int(self.clock().timestamp()))
        secret = b"0" * 32 if forged else self.mail_secret.encode()
        mac = hmac.new(secret, stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "message/rfc822", "X-Signature": f"t={stamp},v1={mac}"}
        return self._post("/in/mail/mime", raw, headers)

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        begun = time.perf_counter()
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the environment is not on this machine
            try:
                url = self.base + path
                answer = session.post(url, data=body, headers=headers, timeout=SECONDS, allow_redirects=False)
                status = answer.status_code
            except requests.RequestException:
                status = NOT_REACHED
        return Outcome(path.partition("?")[0], status, round(1000 * (time.perf_counter() - begun)))
