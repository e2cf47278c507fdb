"""Turns by the worker: all or nothing, in order, tried again, and given to staff at the end."""

from __future__ import annotations

import io
from dataclasses import fields

import pytest
from sqlalchemy import select, update

from bot.actions.requests import File
from bot.heard import Heard
from bot.say import Say
from bot.talk import Talk
from channels.base import Address, Inbound, Media
from storage import codes, inbox, queue, thread
from storage.queue import MAX_TRIES
from storage.tables import conversation, item, lane
from tests.wiring.rig import Rig, full_sid, mail
from wiring import inbound
from wiring.inbound import heard_of

ASK = "Please delete all my personal data"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The action that files a request files it and then raises; the list counts how often."""
    times: list[int] = []
    real = File.act

    def act(self: File, say: Say, talk: Talk) -> None:
        real(self, say, talk)
        times.append(1)
        raise RuntimeError("amina@mail.example wrote something")

    monkeypatch.setattr(File, "act", act)
    return times


def test_a_message_is_taken_answered_and_delivered(rig: Rig) -> None:
    rig.whatsapp(ASK)
    assert rig.worker.drain() == 2
    assert [item[:2] for item in rig.items()] == [("in", "done"), ("out", "done")]
    assert rig.tickets() == 1
    assert [message.status for message in rig.said()] == ["sent"]
    assert "PR-" in rig.twilio.last["Body"] if "Body" in rig.twilio.last else rig.twilio.requests


def test_a_mail_is_answered_in_its_thread(rig: Rig) -> None:
    rig.letter(mail(ASK))
    rig.worker.drain()
    [(sender, to, raw)] = rig.mail.taken
    assert (sender, to) == ("privacy@desk.example", ["amina@mail.example"])
    assert b"In-Reply-To: <one@mail.example>" in raw


def test_a_turn_that_raises_leaves_nothing_behind_and_falls_due_later(rig: Rig, broken: list[int]) -> None:
    rig.whatsapp(ASK)
    rig.worker.drain()
    assert broken == [1]
    assert rig.items() == [("in", "new", "RuntimeError")]
    assert "message" not in rig.rows()
    assert rig.tickets() == 0
    with rig.store.read() as tx:
        wait = tx.conn.scalar(select(lane.c.due - tx.epoch))
    assert wait is not None
    assert 0 < wait < 4
    assert rig.worker.drain() == 0


def test_waits_between_tries_grow(sqlite_rig: Rig, broken: list[int]) -> None:
    sqlite_rig.whatsapp(ASK)
    waits = []
    for _ in range(5):
        sqlite_rig.try_again(1)
        with sqlite_rig.store.read() as tx:
            waits.append(tx.conn.scalar(select(lane.c.due - tx.epoch)) or 0.0)
    assert waits[-1] > waits[0] * 4


def test_after_the_last_try_staff_take_over_and_the_customer_is_told(rig: Rig, broken: list[int]) -> None:
    rig.whatsapp(ASK)
    rig.try_again(MAX_TRIES)
    assert len(broken) == MAX_TRIES
    assert [m.text for m in rig.said("in")] == [ASK]
    assert [m.names[-1] for m in rig.said()] == ["turn_failed"]
    assert ("in", "dead", "RuntimeError") in rig.items()
    with rig.store.read() as tx:
        assert tx.conn.scalar(select(conversation.c.staff_reason)) == "failed"
    assert rig.tickets() == 0


def test_a_message_that_cannot_be_taken_holds_up_its_own_conversation_only_until_it_is_given_up(
    sqlite_rig: Rig, broken: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_rig.whatsapp(ASK, sid="SM1")
    sqlite_rig.whatsapp("Hello", sid="SM2")
    sqlite_rig.whatsapp("Hello", sid="SM3", number="+254700000002")
    sqlite_rig.worker.drain()
    assert [m.text for m in sqlite_rig.said("in")] == ["Hello"]
    sqlite_rig.try_again(MAX_TRIES)
    assert sorted(m.text for m in sqlite_rig.said("in")) == ["Hello", "Hello", ASK]


def test_a_turn_that_heals_is_done_once(rig: Rig, broken: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    rig.whatsapp(ASK)
    rig.try_again(2)
    monkeypatch.undo()
    rig.try_again(3)
    assert rig.tickets() == 1
    assert len(rig.said("in")) == 1


def test_a_message_that_kills_its_worker_is_given_up_too(rig: Rig) -> None:
    rig.whatsapp(ASK)
    for _ in range(MAX_TRIES):
        with rig.store.write() as tx:
            assert queue.claim(tx, "in", lease=0) is not None
    rig.try_again(1)
    assert ("in", "dead", "Unreadable") in rig.items()
    assert [m.names[-1] for m in rig.said()] == ["turn_failed"]


def test_where_giving_up_fails_as_well_the_message_is_set_aside(
    sqlite_rig: Rig, broken: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(*_: object) -> None:
        raise KeyError("give up")

    monkeypatch.setattr(inbound.turn, "give_up", no)
    sqlite_rig.whatsapp(ASK)
    sqlite_rig.try_again(MAX_TRIES)
    with sqlite_rig.store.read() as tx:
        assert [(aside.channel, aside.dedup) for aside in thread.set_aside(tx)] == [
            ("whatsapp", f"whatsapp:{full_sid('SM1')}")
        ]
    assert ("in", "dead", "RuntimeError") in sqlite_rig.items()


def test_what_cannot_be_read_is_set_aside_at_once_with_its_bytes(rig: Rig) -> None:
    raw = b"\xff\xfe no mail at all"
    rig.letter(raw)
    rig.worker.drain()
    with rig.store.read() as tx:
        [aside] = thread.set_aside(tx)
        assert aside.channel == "mail"
        assert queue.body(tx, aside.dedup) == raw
    assert rig.said() == []


def test_a_worker_that_lost_its_lease_keeps_nothing_of_its_turn(rig: Rig) -> None:
    rig.whatsapp(ASK)
    with rig.store.write() as tx:
        slow = queue.claim(tx, "in", lease=0)
    assert slow is not None
    rig.worker.drain()
    assert rig.tickets() == 1
    inbound.Turns(rig.house).take(slow)
    assert rig.tickets() == 1
    assert len(rig.said("in")) == 1
    assert rig.house.metrics.turns.labels("fenced")._value.get() == 1


def test_a_failing_worker_that_lost_its_lease_does_not_touch_the_lane(rig: Rig, broken: list[int]) -> None:
    rig.whatsapp(ASK)
    with rig.store.write() as tx:
        slow = queue.claim(tx, "in", lease=0)
        quick = queue.claim(tx, "in")
    assert slow
    assert quick
    inbound.Turns(rig.house).take(slow)
    with rig.store.read() as tx:
        assert tx.conn.scalar(select(lane.c.token)) == quick.token


def test_a_confirmed_link_is_a_turn_of_its_conversation(rig: Rig) -> None:
    rig.whatsapp(ASK)
    rig.worker.drain()
    with rig.store.write() as tx:
        row = tx.conn.execute(select(conversation)).one()
        asked = codes.ask(tx, row.id, row.address_id, codes.Target("email", "a@mail.example", deliver=True))
        assert isinstance(asked, codes.Asked)
        event = {"event": "confirmed", "conversation": row.id, "challenge": asked.challenge_id}
        inbox.nudge(tx, row.address_id, f"event:{asked.challenge_id}", event)
    rig.worker.drain()
    assert all(status == "done" for _, status, _ in rig.items())


def test_an_event_of_nothing_is_given_up_quietly(sqlite_rig: Rig) -> None:
    with sqlite_rig.store.write() as tx:
        inbox.nudge(tx, "f" * 24, "event:none", {"event": "confirmed", "conversation": "f" * 24, "challenge": "x"})
    sqlite_rig.try_again(MAX_TRIES)
    assert sqlite_rig.items() == [("in", "dead", "LookupError")]


def test_a_message_of_a_channel_that_was_switched_off_waits_for_staff(sqlite_rig: Rig) -> None:
    sqlite_rig.whatsapp(ASK)
    object.__setattr__(sqlite_rig.house, "channels", {})
    sqlite_rig.try_again(MAX_TRIES)
    with sqlite_rig.store.read() as tx:
        assert len(thread.set_aside(tx)) == 1


def test_failures_are_counted_by_class_and_no_log_line_holds_what_was_written(
    sqlite_rig: Rig, broken: list[int], log_lines: io.StringIO
) -> None:
    sqlite_rig.whatsapp(ASK)
    sqlite_rig.try_again(MAX_TRIES)
    told = log_lines.getvalue()
    assert "turn.failed" in told
    assert "RuntimeError" in told
    assert "amina" not in told
    assert "delete" not in told
    assert sqlite_rig.house.metrics.turn_failures.labels("RuntimeError")._value.get() == MAX_TRIES


def test_every_word_of_a_channels_message_reaches_the_bot() -> None:
    told = Inbound(
        "whatsapp", "SM1", Address("whatsapp", "+1"), (Address("whatsapp_user", "KE.1"),), "text", "full", "btn:yes",
        "subject", "message", ("ours",), "", "<id>", "", ("<ref>",), (Media("audio/ogg"),), bounced="lost",
    )  # fmt: skip
    assert heard_of(told) == Heard(
        "whatsapp", "message", "whatsapp", "+1", (("whatsapp_user", "KE.1"),), "text", "full", "btn:yes",
        "subject", ("ours",), "<id>", ("<ref>",), ("audio/ogg",), "lost",
    )  # fmt: skip
    known = {field.name for field in fields(told)} | {"address_kind", "address"}
    assert {field.name for field in fields(Heard)} <= known


def test_items_of_one_conversation_are_taken_in_the_order_they_came(rig: Rig) -> None:
    for number in range(12):
        rig.whatsapp(f"Hello {number}", sid=f"SM{number}", number=f"+25470000000{number % 3}")
    rig.worker.drain()
    told = [(m.conversation_id, int(m.text.split()[1])) for m in rig.said("in")]
    assert told == sorted(told)
    with rig.store.write() as tx:
        assert not tx.conn.execute(update(item).where(item.c.status != "done").values(status="new")).rowcount
