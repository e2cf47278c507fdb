"""The worker's threads: they find work by themselves, keep their leases, and end when asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import select, text, update

from storage import queue
from storage.tables import lane
from tests.wiring.rig import Rig, full_sid
from wiring import worker as module
from wiring.worker import Worker


def wait_for(met: Callable[[], bool], seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if met():
            return True
        time.sleep(0.02)
    return False


def test_threads_take_what_comes_and_end_when_asked(rig: Rig) -> None:
    rig.worker.start()
    for number in range(10):
        assert rig.whatsapp("Hello", sid=f"SM{number}", number=f"+25470000000{number}").status_code == 200
    assert wait_for(lambda: len(rig.twilio.requests) == 10)
    assert wait_for(lambda: all(status == "done" for _, status, _ in rig.items()))
    assert rig.worker.is_alive()
    rig.worker.stop()
    assert not rig.worker.is_alive()


def test_two_workers_on_one_database_do_everything_once(rig: Rig) -> None:
    others = [Worker(rig.house, 2), Worker(rig.house, 2)]
    for number in range(20):
        rig.whatsapp("Please delete my data", sid=f"SM{number}", number=f"+25470000000{number % 10}")
    for one in others:
        one.start()
    assert wait_for(lambda: bool(rig.items()) and all(status == "done" for _, status, _ in rig.items()), 60)
    for one in others:
        one.stop()
    assert len(rig.said("in")) == 20
    assert len(rig.twilio.requests) == len(rig.said())


def test_a_claim_at_work_keeps_its_lease_and_a_hanging_one_loses_it(
    sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_rig.whatsapp("Hello")
    working, go_on = threading.Event(), threading.Event()

    def slow(_: queue.Claim) -> None:
        working.set()
        go_on.wait(20)

    sqlite_rig.worker._takes["in"] = slow
    thread = threading.Thread(target=sqlite_rig.worker._step, args=("in",))
    thread.start()
    assert working.wait(20)
    due = due_now(sqlite_rig, set_to=1.0)
    sqlite_rig.worker._renew()
    assert due_now(sqlite_rig) > due + queue.LEASE
    due_now(sqlite_rig, set_to=1.0)
    monkeypatch.setattr(module, "LONGEST_WORK", 0.0)
    sqlite_rig.worker._renew()
    assert due_now(sqlite_rig) == 1.0
    go_on.set()
    thread.join()


def due_now(rig: Rig, set_to: float | None = None) -> float:
    with rig.store.write() as tx:
        if set_to is not None:
            tx.conn.execute(update(lane).values(due=set_to))
        return float(tx.conn.scalar(select(lane.c.due)) or 0.0)


def test_a_thread_outlives_trouble_with_the_database(sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AFTER_TROUBLE", 0.05)
    with sqlite_rig.store.write() as tx:
        tx.conn.execute(text("ALTER TABLE lane RENAME TO away"))
    sqlite_rig.worker.start()
    time.sleep(0.3)
    with sqlite_rig.store.write() as tx:
        tx.conn.execute(text("ALTER TABLE away RENAME TO lane"))
    sqlite_rig.whatsapp("Hello")
    assert wait_for(lambda: len(sqlite_rig.twilio.requests) == 1)
    sqlite_rig.worker.stop()


def test_a_worker_without_a_heartbeat_is_not_alive(sqlite_rig: Rig) -> None:
    assert not sqlite_rig.worker.is_alive()
    sqlite_rig.worker.start()
    assert sqlite_rig.worker.is_alive()
    sqlite_rig.worker._beat -= module.FRESH
    assert not sqlite_rig.worker.is_alive()
    sqlite_rig.worker.stop()


def test_stopping_finishes_the_item_at_hand(sqlite_rig: Rig) -> None:
    done: list[str] = []
    working = threading.Event()

    def slow(claim: queue.Claim) -> None:
        working.set()
        time.sleep(0.3)
        done.append(claim.dedup)

    sqlite_rig.whatsapp("Hello")
    sqlite_rig.worker._takes["in"] = slow
    sqlite_rig.worker.start()
    assert working.wait(20)
    sqlite_rig.worker.stop()
    assert done == [f"whatsapp:{full_sid('SM1')}"]
