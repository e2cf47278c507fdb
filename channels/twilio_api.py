"""One call of Twilio's REST interface: create a message, once, and say exactly what became of it."""

from __future__ import annotations

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


class TwilioApi:
    """Twilio's own blocking client, with time limits and without retries of its own (the delivery loop retries)."""

    def __init__(self, account: str, user: str, password: str, url: str) -> None:
        # A new connection for every message: a pooled one that Twilio has closed meanwhile fails in a way that leaves
        # open whether the message was taken. It also makes the client safe to share between threads.
        http = TwilioHttpClient(pool_connections=False)
        http.timeout = (CONNECT_SECONDS, READ_SECONDS)
        self._client = Client(user, password, account, http_client=http)
        self._client.api.base_url = url.rstrip("/")

    def create(self, **fields: Any) -> str:
        """The new message's id. Raises SendError; `unknown` when the request may have been taken all the same."""
        try:
            sid = self._client.messages.create(**fields).sid
        except TwilioException as error:
            raise _refusal(error) from None
        except RequestException as error:
            raise _broken(error) from None
        except (ValueError, KeyError, TypeError, AttributeError):  # a success that is no message, as some proxies send
            raise SendError("no_answer", permanent=False, unknown=True) from None
        if not isinstance(sid, str) or not sid:
            raise SendError("no_answer", permanent=False, unknown=True)
        return sid


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
