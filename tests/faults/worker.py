"""One worker process of the fault tests: real turns and deliveries, made to be killed at any moment."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from channels.base import Choice, Outbound
from storage import queue
from storage.queue import Claim
from tests.wiring.rig import channel_keys, remade, settings_for
from wiring.house import House, build
from wiring.inbound import Turns
from wiring.worker import Worker

LEASE = 1.0  # seconds: a killed worker's lanes fall due soon, the test does not have half a minute
_house: list[House] = []  # built once before the processes are forked, with no connection open


@dataclass(frozen=True)
class Orders:
    """What a worker process is told."""

    database_url: str
    data_dir: Path
    sends: Path  # every send leaves its message's id here, one line each
    fenced: bool = True
    dawdle: float = 0.0  # seconds between the claim and the turn


class Pen:
    """Stands in for both providers' servers: a send is a line in a file, written whole or not at all."""

    def __init__(self, channel: object, path: Path) -> None:
        self._channel, self._path = channel, path

    def __getattr__(self, name: str) -> object:
        return getattr(self._channel, name)

    def send(self, message: Outbound) -> str:
        assert all(isinstance(choice, Choice) for choice in message.choices)
        with open(self._path, "ab", buffering=0) as file:
            file.write(f"{message.id}\n".encode())
        return f"SM{message.id}"


def house_for(orders: Orders) -> House:
    """The house of these orders, without its providers."""
    settings = settings_for(orders.database_url, orders.data_dir)
    if not _house:
        _house.append(build(settings))
    house = remade(_house[0], settings, channel_keys("http://127.0.0.1:9", "127.0.0.1:9"))
    channels = {name: Pen(channel, orders.sends) for name, channel in house.channels.items()}
    return replace(house, channels=channels)


def work(orders: Orders) -> None:
    """Work until killed."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # The product's lease is half a minute; claims take it as a default, so it is shortened here for the whole process.
    claim = queue.claim
    queue.claim = lambda tx, kind: claim(tx, kind, lease=LEASE)
    if not orders.fenced:
        finish = queue.finish
        queue.finish = lambda tx, held, **more: finish(tx, held, **more, fenced=False)
    worker = Worker(house_for(orders), 2)
    if orders.dawdle:
        worker._takes["in"] = _slow(worker._takes["in"], orders.dawdle)
    worker.start()
    threading.Event().wait()


def _slow(take: object, seconds: float) -> object:
    def taking(held: Claim) -> None:
        time.sleep(seconds)
        take(held)  # type: ignore[operator]

    return taking


def _end_with_parent() -> None:
    """A test run that is killed leaves no process behind."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


__all__ = ["LEASE", "Orders", "Turns", "house_for", "work"]
