"""Addresses, the directory and opt-outs: found again by keyed hash, kept once, whoever writes at the same time."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from storage import addresses, audit, board, conversations, directory, inbox, optouts, queue
from storage.db import Store
from storage.directory import Entry
from storage.tables import address, contact, customer, optout, person
from tests.storage.rig import OLD_SECRET, SECRET, Clock, store_of, talk, together

JANE = Entry("C-1", "Jane Ü", (("email", "Jane@Example.com"), ("whatsapp", "+254 700 000001")), "en", "KE")


def load(store: Store, entry: Entry, source: str = "test") -> str:
    with store.write() as tx:
        return directory.load(tx, entry, source)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("whatsapp", "+254700000001", "254 700-000 001"),
        ("whatsapp", "+254700000001", "+٢٥٤٧٠٠٠٠٠٠٠١"),
        ("email", "Jane@Example.com", " jane@example.COM "),
        ("whatsapp_user", "KE.123", " KE.123"),
    ],
)
def test_two_spellings_of_an_address_are_one(kind: str, one: str, other: str) -> None:
    assert addresses.same(kind, one) == addresses.same(kind, other)


def test_an_address_is_met_once_and_answers_go_where_it_was_first_written(store: Store) -> None:
    with store.write() as tx:
        first = addresses.meet(tx, "email", "Jane@Example.com")
        assert addresses.meet(tx, "email", "jane@example.com") == first
        assert addresses.get(tx, first.id) == first
        assert addresses.find(tx, "whatsapp", "jane@example.com") is None
    assert first.value == "Jane@Example.com"


def test_an_address_met_by_several_processes_at_once_is_one_person(url: str) -> None:
    stores = [store_of(url) for _ in range(4)]

    def meet(store: Store) -> str:
        with store.write() as tx:
            return addresses.meet(tx, "email", "jane@example.com").id

    assert len(set(together(*[lambda one=one: meet(one) for one in stores]))) == 1
    with stores[0].read() as tx:
        assert tx.conn.scalar(select(func.count()).select_from(person)) == 1
    for one in stores:
        one.close()


def test_the_first_two_messages_of_a_stranger_may_come_at_once(url: str) -> None:
    stores = [store_of(url) for _ in range(4)]

    def hear(store: Store, n: int) -> None:
        with store.write() as tx:
            inbox.record(tx, f"wa:{n}", "whatsapp", "+254700000001", b"hi")

    assert together(*[lambda one=one, n=n: hear(one, n) for n, one in enumerate(stores)]) == [None] * 4
    with stores[0].read() as tx:
        assert queue.depth(tx, "in") == 4
        assert tx.conn.scalar(select(func.count()).select_from(address)) == 1
    for one in stores:
        one.close()


def test_a_mail_whose_sender_cannot_be_read_has_a_lane(store: Store) -> None:
    with store.write() as tx:
        inbox.record(tx, "mail:1", "", "", b"raw")
    with store.write() as tx:
        held = queue.claim(tx, "in")
    assert held is not None
    assert (held.lane, held.body) == (inbox.NOBODY, b"raw")


def test_the_latest_conversation_is_the_one_that_goes_on(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        first, asker = talk(tx)
        assert conversations.latest(tx, "mail", asker.id) is None
    clock.move(days=1)
    with store.write() as tx:
        second = conversations.start(tx, "whatsapp", asker.id, "sw")
        assert conversations.latest(tx, "whatsapp", asker.id) == second
        conversations.save(tx, second.id, slots={"a": "Ü\ud83d"}, language="ja", heard_at=tx.now)
        saved = conversations.get(tx, second.id)
    assert saved is not None
    assert (saved.slots, saved.language, saved.heard_at) == ({"a": "Ü\ud83d"}, "ja", clock.now)
    assert first.id != second.id


def test_who_waits_for_staff_keeps_their_place(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        one, _ = talk(tx)
        conversations.give_to_staff(tx, one.id, "asked", "bot")
    since = clock.now
    clock.move(hours=1)
    with store.write() as tx:
        conversations.give_to_staff(tx, one.id, "failed", "bot")
        held = conversations.get(tx, one.id)
        assert held is not None
        assert (held.staff_since, held.staff_reason) == (since, "failed")
        conversations.give_back(tx, one.id, "staff:1")
        back = conversations.get(tx, one.id)
        assert back is not None
        assert back.staff_since is None
        trail = [entry.event for entry in audit.trail(tx, f"conversation:{one.id}")]
    assert trail == ["conversation.to_staff", "conversation.to_staff", "conversation.to_bot"]


def test_loading_an_entry_twice_changes_no_byte(store: Store, clock: Clock) -> None:
    one = load(store, JANE)
    with store.read() as tx:
        before = [tuple(row) for table in (customer, contact) for row in tx.conn.execute(select(table))]
    clock.move(days=40)
    assert load(store, JANE, "again") == one
    with store.read() as tx:
        after = [tuple(row) for table in (customer, contact) for row in tx.conn.execute(select(table))]
        assert (directory.count(tx), directory.is_loaded(tx), directory.name_of(tx, one)) == (1, True, "Jane Ü")
    assert after == before


def test_a_renewed_entry_keeps_since_when_a_contact_is_on_file(store: Store, clock: Clock) -> None:
    one = load(store, JANE)
    since = clock.now
    clock.move(days=40)
    load(store, Entry("C-1", "Jane B", (("email", "JANE@example.com"), ("whatsapp", "+254700000002"))))
    with store.read() as tx:
        kept = {c.value: c.since for c in directory.contacts_of(tx, one)}
        assert directory.name_of(tx, one) == "Jane B"
        assert directory.on_file(tx, "whatsapp", "+254700000001") == []
    assert kept == {"Jane@Example.com": since, "+254700000002": clock.now}


def test_two_customers_may_share_a_mailbox(store: Store) -> None:
    one, other = load(store, JANE), load(store, Entry("C-2", "John", (("email", "jane@example.com"),)))
    with store.write() as tx:
        assert {c.customer_id for c in directory.on_file(tx, "email", "JANE@EXAMPLE.COM")} == {one, other}
        met = addresses.meet(tx, "email", "jane@example.com")
        assert board.people(tx, "email", "jane@example.com") == [met.person_id]


def test_two_imports_of_one_customer_at_once_make_one(url: str) -> None:
    stores = [store_of(url) for _ in range(4)]
    found = together(*[lambda one=one: load(one, JANE) for one in stores])
    assert len(set(found)) == 1
    assert not isinstance(found[0], Exception)
    with stores[0].read() as tx:
        assert len(directory.contacts_of(tx, found[0])) == 2
    for one in stores:
        one.close()


def test_a_person_is_linked_and_paused_with_a_trace(store: Store) -> None:
    one = load(store, JANE)
    with store.write() as tx:
        _, asker = talk(tx)
        directory.link(tx, asker.person_id, one)
        directory.link(tx, asker.person_id, one)
        directory.pause(tx, [one])
        assert [entry.event for entry in audit.trail(tx, f"person:{asker.person_id}")] == ["person.linked"]
        assert [entry.event for entry in audit.trail(tx, f"customer:{one}")] == ["customer.paused"]


def test_everything_is_found_while_the_key_is_rotated(url: str) -> None:
    old, both = store_of(url, secrets=[OLD_SECRET]), store_of(url, secrets=[SECRET, OLD_SECRET])
    one = load(old, JANE)
    with old.write() as tx:
        met = addresses.meet(tx, "email", "jane@example.com")
        assert optouts.add(tx, "email", "jane@example.com", "customer")
    assert load(both, JANE) == one
    with both.write() as tx:
        assert addresses.meet(tx, "email", "Jane@example.com") == met
        assert [c.customer_id for c in directory.on_file(tx, "email", "jane@example.com")] == [one]
        assert optouts.check(tx, "email", "JANE@example.com")
        assert not optouts.add(tx, "email", "jane@example.com", "customer")
        assert [o.value for o in optouts.every(tx)] == ["jane@example.com"]
    old.close()
    both.close()


def test_an_optout_is_in_force_at_once_and_kept_once(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        assert not optouts.check(tx, "email", "a@example.com")
        assert optouts.add(tx, "email", "A@example.com", "customer")
        assert optouts.check(tx, "email", "a@example.com")
        assert not optouts.check(tx, "whatsapp", "a@example.com")
        assert not optouts.add(tx, "email", "a@EXAMPLE.com", "customer")
        assert [(o.kind, o.value, o.since) for o in optouts.every(tx)] == [("email", "A@example.com", clock.now)]
        lookup = tx.conn.execute(select(optout.c.lookup)).scalar_one()
        trail = audit.trail(tx, f"optout:{lookup[:40]}")
    assert [entry.event for entry in trail] == ["optout.added"]


def test_an_optout_that_was_lifted_can_be_asked_again(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        optouts.add(tx, "email", "a@example.com", "customer")
        tx.conn.execute(optout.update().values(lifted_at=tx.now))
        assert not optouts.check(tx, "email", "a@example.com")
        assert list(optouts.every(tx)) == []
    clock.move(days=1)
    with store.write() as tx:
        assert optouts.add(tx, "email", "a@example.com", "customer")
        assert [o.since for o in optouts.every(tx)] == [clock.now]


def test_an_optout_asked_for_twice_at_once_is_one(url: str) -> None:
    stores = [store_of(url) for _ in range(4)]

    def add(store: Store) -> bool:
        with store.write() as tx:
            return optouts.add(tx, "email", "a@example.com", "customer")

    assert sorted(together(*[lambda one=one: add(one) for one in stores])) == [False, False, False, True]
    for one in stores:
        one.close()
