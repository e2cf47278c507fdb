"""The audit trail: what was changed behind its back is found, by subject."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, select, update

from storage import audit
from storage.audit import Fault
from storage.db import Store, Tx
from storage.tables import audit as rows
from storage.tables import audit_head as heads
from tests.storage.rig import OLD_SECRET, SECRET, Clock, store_of, together, undone


def write(store: Store, subject: str, *events: str) -> None:
    for event in events:
        with store.write() as tx:
            audit.record(tx, subject, event, "bot", n=1)


def faults(store: Store) -> list[tuple[str, int]]:
    with store.read() as tx:
        return [(one.subject, one.n) for one in audit.verify(tx)]


def change_data(tx: Tx) -> None:
    tx.conn.execute(update(rows).where(rows.c.subject == "ticket:b", rows.c.n == 2).values(data='{"n": 2}'))


def change_actor(tx: Tx) -> None:
    tx.conn.execute(update(rows).where(rows.c.subject == "ticket:b", rows.c.n == 2).values(actor="staff:1"))


def remove_one(tx: Tx) -> None:
    tx.conn.execute(delete(rows).where(rows.c.subject == "ticket:b", rows.c.n == 2))


def remove_one_and_close_the_gap(tx: Tx) -> None:
    remove_one(tx)
    tx.conn.execute(update(rows).where(rows.c.subject == "ticket:b", rows.c.n == 3).values(n=2))
    tx.conn.execute(update(heads).where(heads.c.subject == "ticket:b").values(n=2))


def swap_two(tx: Tx) -> None:
    for old, new in ((1, 99), (2, 1), (99, 2)):
        tx.conn.execute(update(rows).where(rows.c.subject == "ticket:b", rows.c.n == old).values(n=new))


def cut_off(tx: Tx) -> None:
    tx.conn.execute(delete(rows).where(rows.c.subject == "ticket:b", rows.c.n == 3))


def cut_off_and_wind_the_head_back(tx: Tx) -> None:
    cut_off(tx)
    two = tx.conn.execute(select(rows.c.hash).where(rows.c.subject == "ticket:b", rows.c.n == 2)).scalar_one()
    tx.conn.execute(update(heads).where(heads.c.subject == "ticket:b").values(n=2, hash=two))


def change_head(tx: Tx) -> None:
    tx.conn.execute(update(heads).where(heads.c.subject == "ticket:b").values(hash="f" * 64))


def remove_head(tx: Tx) -> None:
    tx.conn.execute(delete(heads).where(heads.c.subject == "ticket:b"))


def remove_rows(tx: Tx) -> None:
    tx.conn.execute(delete(rows).where(rows.c.subject == "ticket:b"))


def add_one(tx: Tx) -> None:
    row = tx.conn.execute(select(rows).where(rows.c.subject == "ticket:b", rows.c.n == 3)).one()
    values = {key: value for key, value in row._mapping.items() if key != "id"}
    tx.conn.execute(insert(rows).values(**(values | {"n": 4})))


def take_from_another(tx: Tx) -> None:
    one = tx.conn.execute(select(rows).where(rows.c.subject == "ticket:a", rows.c.n == 2)).one()
    values = {"event": one.event, "hash": one.hash}
    tx.conn.execute(update(rows).where(rows.c.subject == "ticket:b", rows.c.n == 2).values(**values))


@pytest.mark.parametrize(
    ("tamper", "at"),
    [
        (change_data, 2), (change_actor, 2), (remove_one, 2), (remove_one_and_close_the_gap, 2), (swap_two, 1),
        (cut_off, 3), (cut_off_and_wind_the_head_back, 2), (change_head, 3), (remove_head, 3), (remove_rows, 3),
        (add_one, 4), (take_from_another, 2),
    ],
)  # fmt: skip
def test_what_was_tampered_with_is_found_in_its_subject_alone(
    store: Store, tamper: Callable[[Tx], None], at: int
) -> None:
    for subject in ("ticket:a", "ticket:b", "ticket:c"):
        write(store, subject, "one", "two", "three")
    assert faults(store) == []
    with store.write() as tx:
        tamper(tx)
    assert faults(store) == [("ticket:b", at)]


def test_a_trail_tells_who_did_what_and_when(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        audit.record(tx, "ticket:a", "ticket.open", "staff:7", before="verifying", odd="\ud83d \x00 ü")
    with store.read() as tx:
        [one] = audit.trail(tx, "ticket:a")
    assert (one.n, one.at, one.actor, one.event) == (1, clock.now, "staff:7", "ticket.open")
    assert one.data == {"before": "verifying", "odd": "\ud83d \x00 ü"}
    assert faults(store) == []


def test_writers_of_one_subject_wait_for_each_other_from_the_first_row_on(url: str) -> None:
    stores = [store_of(url) for _ in range(4)]
    for subject in ("ticket:a", "ticket:b", "ticket:c"):
        assert together(*[lambda one=one, s=subject: write(one, s, "x", "y", "z") for one in stores]) == [None] * 4
        with stores[0].read() as tx:
            assert [one.n for one in audit.trail(tx, subject)] == list(range(1, 13))
    assert faults(stores[0]) == []
    for one in stores:
        one.close()


def test_a_check_during_writes_raises_no_false_alarm(url: str) -> None:
    writer, checker = store_of(url), store_of(url)
    found: list[Fault] = []

    def check() -> None:
        for _ in range(15):
            with checker.read() as tx:
                found.extend(audit.verify(tx))

    work = [lambda k=k: write(writer, f"ticket:{k}", *["x"] * 30) for k in range(3)]
    assert together(check, *work) == [None] * 4
    assert found == []
    writer.close()
    checker.close()


def test_a_rolled_back_change_leaves_no_row_and_no_gap(store: Store) -> None:
    write(store, "ticket:a", "one")
    with undone(store) as tx:
        audit.record(tx, "ticket:a", "two", "bot")
    write(store, "ticket:a", "three")
    with store.read() as tx:
        assert [(one.n, one.event) for one in audit.trail(tx, "ticket:a")] == [(1, "one"), (2, "three")]
    assert faults(store) == []


def test_a_chain_goes_on_over_a_key_rotation(url: str) -> None:
    for secrets in ([OLD_SECRET], [SECRET, OLD_SECRET]):
        one = store_of(url, secrets=secrets)
        write(one, "ticket:a", "x", "y")
        write(one, f"ticket:{len(secrets)}", "x")
        assert faults(one) == []
        one.close()


def test_a_person_without_the_key_cannot_write_a_row_that_fits(url: str) -> None:
    house, stranger = store_of(url), store_of(url, secrets=["x" * 40])
    write(house, "ticket:a", "one")
    write(stranger, "ticket:a", "two")
    assert faults(house) == [("ticket:a", 2)]
    house.close()
    stranger.close()
