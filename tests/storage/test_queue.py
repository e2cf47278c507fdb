"""The queue keeps what it took, once, in the order of its lane, whoever dies."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from storage import queue
from storage.db import Store, Tx
from storage.queue import Claim, Fenced, Repeat
from storage.tables import item, lane
from tests.storage.rig import OLD_SECRET, SECRET, Clock, store_of, together


def put(store: Store, key: str, dedup: str, body: bytes = b"") -> int:
    with store.write() as tx:
        return queue.accept(tx, key, dedup, body)


def put_all(store: Store, *items: tuple[str, str]) -> None:
    with store.write() as tx:
        for key, dedup in items:
            queue.accept(tx, key, dedup)


def take(store: Store, kind: str = "in", lease: float = queue.LEASE) -> Claim | None:
    with store.write() as tx:
        return queue.claim(tx, kind, lease)


def must_take(store: Store, kind: str = "in", lease: float = queue.LEASE) -> Claim:
    held = take(store, kind, lease)
    assert held is not None
    return held


def end(store: Store, held: Claim, *effects: str) -> None:
    """Finish a claim, in the transaction of its answers."""
    with store.write() as tx:
        for dedup in effects:
            queue.accept(tx, "out:a", dedup)
        queue.finish(tx, held)


def row_of(tx: Tx, dedup: str) -> tuple[str, str]:
    row = tx.conn.execute(select(item.c.status, item.c.error).where(item.c.dedup == dedup)).one()
    return row.status, row.error


def wait_of(store: Store, key: str) -> float:
    """Seconds until the lane is due."""
    with store.read() as tx:
        return float(tx.conn.execute(select(lane.c.due - tx.epoch).where(lane.c.key == key)).scalar_one())


def make_due(store: Store) -> None:
    with store.write() as tx:
        tx.conn.execute(update(lane).values(due=0.0))


def test_an_item_is_taken_and_finished_once(store: Store) -> None:
    assert put(store, "in:a", "wa:1", b"hello \x00\xff") == 1
    held = must_take(store)
    assert (held.lane, held.seq, held.tries, held.dedup, held.body) == ("in:a", 1, 1, "wa:1", b"hello \x00\xff")
    assert take(store) is None
    end(store, held)
    make_due(store)
    assert take(store) is None
    with store.read() as tx:
        assert row_of(tx, "wa:1") == ("done", "")


def test_many_items_in_a_row_are_accepted(store: Store) -> None:
    assert [put(store, "in:a", f"wa:{n}") for n in range(1, 20)] == list(range(1, 20))


def test_a_repeat_is_refused_and_rolls_its_whole_transaction_back(store: Store) -> None:
    put(store, "in:a", "wa:1")
    with pytest.raises(Repeat):
        put_all(store, ("in:b", "wa:2"), ("in:a", "wa:1"))
    with pytest.raises(queue.Repeat), store.write() as tx:
        queue.accept(tx, "in:c", "wa:1")
    with store.read() as tx:
        assert list(tx.conn.execute(select(lane.c.key, lane.c.last))) == [("in:a", 1)]
        assert list(tx.conn.scalars(select(item.c.dedup))) == ["wa:1"]


def test_a_repeat_in_a_savepoint_leaves_the_others_in(store: Store) -> None:
    with store.write() as tx:
        queue.accept(tx, "in:a", "wa:1")
        with pytest.raises(Repeat), tx.conn.begin_nested():
            queue.accept(tx, "in:a", "wa:1")
        assert queue.accept(tx, "in:a", "wa:2") == 2


def test_the_same_item_from_two_processes_at_once_is_kept_once(url: str) -> None:
    stores = [store_of(url) for _ in range(4)]
    for n in range(5):
        results = together(*[lambda one=one, n=n: put(one, "in:a", f"wa:{n}") for one in stores])
        assert sum(isinstance(result, int) for result in results) == 1
        assert sum(isinstance(result, Repeat) for result in results) == 3
    for one in stores:
        one.close()


def test_numbers_inside_a_lane_have_no_gaps_when_many_write_to_it(url: str) -> None:
    stores = [store_of(url) for _ in range(4)]
    together(
        *[lambda one=one, k=k: [put(one, "in:a", f"wa:{k}:{n}") for n in range(10)] for k, one in enumerate(stores)]
    )
    with stores[0].read() as tx:
        assert list(tx.conn.scalars(select(item.c.seq).order_by(item.c.seq))) == list(range(1, 41))
    for one in stores:
        one.close()


def test_each_lane_is_worked_in_order_and_once_by_several_workers(url: str) -> None:
    stores = [store_of(url) for _ in range(3)]
    for n in range(15):
        for key in "abc":
            put(stores[0], f"in:{key}", f"wa:{key}:{n}")
    done: list[str] = []
    lock = threading.Lock()

    def work(store: Store) -> None:
        while True:
            held = take(store)
            if held is None:
                with store.read() as tx:
                    if queue.depth(tx, "in") == 0:
                        return
                continue
            with lock:
                done.append(held.dedup)
            end(store, held)

    assert together(*[lambda one=one: work(one) for one in stores]) == [None] * 3
    for key in "abc":
        assert [one for one in done if one.startswith(f"wa:{key}:")] == [f"wa:{key}:{n}" for n in range(15)]
    for one in stores:
        one.close()


def test_two_lanes_are_held_side_by_side_and_the_longest_due_comes_first(store: Store) -> None:
    put(store, "in:a", "wa:1")
    put(store, "in:a", "wa:2")
    put(store, "in:b", "wa:3")
    assert [must_take(store).dedup, must_take(store).dedup] == ["wa:1", "wa:3"]
    assert take(store) is None


def test_kinds_do_not_mix(store: Store) -> None:
    put(store, "in:a", "wa:1")
    put(store, "job:purge", "job:purge:1")
    with store.read() as tx:
        assert [queue.waiting(tx, kind) for kind in ("in", "out", "job", "i", "inn")] == [
            True,
            False,
            True,
            False,
            False,
        ]
        assert [queue.depth(tx, kind) for kind in ("in", "out", "job")] == [1, 0, 1]
    assert take(store, "out") is None
    assert must_take(store, "job").dedup == "job:purge:1"


def test_when_a_lease_ends_another_worker_has_the_item_and_the_first_one_is_fenced(store: Store) -> None:
    put(store, "in:a", "wa:1")
    first = must_take(store, lease=-1)
    second = must_take(store)
    assert (second.seq, second.tries) == (first.seq, 2)
    with pytest.raises(Fenced):
        end(store, first, "out:1")
    with pytest.raises(Fenced), store.write() as tx:
        queue.retry(tx, first, "Late", 0.5)
    end(store, second)
    with pytest.raises(Fenced):
        end(store, second)
    with store.read() as tx:
        assert queue.depth(tx, "out") == 0


def test_without_the_fence_the_slow_worker_would_count_too(store: Store) -> None:
    put(store, "in:a", "wa:1")
    first = must_take(store, lease=-1)
    end(store, must_take(store))
    with store.write() as tx:
        queue.finish(tx, first, fenced=False)


def test_a_lease_is_lengthened_only_by_its_holder(store: Store) -> None:
    put(store, "in:a", "wa:1")
    first = must_take(store, lease=-1)
    with store.write() as tx:
        assert queue.renew(tx, first, 60)
    assert take(store) is None
    assert 50 < wait_of(store, "in:a") <= 60
    end(store, first)
    with store.write() as tx:
        assert not queue.renew(tx, first)


def test_a_failed_item_waits_and_keeps_its_lane_in_order(store: Store) -> None:
    put(store, "in:a", "wa:1")
    put(store, "in:a", "wa:2")
    with store.write() as tx:
        held = queue.claim(tx, "in")
        assert held is not None
        queue.retry(tx, held, "ValueError", 0.5)
    assert take(store) is None
    assert 1 < wait_of(store, "in:a") <= 2
    make_due(store)
    assert must_take(store).dedup == "wa:1"
    with store.read() as tx:
        assert row_of(tx, "wa:1") == ("new", "ValueError")


def test_tries_count_up_to_the_eighth_and_begin_again_with_the_next_item(store: Store) -> None:
    put(store, "in:a", "wa:1")
    put(store, "in:a", "wa:2")
    seen = []
    for _ in range(queue.MAX_TRIES):
        make_due(store)
        held = must_take(store)
        seen.append(held.tries)
        with store.write() as tx:
            queue.retry(tx, held, "ValueError", 0.0)
    make_due(store)
    last = must_take(store)
    with store.write() as tx:
        queue.finish(tx, last, status="dead", error="ValueError")
    assert (seen, last.tries) == (list(range(1, 9)), 9)
    following = must_take(store)
    assert (following.dedup, following.tries) == ("wa:2", 1)
    with store.read() as tx:
        assert row_of(tx, "wa:1") == ("dead", "ValueError")


@given(tries=st.integers(1, 5000), chance=st.floats(0, 1))
def test_the_wait_doubles_within_its_bounds(
    tmp_path_factory: pytest.TempPathFactory, tries: int, chance: float
) -> None:
    store = hypothesis_store(tmp_path_factory)
    with store.write() as tx:
        tx.conn.execute(update(lane).values(token="t", due=0.0))
        queue.retry(tx, Claim("in:a", 1, "t", tries, "wa:1", b""), "ValueError", chance)
    expected = min(2 * 2 ** min(tries - 1, 16), 600) * (0.5 + chance)
    assert expected - 5 < wait_of(store, "in:a") <= expected + 1e-6


_stores: dict[str, Store] = {}


def hypothesis_store(factory: pytest.TempPathFactory) -> Store:
    """One SQLite store for all examples of a property."""
    from storage import migrate

    if "one" not in _stores:
        url = f"sqlite:///{factory.mktemp('queue')}/one.db"
        migrate.upgrade(url)
        _stores["one"] = store_of(url)
        put(_stores["one"], "in:a", "wa:1")
    return _stores["one"]


def test_an_item_that_cannot_be_opened_is_put_off_and_others_go_on(url: str) -> None:
    with_old, without = store_of(url, secrets=[OLD_SECRET]), store_of(url, secrets=[SECRET])
    put(with_old, "in:a", "wa:1", b"sealed with a key that is gone")
    put(without, "in:b", "wa:2", b"hello")
    assert take(without) is None
    assert must_take(without).body == b"hello"
    assert wait_of(without, "in:a") > 0
    with without.write() as tx:
        tx.conn.execute(update(lane).where(lane.c.key == "in:a").values(due=0.0, tries=queue.MAX_TRIES))
    given_out = must_take(without)
    assert (given_out.dedup, given_out.body, given_out.tries) == ("wa:1", b"", queue.MAX_TRIES + 1)
    end(without, given_out)
    with_old.close()
    without.close()


def test_the_bytes_that_came_in_can_be_read_again(store: Store) -> None:
    put(store, "in:a", "wa:1", b"raw")
    with store.read() as tx:
        assert (queue.body(tx, "wa:1"), queue.body(tx, "wa:2")) == (b"raw", b"")


def test_leases_do_not_follow_the_clock_of_the_practice_set_up(store: Store, clock: Clock) -> None:
    clock.move(days=400)
    put(store, "in:a", "wa:1")
    must_take(store)
    clock.move(days=400)
    assert take(store) is None


def test_a_refusal_names_no_message(store: Store) -> None:
    put(store, "in:a", "mail:<jane.doe@example.com>")
    with pytest.raises(Repeat) as raised, store.write() as tx:
        queue.accept(tx, "in:a", "mail:<jane.doe@example.com>")
    assert "jane" not in str(raised.value)
