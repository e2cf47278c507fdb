"""Workers die at any moment: no message is lost, none counts twice, and every conversation keeps its order.

What every conversation must look like is not written down here: one of them is held in peace first, and the others,
held while workers are killed, must equal it message by message, ticket by ticket and answer by answer.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import select

from storage import queue
from storage.tables import conversation, message, ticket
from tests.faults.worker import Orders
from tests.wiring.rig import Rig

ROOT = Path(__file__).parents[2]
CONVERSATIONS, LENGTH = 20, 15
OPENINGS = {0: "Please delete all my personal data", 1: "Send me a copy of all the data you have about me", 9: "STOP"}
SEED = 20261123
PATIENCE = 90.0  # seconds; never reached unless something is stuck


@dataclass(frozen=True)
class Held:
    """What the store knows of one conversation."""

    heard: tuple[str, ...]
    tickets: tuple[tuple[str, int], ...]
    answers: tuple[tuple[str, ...], ...]


@dataclass
class Crew:
    """Worker processes, some of which are always about to die."""

    nursery: subprocess.Popen[str]
    alive: list[int]
    killed: int = 0

    def hire(self) -> None:
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.nursery.stdin.write("\n")
        self.nursery.stdin.flush()
        self.alive.append(int(self.nursery.stdout.readline()))

    def kill_one(self, chance: random.Random) -> None:
        os.kill(self.alive.pop(chance.randrange(len(self.alive))), signal.SIGKILL)
        self.killed += 1
        self.hire()


@contextmanager
def crew(orders: Orders, size: int = 2) -> Iterator[Crew]:
    """Workers under these orders; all gone at the end."""
    command = [sys.executable, "-m", "tests.faults.worker", json.dumps(asdict(orders))]
    nursery = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    found = Crew(nursery, [])
    try:
        assert nursery.stdout
        assert nursery.stdout.readline() == "ready\n"
        for _ in range(size):
            found.hire()
        yield found
    finally:
        for pid in found.alive:
            os.kill(pid, signal.SIGKILL)
        nursery.communicate(timeout=10)


def text_of(number: int) -> str:
    return OPENINGS.get(number, f"Thank you {number}")


def say(rig: Rig, talk: int, number: int) -> None:
    answer = rig.whatsapp(text_of(number), sid=f"SM{talk}x{number}", number=f"+2547000000{talk:02}")
    assert answer.status_code == 200


def held_in_peace(rig: Rig) -> Held:
    """One conversation, taken in this very process; its number is one that the others do not have."""
    for number in range(LENGTH):
        say(rig, 99, number)
    rig.worker.drain()
    [held] = conversations(rig)
    return held


def conversations(rig: Rig) -> list[Held]:
    """Every conversation as it stands in the store."""
    with rig.store.read() as tx:
        ids = list(tx.conn.scalars(select(conversation.c.id).order_by(conversation.c.id)))
        rights: dict[str, Counter[str]] = {one: Counter() for one in ids}
        for row in tx.conn.execute(select(ticket.c.conversation_id, ticket.c.right)):
            rights[row.conversation_id][row.right] += 1
        answers: dict[str, list[tuple[str, ...]]] = {one: [] for one in ids}
        outgoing = select(message.c.conversation_id, message.c.names).where(message.c.direction == "out")
        for row in tx.conn.execute(outgoing.order_by(message.c.id)):
            answers[row.conversation_id].append(tuple(row.names))
    heard: dict[str, list[str]] = {one: [] for one in ids}
    for said in rig.said("in"):
        heard[said.conversation_id].append(said.text)
    return [Held(tuple(heard[one]), tuple(sorted(rights[one].items())), tuple(answers[one])) for one in ids]


def all_done(rig: Rig) -> bool:
    with rig.store.read() as tx:
        return queue.depth(tx, "in") == queue.depth(tx, "out") == 0


def send_all(rig: Rig, chance: random.Random, team: Crew | None) -> None:
    """Every message of every conversation, side by side; one in ten comes twice, every 20th kills a worker."""
    left = dict.fromkeys(range(CONVERSATIONS), 0)
    while left:
        talk = chance.choice(list(left))
        say(rig, talk, left[talk])
        if chance.random() < 0.1:
            say(rig, talk, left[talk])
        left[talk] += 1
        if left[talk] == LENGTH:
            del left[talk]
        if team and chance.random() < 0.05:
            team.kill_one(chance)


def wait(rig: Rig, chance: random.Random, team: Crew) -> None:
    """Until everything is done; workers go on dying for a while."""
    until = time.monotonic() + PATIENCE
    while not all_done(rig):
        assert time.monotonic() < until, "something is stuck"
        time.sleep(chance.uniform(0.1, 0.4))
        if team.killed < 30:
            team.kill_one(chance)


def test_killed_workers_lose_nothing_double_nothing_and_keep_the_order(rig: Rig, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    expected = held_in_peace(rig)
    assert len(expected.heard) == LENGTH
    assert expected.tickets
    orders = Orders(rig.house.settings.database_url.get_secret_value(), str(tmp_path))
    with crew(orders) as team:
        send_all(rig, chance, team)
        wait(rig, chance, team)
        assert team.killed >= 10
    found = conversations(rig)
    assert len(found) == CONVERSATIONS + 1
    assert {one for one in found if one != expected} == set()
    sends = (tmp_path / "sends").read_text().split()
    sent = [one.id for one in rig.said() if one.status == "sent"]
    assert len(sent) == len(expected.answers) * (CONVERSATIONS + 1)
    # At least once: each answer left, and only one that a death interrupted may have left twice.
    assert set(sends) <= set(sent)
    assert len(sends) - len(set(sends)) <= team.killed * 4


def test_without_the_fence_the_same_check_fails(sqlite_rig: Rig, tmp_path: Path) -> None:
    """The negative control: a lease shorter than the work, nobody renewing it, and no token asked for at the end."""
    expected = held_in_peace(sqlite_rig)
    url = sqlite_rig.house.settings.database_url.get_secret_value()
    orders = Orders(url, str(tmp_path), lease=0.05, fenced=False, renewing=False, dawdle=0.2)
    for talk in range(4):
        for number in range(4):
            say(sqlite_rig, talk, number)
    with crew(orders) as team:
        until = time.monotonic() + PATIENCE
        while not all_done(sqlite_rig) and time.monotonic() < until:
            time.sleep(0.1)
        assert team.killed == 0
    heard = [one.heard for one in conversations(sqlite_rig) if one != expected]
    assert any(len(texts) > 4 or list(texts) != [text_of(n) for n in range(len(texts))] for texts in heard)
