"""The thread as staff read it: in order, the newest part of a long one, and never a code."""

from __future__ import annotations

from storage import board, conversations, inbox, outbox, thread
from storage.db import Store
from storage.outbox import Letter
from tests.storage.rig import Clock, talk


def test_a_thread_shows_both_sides_in_order(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        one, address = talk(tx)
        more = {"subject": "Ü", "media": []}
        row = {"language": "en", "reading": {"labels": ["access"]}}
        inbox.keep(tx, one.id, kind="message", text="hi \ud83d\x00", more=more, dedup="wa:1", **row)
        outbox.put(tx, one.id, address, Letter("hello", names=("greet",)), written_by="bot")
        said = thread.of_conversation(tx, one.id)
        assert board.said(tx, one.id) == 2
    assert [(m.direction, m.text, m.channel, m.at) for m in said] == [
        ("in", "hi \ud83d\x00", "whatsapp", clock.now), ("out", "hello", "whatsapp", clock.now),
    ]  # fmt: skip
    assert (said[0].more["subject"], said[0].reading, said[1].names) == ("Ü", {"labels": ["access"]}, ("greet",))


def test_a_code_is_shown_as_dots_with_nothing_beside_it(store: Store) -> None:
    with store.write() as tx:
        one, address = talk(tx)
        letter = Letter("Your code is 123456", variables=("123456",), template="tpl_code")
        code = outbox.put(tx, one.id, address, letter, written_by="bot", kind="code")
        outbox.failed(tx, code, "63016")
        seen = [*thread.of_conversation(tx, one.id), thread.one(tx, code), *thread.undelivered(tx)]
    assert len(seen) == 3
    assert all(m is not None and (m.text, m.more) == ("••••••", {}) for m in seen)
    assert "123456" not in repr(seen)


def test_of_a_very_long_thread_the_newest_part_is_shown(store: Store) -> None:
    with store.write() as tx:
        one, _ = talk(tx)
        for n in range(1005):
            inbox.keep(tx, one.id, kind="message", text=str(n), more={}, dedup=f"wa:{n}")
        said = thread.of_conversation(tx, one.id)
    assert [m.text for m in said] == [str(n) for n in range(5, 1005)]


def test_a_message_that_is_not_there_is_none(store: Store) -> None:
    with store.read() as tx:
        assert thread.one(tx, "0" * 24) is None
        assert thread.of_conversation(tx, "0" * 24) == []


def test_only_a_persons_message_opens_whatsapps_window(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        one, _ = talk(tx)
        inbox.keep(tx, one.id, kind="autoreply", text="away", more={}, dedup="wa:1")
        machine = conversations.get(tx, one.id)
        inbox.keep(tx, one.id, kind="message", text="hi", more={}, dedup="wa:2")
        heard = conversations.get(tx, one.id)
    assert machine is not None
    assert heard is not None
    assert (machine.heard_at, heard.heard_at) == (None, clock.now)


def test_what_cannot_be_read_is_listed_until_it_is_settled(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        inbox.set_aside(tx, "mail", "mail:1", "unreadable")
        [aside] = thread.set_aside(tx)
        assert (aside.channel, aside.dedup, aside.reason, aside.at) == ("mail", "mail:1", "unreadable", clock.now)
        assert board.aside(tx, aside.id) == aside
        assert board.settle_aside(tx, aside.id, "staff:1")
        assert not board.settle_aside(tx, aside.id, "staff:1")
        assert (thread.set_aside(tx), board.aside(tx, aside.id)) == ([], None)


def test_conversations_with_staff_are_listed_by_how_long_they_wait(store: Store, clock: Clock) -> None:
    waiting = []
    for n in range(3):
        with store.write() as tx:
            one, _ = talk(tx, f"+25470000000{n}")
            conversations.give_to_staff(tx, one.id, "asked", "bot")
            waiting.append(one.id)
        clock.move(minutes=-5)
    with store.read() as tx:
        assert list(thread.with_staff(tx)) == waiting[::-1]
