"""Webhooks: what is answered with success is on the disk, and nothing else is."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from storage.tables import address, item, lane
from storage.vault import Vault
from tests.wiring.rig import ACCOUNT, FORM, Rig, mail
from wiring.house import open_channels


def test_a_signed_message_is_stored_before_it_is_answered(rig: Rig) -> None:
    answer = rig.whatsapp("Delete my data")
    assert (answer.status_code, answer.text) == (200, "<Response/>")
    assert answer.headers["content-type"].startswith("text/xml")
    assert rig.items() == [("in", "new", "")]


def test_the_same_message_twice_is_one_row_and_both_are_answered_alike(rig: Rig) -> None:
    answers = [rig.whatsapp("Delete my data") for _ in range(3)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, "<Response/>")}
    assert len(rig.items()) == 1
    assert rig.house.metrics.repeated.labels("whatsapp")._value.get() == 2


def test_a_forged_signature_changes_nothing(rig: Rig) -> None:
    before = rig.rows()
    answer = rig.whatsapp("Delete my data", token="somebody else's")
    assert answer.status_code == 403
    assert answer.json() == {"error": {"code": "bad_signature", "message": "Bad signature.", "details": []}}
    assert rig.rows() == before
    assert rig.house.metrics.refused.labels("whatsapp", "bad_signature")._value.get() == 1


def test_a_mail_is_stored_and_a_forged_one_is_not(rig: Rig) -> None:
    assert rig.letter(mail()).status_code == 200
    assert rig.items() == [("in", "new", "")]
    forged = {"content-type": "message/rfc822", "x-signature": "t=1,v1=" + "0" * 64}
    assert rig.web.post("/in/mail/mime", content=mail(message_id="<2@x>"), headers=forged).status_code == 403
    assert len(rig.items()) == 1


def test_a_mail_without_a_readable_sender_is_stored_all_the_same(sqlite_rig: Rig) -> None:
    assert sqlite_rig.letter(b"Subject: nobody\r\n\r\nhello").status_code == 200
    with sqlite_rig.store.read() as tx:
        assert list(tx.conn.scalars(select(lane.c.key))) == ["in:nobody"]


def test_several_first_messages_of_one_stranger_at_once_are_all_stored(rig: Rig) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: rig.whatsapp("hello", sid=f"SM{number}"), range(16)))
    assert {answer.status_code for answer in answers} == {200}
    with rig.store.read() as tx:
        assert len(tx.conn.execute(select(address)).all()) == 1
        assert tx.conn.execute(select(lane.c.last)).scalar_one() == 16
        assert sorted(tx.conn.scalars(select(item.c.seq))) == list(range(1, 17))


def test_what_says_it_is_too_large_is_refused_before_it_is_read(sqlite_rig: Rig) -> None:
    headers = {"content-type": FORM, "content-length": str(10**9)}
    answer = sqlite_rig.web.post("/in/whatsapp", content=b"short", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_what_does_not_say_its_size_is_read_no_further_than_the_cap(sqlite_rig: Rig) -> None:
    given, answered = [], []

    async def receive() -> dict[str, Any]:
        given.append(10_000)
        return {"type": "http.request", "body": b"x" * 10_000, "more_body": len(given) < 1000}

    async def send(message: MutableMapping[str, Any]) -> None:
        answered.append(message)

    scope = {"type": "http", "method": "POST", "path": "/in/whatsapp", "raw_path": b"/in/whatsapp", "query_string": b""}
    asyncio.run(sqlite_rig.app(scope | {"headers": [(b"content-type", FORM.encode())]}, receive, send))
    assert answered[0]["status"] == 413
    assert sum(given) <= sqlite_rig.house.channels["whatsapp"].max_body + 10_000
    assert sqlite_rig.items() == []


@pytest.mark.parametrize("length", ["-1", "1e3", "\u0663", "9" * 40, "0x10"])
def test_a_broken_length_is_refused(sqlite_rig: Rig, length: str) -> None:
    headers = {"content-type": FORM, "content-length": length.encode("utf-8")}
    assert sqlite_rig.web.post("/in/whatsapp", content=b"a=b", headers=headers).status_code in (400, 413)


def test_another_type_of_body_is_refused(sqlite_rig: Rig) -> None:
    answer = sqlite_rig.web.post("/in/whatsapp", json={"Body": "hello"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "not_a_form")


def test_a_channel_without_keys_and_an_unknown_provider_are_not_found(sqlite_rig: Rig) -> None:
    assert sqlite_rig.web.post("/in/mail/pigeon", content=mail()).status_code == 404
    house = sqlite_rig.house
    channels = open_channels({}, house.settings.public_url, {}, Vault(house.settings.secret_keys()))
    object.__setattr__(house, "channels", channels)
    answer = sqlite_rig.whatsapp("hello")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "channel_off")


@contextmanager
def impatient(rig: Rig) -> Iterator[None]:
    """SQLite's waits for a lock are cut short, for the test does not have half a minute."""

    def hurry(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")

    rig.store.engine.dispose()
    event.listen(rig.store.engine, "connect", hurry)
    yield
    event.remove(rig.store.engine, "connect", hurry)


def test_while_the_database_is_locked_the_provider_is_told_to_come_again(sqlite_rig: Rig) -> None:
    file = sqlite_rig.store.engine.url.database or ""
    with impatient(sqlite_rig), closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = sqlite_rig.whatsapp("Delete my data")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
        assert int(answer.headers["retry-after"]) > 0
        other.execute("ROLLBACK")
        assert sqlite_rig.items() == []
        assert sqlite_rig.whatsapp("Delete my data").status_code == 200
    assert len(sqlite_rig.items()) == 1


def test_on_a_full_disk_nothing_is_answered_with_success(sqlite_rig: Rig) -> None:
    with sqlite_rig.store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    sizes = [sqlite_rig.whatsapp("x" * 60_000, sid=f"SM{number}").status_code for number in range(3)]
    assert sizes == [503, 503, 503]
    assert sqlite_rig.items() == []
    sqlite_rig.store.engine.dispose()
    assert sqlite_rig.whatsapp("x" * 60_000).status_code == 200


def test_a_receipt_moves_a_message_forward_and_never_back(rig: Rig) -> None:
    rig.whatsapp("Hello")
    rig.worker.drain()
    sent = rig.said()[0]
    assert sent.status == "sent"
    for status in ("delivered", "sent", "read", "delivered"):
        fields = {"AccountSid": ACCOUNT, "MessageSid": "SM" + "f" * 32, "MessageStatus": status}
        answer = rig.form(f"/in/whatsapp/status?m={sent.id}", fields)
        assert (answer.status_code, answer.content) == (204, b"")
    assert rig.said()[0].status == "read"
    assert rig.house.metrics.receipts.labels("whatsapp")._value.get() == 4


def test_a_forged_receipt_changes_nothing(sqlite_rig: Rig) -> None:
    sqlite_rig.whatsapp("Hello")
    sqlite_rig.worker.drain()
    sent = sqlite_rig.said()[0]
    fields = {"AccountSid": ACCOUNT, "MessageSid": "SM" + "f" * 32, "MessageStatus": "failed"}
    assert sqlite_rig.form(f"/in/whatsapp/status?m={sent.id}", fields, token="wrong").status_code == 403
    assert sqlite_rig.said()[0].status == "sent"
