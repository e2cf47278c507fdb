"""Deliveries: at least once, under one id, and what cannot be delivered is shown to staff."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from channels.base import SendError
from channels.whatsapp import WhatsApp
from storage import queue
from storage.queue import MAX_TRIES
from storage.tables import lane, message
from tests.wiring.rig import Rig, full_sid, mail


def statuses(rig: Rig) -> list[tuple[str, str]]:
    return [(one.status, one.error) for one in rig.said()]


def test_an_answer_is_sent_once_and_keeps_the_providers_id(rig: Rig) -> None:
    rig.whatsapp("Hello")
    rig.worker.drain()
    rig.try_again(2)
    assert len(rig.twilio.requests) == 1
    assert statuses(rig) == [("sent", "")]
    with rig.store.read() as tx:
        assert tx.conn.scalar(select(message.c.provider_id).where(message.c.direction == "out")) == "SM" + "f" * 32


def test_a_refusal_for_good_is_shown_to_staff_and_not_tried_again(rig: Rig) -> None:
    rig.twilio.answer = (400, {"code": 63024, "message": "Invalid recipient", "status": 400})
    rig.whatsapp("Hello")
    rig.try_again(3)
    assert len(rig.twilio.requests) == 1
    assert statuses(rig) == [("failed", "63024")]
    assert ("out", "dead", "63024") in rig.items()


def test_passing_trouble_is_tried_again_until_it_passes(rig: Rig) -> None:
    rig.twilio.answer = (429, {"code": 20429, "message": "slow down", "status": 429})
    rig.whatsapp("Hello")
    rig.try_again(3)
    assert statuses(rig) == [("queued", "")]
    rig.twilio.answer = (201, {"sid": "SMgood", "status": "queued"})
    rig.try_again(1)
    assert statuses(rig) == [("sent", "")]
    assert [one.tries for one in rig.said()] == [4]


def test_after_the_last_try_the_answer_is_shown_to_staff(rig: Rig) -> None:
    rig.twilio.answer = (503, {"code": 20503, "message": "down", "status": 503})
    rig.whatsapp("Hello")
    rig.try_again(MAX_TRIES + 2)
    assert len(rig.twilio.requests) == MAX_TRIES
    assert statuses(rig) == [("failed", "20503")]


def test_an_outcome_nobody_knows_is_tried_again_under_the_same_id(rig: Rig) -> None:
    rig.mail.silent_after_data = True
    rig.letter(mail("Hello"))
    rig.worker.drain()
    rig.mail.silent_after_data = False
    rig.try_again(1)
    ids = [re.findall(rb"(?mi)^Message-ID: (\S+)", raw) for _, _, raw in rig.mail.taken]
    assert len(ids) == 2
    assert ids[0] == ids[1] != []
    assert statuses(rig) == [("sent", "")]


def test_the_next_answer_waits_until_the_one_before_has_left(rig: Rig) -> None:
    rig.twilio.answer = (429, {"code": 20429, "message": "slow down", "status": 429})
    rig.whatsapp("Hello", sid="SM1")
    rig.worker.drain()
    rig.whatsapp("I want a person", sid="SM2")
    rig.worker.drain()
    assert len(rig.twilio.requests) == 1
    rig.twilio.answer = (201, {"sid": "SMgood", "status": "queued"})
    rig.try_again(1)
    assert [status for status, _ in statuses(rig)] == ["sent", "sent"]
    bodies = [body for _, _, body in rig.twilio.requests]
    assert bodies[0] == bodies[1] != bodies[2]


def test_without_its_channel_an_answer_is_shown_to_staff(sqlite_rig: Rig) -> None:
    sqlite_rig.whatsapp("Hello")
    with sqlite_rig.store.write() as tx:
        tx.conn.execute(update(lane).values(due=0))
    channels = dict(sqlite_rig.house.channels)
    turn = next(iter(sqlite_rig.worker._takes))
    sqlite_rig.worker._step(turn)
    del channels["whatsapp"]
    object.__setattr__(sqlite_rig.house, "channels", channels)
    sqlite_rig.worker.drain()
    assert statuses(sqlite_rig) == [("failed", "channel_off")]


def test_what_has_a_receipt_already_is_not_sent_again(rig: Rig) -> None:
    rig.twilio.answer = "drop"
    rig.whatsapp("Hello")
    rig.worker.drain()
    [one] = rig.said()
    fields = {"AccountSid": "AC" + "0" * 32, "MessageSid": full_sid("SMx"), "MessageStatus": "delivered"}
    assert rig.form(f"/in/whatsapp/status?m={one.id}", fields).status_code == 204
    rig.try_again(1)
    assert len(rig.twilio.requests) == 1
    assert rig.items()[-1][:2] == ("out", "done")


def test_an_answer_that_kills_its_worker_is_given_up(sqlite_rig: Rig) -> None:
    sqlite_rig.whatsapp("Hello")
    sqlite_rig.worker._step("in")
    for _ in range(MAX_TRIES):
        with sqlite_rig.store.write() as tx:
            assert queue.claim(tx, "out", lease=0) is not None
    sqlite_rig.try_again(1)
    assert sqlite_rig.twilio.requests == []
    assert statuses(sqlite_rig) == [("failed", "crashed")]


def test_a_fault_in_a_channel_stops_nobody(sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(WhatsApp, "send", faulty)
    sqlite_rig.whatsapp("Hello")
    sqlite_rig.letter(mail("Hello"))
    sqlite_rig.try_again(MAX_TRIES)
    assert sorted(statuses(sqlite_rig)) == [("failed", "ZeroDivisionError"), ("sent", "")]


def test_a_send_error_never_holds_an_address() -> None:
    assert "@" not in str(SendError("smtp_550", permanent=True))
