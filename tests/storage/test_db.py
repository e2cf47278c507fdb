"""Transactions: all or nothing, one writer at a time on SQLite, one snapshot to read, and errors that tell nothing."""

from __future__ import annotations

import os
import sqlite3
import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage import db, queue, tickets
from storage.db import Store, Tx
from storage.tables import item, lane, person
from tests.storage.rig import START, Clock, file_ticket, store_of, together, undone


def count(tx: Tx) -> int:
    return tx.conn.scalar(select(func.count()).select_from(person)) or 0


def newcomer(tx: Tx) -> str:
    one = tx.new_id()
    tx.conn.execute(insert(person).values(id=one, created_at=tx.now))
    return one


def test_ids_are_24_digits_sorted_and_unique_however_many(clock: Clock) -> None:
    tx = Tx(None, None, START, os.urandom)  # type: ignore[arg-type]  # ids need no database
    made = [tx.new_id() for _ in range(140_000)]
    assert {len(one) for one in made} == {24}
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    later = Tx(None, None, START + timedelta(seconds=1), os.urandom)  # type: ignore[arg-type]
    assert later.new_id() > made[-1]


def test_a_block_that_raises_leaves_nothing(store: Store) -> None:
    with undone(store) as tx:
        newcomer(tx)
    with store.read() as tx:
        assert count(tx) == 0


def test_a_reading_transaction_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError), store.read() as tx:
        newcomer(tx)
    with store.write() as tx:  # the same connections go on
        newcomer(tx)
    with store.read() as tx:
        assert count(tx) == 1


def test_a_reading_transaction_sees_one_snapshot_and_stops_no_writer(store: Store) -> None:
    with store.read() as reader:
        assert count(reader) == 0
        with store.write() as tx:
            newcomer(tx)
        assert count(reader) == 0
    with store.read() as reader:
        assert count(reader) == 1


def test_now_is_the_same_in_all_of_a_transaction(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        first = tx.now
        clock.move(minutes=1)
        assert tx.now == first
    with store.write() as tx:
        assert tx.now == clock.now


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError) as raised, store.write() as tx:
        tx.conn.execute(insert(person).values(id="1", created_at=datetime(2026, 1, 1)))
    assert isinstance(raised.value.orig, ValueError)


def test_moments_come_back_in_utc_to_the_microsecond(store: Store, clock: Clock) -> None:
    clock.now = START.astimezone(__import__("zoneinfo").ZoneInfo("Asia/Tokyo")) + timedelta(microseconds=1)
    with store.write() as tx:
        newcomer(tx)
        back = tx.conn.scalar(select(person.c.created_at))
    assert back == clock.now
    assert back.utcoffset() == timedelta()


def test_an_error_of_the_database_does_not_repeat_what_was_stored(store: Store) -> None:
    row = {"key": "in:a", "kind": "in", "last": 1, "done": None, "due": 0.0, "tries": 0, "token": "MARKED"}
    with pytest.raises(DBAPIError) as raised, store.write() as tx:
        tx.conn.execute(insert(lane).values(**row))
    assert "MARKED" not in str(raised.value).partition("DETAIL")[0]


def test_writers_in_one_process_wait_for_each_other_and_none_is_lost(store: Store) -> None:
    def write() -> None:
        for _ in range(10):
            with store.write() as tx:
                newcomer(tx)

    assert together(*[write] * 4) == [None] * 4
    with store.read() as tx:
        assert count(tx) == 40


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks are waited for a moment only."""
    monkeypatch.setattr(db, "LOCK_WAIT", 0.2)


def test_a_locked_sqlite_file_is_an_error_and_not_a_success(sqlite_url: str, impatient: None) -> None:
    from storage import migrate

    migrate.upgrade(sqlite_url)
    store = store_of(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"), store.write() as tx:
        queue.accept(tx, "in:a", "wa:1")
    with store.read() as tx:
        assert not queue.waiting(tx, "in")
    other.execute("ROLLBACK")
    other.close()
    with store.write() as tx:
        queue.accept(tx, "in:a", "wa:1")
    store.close()


def test_a_busy_writer_in_the_same_process_is_an_error_in_the_end(sqlite_url: str, impatient: None) -> None:
    from storage import migrate

    migrate.upgrade(sqlite_url)
    store, entered, leave = store_of(sqlite_url), threading.Event(), threading.Event()

    def hold() -> None:
        with store.write():
            entered.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(10)
    with pytest.raises(PoolTimeout), store.write():
        pass
    leave.set()
    holder.join()
    with store.write() as tx:
        newcomer(tx)
    store.close()


def test_sqlite_keeps_what_was_committed_and_checks_references(sqlite_url: str) -> None:
    store = store_of(sqlite_url)
    with store.write() as tx:
        settings = [
            tx.conn.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    with store.read() as tx:
        settings.append(tx.conn.execute(text("PRAGMA query_only")).scalar())
    assert settings == ["wal", 2, 1, 1]
    store.close()


def test_a_lock_of_a_stuck_process_is_not_waited_for_for_ever(url: str, impatient: None) -> None:
    if url.startswith("sqlite"):
        return  # shown above
    first, second = store_of(url), store_of(url)
    with first.write() as tx:
        one = file_ticket(tx)
    with first.write() as tx:
        tickets.amend(tx, one, "ticket.claimed", "bot", level=1)
        with pytest.raises(OperationalError), second.write() as other:
            tickets.amend(other, one, "ticket.claimed", "bot", level=2)
    first.close()
    second.close()


def test_the_store_goes_on_after_the_server_cut_its_connections(url: str) -> None:
    if url.startswith("sqlite"):
        return  # there is no server
    store, other = store_of(url), store_of(url)
    with store.write() as tx:
        newcomer(tx)
    with other.write() as tx:
        tx.conn.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                             "AND datname = current_database()"))  # fmt: skip
    with store.write() as tx:
        newcomer(tx)
        assert count(tx) == 2
    store.close()
    other.close()


def test_the_poll_and_the_claim_search_an_index(store: Store) -> None:
    with store.write() as tx:
        if tx.conn.dialect.name == "sqlite":
            for column, where in ((lane.c.key, queue._DUE), (item.c.seq, (item.c.dedup == "x",))):
                query = select(column).where(*where).params(of_kind="in")
                plan = tx.conn.execute(
                    text(f"EXPLAIN QUERY PLAN {query.compile(tx.conn, compile_kwargs={'literal_binds': True})}")
                )
                assert all("SEARCH" in row[-1] for row in plan)
        else:
            tx.conn.execute(text("SET LOCAL enable_seqscan = off"))
            query = select(lane.c.key).where(*queue._DUE).params(of_kind="in").order_by(lane.c.due).limit(1)
            plan = tx.conn.execute(text(f"EXPLAIN {query.compile(tx.conn, compile_kwargs={'literal_binds': True})}"))
            told = "\n".join(row[0] for row in plan)
            assert "ix_lane_waiting" in told
            assert "statement_timestamp" in told.partition("Index Cond")[2].partition("\n")[0]
