"""The worker: threads that take turns and send answers, each claim kept alive while somebody works on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from storage import queue
from storage.db import Tx
from storage.queue import Claim
from wiring.deliver import Deliveries
from wiring.house import House
from wiring.inbound import Turns

log = structlog.get_logger()
SHORTEST_WAIT, LONGEST_WAIT = 0.1, 0.25  # seconds between two looks at an empty queue
AFTER_TROUBLE = 1.0  # seconds before the database is asked again
RENEWALS = 3  # a lease
LONGEST_WORK = 300.0  # seconds after which a hanging item is left to others; the fence keeps it from counting twice
FRESH = 60.0  # seconds a heartbeat may be old
STOP_SECONDS = 10.0

Take = Callable[[Claim], Claim | None]


@dataclass(frozen=True, slots=True)
class _Held:
    claim: Claim
    since: float


class Worker:
    """Turns and deliveries of one house, in threads of this process. Several processes may work on one database."""

    def __init__(self, house: House, threads: int, lease: float = queue.LEASE) -> None:
        """`threads` take turns and as many send. A claim is lost `lease` seconds after its process died."""
        self._house, self._lease = house, lease
        self._takes: dict[str, Take] = {
            "in": Turns(house, partial(self._claim, "in")).take,
            "code": Deliveries(house, partial(self._claim, "code")).take,
            "out": Deliveries(house, partial(self._claim, "out")).take,
        }
        self._stopping, self._bell = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._beat = 0.0
        self._threads = [
            threading.Thread(target=self._loop, args=(kind,), name=f"{kind}-{number}", daemon=True)
            for kind in self._takes
            for number in range(1, threads + 1)
        ]
        self._pulse_thread = threading.Thread(target=self._pulse, name="pulse", daemon=True)

    def start(self) -> None:
        """Begin to work, in the background."""
        self._beat = time.monotonic()
        for thread in (*self._threads, self._pulse_thread):
            thread.start()

    def stop(self) -> None:
        """Finish the items at hand and end; what still hangs after ten seconds falls to the next worker."""
        self._stopping.set()
        self._bell.set()
        until = time.monotonic() + STOP_SECONDS
        for thread in (*self._threads, self._pulse_thread):
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))

    def wake(self) -> None:
        """There is work: look now instead of in a moment."""
        self._bell.set()

    def is_alive(self) -> bool:
        """Whether every thread lives and the database was reached within the last minute."""
        return time.monotonic() - self._beat < FRESH and all(thread.is_alive() for thread in self._threads)

    def drain(self) -> int:
        """Do everything that is due, in the calling thread, and return how many items that was."""
        done = 0
        while taken := sum(self._step(kind) for kind in self._takes):
            done += taken
        return done

    def _loop(self, kind: str) -> None:
        while not self._stopping.is_set():
            try:
                busy = self._is_due(kind) and self._step(kind)
            except Exception as error:
                # The database is away or full: this thread outlives it, and its claim falls due again by itself.
                log.error("worker.trouble", worker=kind, exc_info=error)
                self._stopping.wait(AFTER_TROUBLE)
                continue
            if not busy:
                self._rest()

    def _is_due(self, kind: str) -> bool:
        with self._house.store.read() as tx:
            return queue.waiting(tx, kind)

    def _step(self, kind: str) -> int:
        """Take what is due of a kind, one item after the other; how many that were."""
        with self._house.store.write() as tx:
            held = queue.claim(tx, kind, self._lease)
        done = 0
        while held:
            with self._holding(held):
                held = self._takes[kind](held)
            done += 1
            self._bell.set()  # a turn leaves answers, an answer frees its lane
        return done

    def _claim(self, kind: str, tx: Tx) -> Claim | None:
        return None if self._stopping.is_set() else queue.claim(tx, kind, self._lease)

    def _rest(self) -> None:
        wait = SHORTEST_WAIT + (LONGEST_WAIT - SHORTEST_WAIT) * self._house.chance()
        if self._bell.wait(wait) and not self._stopping.is_set():
            self._bell.clear()

    @contextmanager
    def _holding(self, claim: Claim) -> Iterator[None]:
        with self._lock:
            self._held[claim.token] = _Held(claim, time.monotonic())
        try:
            yield
        finally:
            with self._lock:
                del self._held[claim.token]

    def _pulse(self) -> None:
        while not self._stopping.wait(self._lease / RENEWALS):
            try:
                self._renew()
            except Exception as error:
                # No heartbeat: /readyz tells, and leases that cannot be renewed pass to others.
                log.error("worker.no_pulse", exc_info=error)
            else:
                self._beat = time.monotonic()

    def _renew(self) -> None:
        """Lengthen the lease of everything at work here; with nothing at work, see that the database answers."""
        young = time.monotonic() - LONGEST_WORK
        with self._lock:
            claims = [held.claim for held in self._held.values() if held.since > young]
        if not claims:
            self._is_due("in")
            return
        with self._house.store.write() as tx:
            for claim in claims:
                if not queue.renew(tx, claim, self._lease):
                    log.warning("worker.lease_lost", lane=claim.lane, seq=claim.seq)
