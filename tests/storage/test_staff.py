"""Staff: passwords, the pause after failures, sessions that end, notes."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerificationError
from sqlalchemy import update

from storage import audit
from storage import staff as people
from storage.db import Store
from storage.staff import Staff, StaffError
from storage.tables import staff as table
from tests.storage.rig import OLD_SECRET, SECRET, Clock, file_ticket, store_of, together

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with little work: these tests ask for hundreds."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(people, "HASHER", quick)
    monkeypatch.setattr(people, "NOBODY", quick.hash("nobody"))


@pytest.fixture
def agent(store: Store) -> Staff:
    """One member of staff."""
    with store.write() as tx:
        return people.add(tx, " Agent@Example.com ", "Ada", "agent", PASSWORD, by="system")


def sign_in(store: Store, password: str = PASSWORD, email: str = "agent@example.com") -> Staff | None:
    with store.write() as tx:
        return people.check_password(tx, email, password)


def test_the_right_password_lets_in_and_no_other(store: Store, agent: Staff) -> None:
    assert sign_in(store, email="AGENT@example.com ") == agent
    for password in ("", PASSWORD + " ", PASSWORD.upper(), "\ud83d", "x" * 100_000, "\x00"):
        assert sign_in(store, password) is None
    assert sign_in(store, email="nobody@example.com") is None


@pytest.mark.parametrize(("failures", "seconds"), [(5, 30), (6, 60), (9, 480), (10, 900), (30, 900)])
def test_a_pause_follows_five_failures_and_grows(
    store: Store, agent: Staff, clock: Clock, failures: int, seconds: int
) -> None:
    for _ in range(failures):
        assert sign_in(store, "wrong") is None
        clock.move(minutes=16)
    clock.move(minutes=-16)
    assert sign_in(store) is None
    clock.move(seconds=seconds - 1)
    assert sign_in(store) is None
    clock.move(seconds=1)
    assert sign_in(store) == agent
    assert sign_in(store, "wrong") is None
    assert sign_in(store) == agent


def test_failures_during_the_pause_do_not_lengthen_it(store: Store, agent: Staff, clock: Clock) -> None:
    for _ in range(5):
        sign_in(store, "wrong")
    for _ in range(30):
        clock.move(seconds=1)
        sign_in(store, "wrong" if clock.now.second else PASSWORD)
    clock.move(seconds=60)
    assert sign_in(store) == agent


def test_guesses_made_side_by_side_gain_nothing(url: str) -> None:
    stores = [store_of(url) for _ in range(4)]
    with stores[0].write() as tx:
        people.add(tx, "agent@example.com", "Ada", "agent", PASSWORD, by="system")
    together(*[lambda one=one: [sign_in(one, "wrong") for _ in range(3)] for one in stores])
    with stores[0].read() as tx:
        weighed = people.weigh(tx, "agent@example.com", PASSWORD)
    assert weighed.right
    with stores[0].write() as tx:
        assert people.sign_in(tx, weighed) is None
        assert tx.conn.scalar(table.select().with_only_columns(table.c.failures)) == 5
    for one in stores:
        one.close()


def test_the_same_work_is_done_for_somebody_and_for_nobody(
    store: Store, agent: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    class Counting:
        def verify(self, kept: str, given: bytes) -> bool:
            done.append(kept)
            return True

    monkeypatch.setattr(people, "HASHER", Counting())
    sign_in(store)
    assert sign_in(store, email="nobody@example.com") is None
    assert len(done) == 2
    assert done[1] == people.NOBODY


def test_the_hash_of_nobody_asks_for_real_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    ours = PasswordHasher()
    asked = extract_parameters(people.NOBODY)
    assert (asked.type, asked.time_cost, asked.memory_cost, asked.parallelism, asked.hash_len) == (
        ours.type, ours.time_cost, ours.memory_cost, ours.parallelism, ours.hash_len,
    )  # fmt: skip
    with pytest.raises(VerificationError, match="does not match"):
        ours.verify(people.NOBODY, "anything")


def test_who_is_disabled_is_out_with_every_session(store: Store, agent: Staff) -> None:
    with store.write() as tx:
        secret = people.open_session(tx, agent.id)
        tx.conn.execute(update(table).values(disabled_at=tx.now))
    assert sign_in(store) is None
    with store.read() as tx:
        assert people.of_session(tx, secret) is None
        assert people.everybody(tx) == []


def test_a_session_lives_two_hours_without_use_and_twelve_in_all(store: Store, agent: Staff, clock: Clock) -> None:
    def living(secret: str) -> bool:
        with store.write() as tx:
            who = people.of_session(tx, secret)
            if who:
                people.touch_session(tx, secret)
        return who == agent

    with store.write() as tx:
        idle, used = people.open_session(tx, agent.id), people.open_session(tx, agent.id)
    for _ in range(6):
        clock.move(hours=1, minutes=59)
        assert living(used)
    clock.move(minutes=5)
    assert living(used)
    clock.move(minutes=1)
    assert not living(used)
    assert not living(idle)


def test_a_session_ends_by_idleness_and_by_signing_out(store: Store, agent: Staff, clock: Clock) -> None:
    with store.write() as tx:
        first, second = people.open_session(tx, agent.id), people.open_session(tx, agent.id)
        people.close_session(tx, first)
        people.close_session(tx, "unknown")
        assert people.of_session(tx, first) is None
        assert people.of_session(tx, second) == agent
        assert people.of_session(tx, "") is None
    clock.move(hours=2)
    with store.read() as tx:
        assert people.of_session(tx, second) is None


def test_a_session_outlives_a_key_rotation(url: str, clock: Clock) -> None:
    old, both = store_of(url, clock, [OLD_SECRET]), store_of(url, clock, [SECRET, OLD_SECRET])
    with old.write() as tx:
        who = people.add(tx, "a@example.com", "", "manager", PASSWORD, by="system")
        secret = people.open_session(tx, who.id)
    with both.write() as tx:
        assert people.of_session(tx, secret) == who
        assert people.check_password(tx, "a@example.com", PASSWORD) == who
        people.close_session(tx, secret)
        assert people.of_session(tx, secret) is None
    old.close()
    both.close()


@pytest.mark.parametrize(
    ("email", "role", "password"),
    [
        ("agent@EXAMPLE.com", "agent", PASSWORD),
        ("b@example.com", "owner", PASSWORD),
        ("b@example.com", "agent", "short"),
        ("nobody", "agent", PASSWORD),
        ("x" * 260 + "@example.com", "agent", PASSWORD),
    ],
)  # fmt: skip
def test_who_cannot_be_added_is_told_why(store: Store, agent: Staff, email: str, role: str, password: str) -> None:
    with pytest.raises(StaffError), store.write() as tx:
        people.add(tx, email, "B", role, password, by="system")


def test_every_sign_in_and_refusal_leaves_a_trace(store: Store, agent: Staff) -> None:
    sign_in(store, "wrong")
    sign_in(store)
    with store.read() as tx:
        events = [one.event for one in audit.trail(tx, f"staff:{agent.id}")]
    assert events == ["staff.added", "staff.refused", "staff.signed_in"]


def test_notes_are_kept_in_order(store: Store, agent: Staff, clock: Clock) -> None:
    with store.write() as tx:
        one = file_ticket(tx)
        people.write_note(tx, one.id, agent, "first \ud83d")
        people.write_note(tx, one.id, agent, "second")
        found = people.notes(tx, one.id)
        trail = audit.trail(tx, one.subject)
    assert [(note.staff_id, note.text, note.at) for note in found] == [
        (agent.id, "first \ud83d", clock.now), (agent.id, "second", clock.now),
    ]  # fmt: skip
    assert [entry.event for entry in trail] == ["ticket.filed", "ticket.note", "ticket.note"]


def test_a_new_password_takes_the_place_of_the_old_one_and_ends_the_sessions(store: Store) -> None:
    with store.write() as tx:
        who = people.add(tx, "b@example.com", "B", "agent", PASSWORD, by="system")
        secret = people.open_session(tx, who.id)
        people.set_password(tx, "B@example.com", "another long password", by="system")
        assert people.of_session(tx, secret) is None
        assert people.check_password(tx, "b@example.com", PASSWORD) is None
        assert people.check_password(tx, "b@example.com", "another long password") == who
        with pytest.raises(people.StaffError):
            people.set_password(tx, "b@example.com", "short", by="system")
        with pytest.raises(people.StaffError):
            people.set_password(tx, "nobody@example.com", "another long password", by="system")
