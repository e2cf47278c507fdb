"""One call of Twilio's REST interface: create a message, once, and say exactly what became of it."""

from __future__ import annotations

import threading
import time
from typing import Any

import requests
from requests.exceptions import ConnectTimeout, RequestException, SSLError
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from channels.base import SendError
from channels.refusals import REMEDIES, remedy

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
IDLE_SECONDS = 2.0


class TwilioApi:
    """Twilio's own blocking client, with time limits and without retries of its own (the delivery loop retries)."""

    def __init__(self, account: str, user: str, password: str, url: str) -> None:
        self._keys, self._url = (user, password, account), url.rstrip("/")
        self._own = threading.local()

    def create(self, **fields: Any) -> str:
        """The new message's id. Raises SendError; `unknown` when the request may have been taken all the same."""
        try:
            sid = self._client().messages.create(**fields).sid
        except TwilioException as error:
            raise _refusal(error) from None
        except RequestException as error:
            raise _broken(error) from None
        except (ValueError, KeyError, TypeError, AttributeError):  # a success that is no message, as some proxies send
            raise SendError("no_answer", permanent=False, unknown=True) from None
        if not isinstance(sid, str) or not sid:
            raise SendError("no_answer", permanent=False, unknown=True)
        return sid

    def _client(self) -> Client:
        """The client of this thread. Its connection is kept for as long as one message follows the other.

        A new one costs three round trips and 20 ms to load the certificates. One that Twilio has closed meanwhile fails
        in a way that leaves open whether the message was taken, so it is given up long before anybody would close it.
        """
        own, now = self._own, time.monotonic()
        if now - getattr(own, "used_at", -IDLE_SECONDS) >= IDLE_SECONDS:
            http = TwilioHttpClient()
            http.timeout = (CONNECT_SECONDS, READ_SECONDS)
            own.client = Client(*self._keys, http_client=http)
            own.client.api.base_url = self._url
        own.used_at = now
        client: Client = own.client
        return client


def _refusal(error: TwilioException) -> SendError:
    """By Twilio's code where it is known, else by HTTP status. After a 5xx the message may have been accepted."""
    status = int(getattr(error, "status", None) or 0)
    code = str(getattr(error, "code", None) or status)
    if status >= 500 or not status:
        return SendError(code, permanent=False, unknown=True)
    if status == 429:
        return SendError(code, permanent=False)
    if code in REMEDIES:
        what = remedy(code)
        return SendError(code, permanent=what in ("template", "stop"), remedy=what)
    return SendError(code, permanent=status not in (401, 403, 404), remedy="ours")


def _broken(error: RequestException) -> SendError:
    if isinstance(error, SSLError):
        return SendError("tls", permanent=False, remedy="ours")
    if isinstance(error, ConnectTimeout) or _never_connected(error):
        return SendError("connect", permanent=False)
    if isinstance(error, requests.Timeout):
        return SendError("timeout", permanent=False, unknown=True)
    return SendError("connection_lost", permanent=False, unknown=True)


def _never_connected(error: RequestException) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
