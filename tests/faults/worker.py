"""Worker processes of the fault tests: real turns in real processes, made to be killed at any moment.

Started as a program it builds the house once and forks a worker for each line on its stdin, answering with its process
id; so a killed worker is replaced within milliseconds, as by a supervisor that never sleeps.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from channels.base import Outbound
from storage import queue
from storage.queue import Claim
from tests.wiring.rig import channel_keys, remade, settings_for
from wiring import logs
from wiring import worker as module
from wiring.house import House, build
from wiring.worker import Worker

NOWHERE = "127.0.0.1:9"


@dataclass(frozen=True)
class Orders:
    """How the workers of one test behave."""

    database_url: str
    data_dir: str
    lease: float = 1.5
    fenced: bool = True
    renewing: bool = True
    dawdle: float = 0.0  # seconds between the claim and the turn


@dataclass(frozen=True)
class Pen:
    """A channel whose provider is a file: every send is one line in it."""

    channel: Any
    path: Path

    def __getattr__(self, name: str) -> Any:
        return getattr(self.channel, name)

    def send(self, message: Outbound) -> str:
        """Leave a line and give an id."""
        with self.path.open("ab", buffering=0) as file:
            file.write(f"{message.id}\n".encode())
        return f"SM{message.id}"


def at_work(house: House, orders: Orders) -> None:
    """Take turns and send until killed."""
    if not orders.fenced:
        finish = queue.finish
        queue.finish = lambda tx, held, **more: finish(tx, held, **more, fenced=False)
    if not orders.renewing:
        module.LONGEST_WORK = 0.0
    worker = Worker(house, 2, orders.lease)
    worker._takes["in"] = _slow(worker._takes["in"], orders.dawdle)
    worker.start()
    parent = os.getppid()
    while os.getppid() == parent:  # a test run that ends in whatever way leaves no worker behind
        time.sleep(0.2)


def _slow(take: Callable[[Claim], None], seconds: float) -> Callable[[Claim], None]:
    def taking(held: Claim) -> None:
        time.sleep(seconds)
        take(held)

    return taking


def _house(orders: Orders) -> House:
    """A house that opens no connection before it is forked."""
    settings = settings_for(orders.database_url, Path(orders.data_dir))
    house = remade(build(settings), settings, channel_keys(f"http://{NOWHERE}", NOWHERE))
    house.reader.understand("Please delete my data", "en")
    sends = Path(orders.data_dir) / "sends"
    return replace(house, channels={name: Pen(channel, sends) for name, channel in house.channels.items()})


def main(orders: Orders) -> None:
    """Fork a worker for each line on stdin."""
    logs.configure("error", sys.stderr)
    house = _house(orders)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed are not waited for
    print("ready", flush=True)
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            threading.Thread(target=at_work, args=(house, orders), daemon=True).start()
            signal.pause()
        print(child, flush=True)


if __name__ == "__main__":
    main(Orders(**json.loads(sys.argv[1])))
