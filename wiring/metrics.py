"""What is counted: how much came, went and failed. Names of channels, errors and routes; nothing about a person.

Code messages are left out of what counts answers: one leaves only for a contact on file, so a figure that moved with it
would tell whether there is such a contact.
"""

from __future__ import annotations

import hmac

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import func, select
from starlette.requests import Request

from storage import queue
from storage.db import Store, Tx
from storage.tables import lane
from wiring.setting_checks import is_loopback

CONTENT_TYPE = CONTENT_TYPE_LATEST
KINDS = ("in", "out", "job")  # and not `code`
FORWARDED = ("forwarded", "via", "x-forwarded-", "x-real-ip")  # beginnings of what proxies add
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """One process's counters, in a registry of their own; the queue's figures are read from the store when asked."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()

        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"privacydesk_{name}", about, labels, registry=registry)

        self.accepted = counter("accepted", "Deliveries stored", "channel")
        self.repeated = counter("repeated", "Deliveries that were stored before", "channel")
        self.receipts = counter("receipts", "Delivery receipts stored", "channel")
        self.refused = counter("refused", "Deliveries turned away", "channel", "reason")
        self.turns = counter("turns", "Turns taken", "result")
        self.turn_failures = counter("turn_failures", "Turns that raised", "error")
        self.deliveries = counter("deliveries", "Answers handed to a provider, codes left out", "channel", "result")
        self.requests = Histogram(
            "privacydesk_request_seconds",
            "Time to answer a request",
            ("method", "route", "status"),
            registry=registry,
            buckets=SECONDS,
        )
        self._depth = Gauge("privacydesk_queue_depth", "Items not done yet", ("kind",), registry=registry)
        self._oldest = Gauge(
            "privacydesk_queue_oldest_seconds", "How long the oldest due item waits", ("kind",), registry=registry
        )

    def page(self, store: Store) -> bytes:
        """The text that Prometheus reads."""
        with store.read() as tx:
            for kind in KINDS:
                self._depth.labels(kind).set(queue.depth(tx, kind))
                self._oldest.labels(kind).set(oldest(tx, kind))
        return generate_latest(self.registry)


def oldest(tx: Tx, kind: str) -> float:
    """Seconds since the longest waiting item of a kind fell due; 0 where nothing is due."""
    first = select(tx.epoch - func.min(lane.c.due)).where(
        lane.c.done < lane.c.last, lane.c.key >= f"{kind}:", lane.c.key < f"{kind};"
    )
    return max(0.0, tx.conn.scalar(first) or 0.0)


def may_see(request: Request, token: str) -> bool:
    """Whether the figures are for this request: it bears `token`, or it comes straight from this machine.

    A proxy on this machine makes strangers look like neighbours: who was forwarded, or asks for us by another name than
    this machine's, needs the token. An empty `token` opens nothing.
    """
    given = request.headers.get("authorization", "").encode("utf-8", "surrogatepass")
    if token and hmac.compare_digest(given, f"Bearer {token}".encode()):
        return True
    host = request.client.host if request.client else ""
    near = _is_here(f"[{host}]" if ":" in host else host) and _is_here(request.headers.get("host", ""))
    return near and not any(name.startswith(FORWARDED) for name in request.headers)


def _is_here(host: str) -> bool:
    try:
        return is_loopback(f"http://{host}")
    except ValueError:  # no host at all
        return False
