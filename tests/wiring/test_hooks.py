"""Webhooks: what is answered with success is on the disk, and nothing else is."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any

import anyio.to_thread
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from storage import db
from storage.tables import address, item, lane
from storage.vault import Vault
from tests.wiring.rig import ACCOUNT, FORM, PUBLIC_URL, SENDER, TOKEN, Rig, full_sid, mail
from wiring import bodies, frame, hooks
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


def test_while_the_database_is_locked_the_provider_is_told_to_come_again(
    sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "LOCK_WAIT", 0.05)
    file = sqlite_rig.store.engine.url.database or ""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
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


def raw_post(rig: Rig, path: str, headers: dict[str, str], body: Iterator[bytes] | None) -> tuple[int, int]:
    """Post past the test client: the status, and how many bytes of the body were asked for. None: it never comes."""
    asked, statuses = [0], []

    async def receive() -> dict[str, Any]:
        if body is None:
            await asyncio.sleep(5)
            asked[0] = -1  # so long was it waited for
        part = next(body or iter(()), b"")
        asked[0] += len(part)
        return {"type": "http.request", "body": part, "more_body": bool(part)}

    async def send(message: MutableMapping[str, Any]) -> None:
        statuses.append(message.get("status"))

    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(rig.app(scope | {"headers": given}, receive, send))
    return (statuses or [0])[0] or 0, asked[0]


def signature(age: int = 0) -> dict[str, str]:
    """A header that looks like a signature."""
    return {"x-signature": f"t={int(time.time()) - age},v1={'0' * 64}", "content-type": "message/rfc822"}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/in/mail/mime", {}, 403),
        ("/in/mail/mime", {"x-signature": "t=1,v1=x"}, 403),
        ("/in/mail/mime", signature(age=3600), 403),
        ("/in/mail/mime", signature(age=-3600), 403),
        ("/in/mail/pigeon", signature(), 404),
    ],
)
def test_a_mail_that_cannot_be_signed_is_refused_unread(
    sqlite_rig: Rig, path: str, headers: dict[str, str], status: int
) -> None:
    assert raw_post(sqlite_rig, path, headers, iter([b"x" * 1000])) == (status, 0)
    assert raw_post(sqlite_rig, "/in/mail/mime", signature(), iter([b"x" * 1000])) == (403, 1000)


def test_only_so_many_large_bodies_are_held_at_a_time(sqlite_rig: Rig) -> None:
    door = hooks.Door(sqlite_rig.house)
    app = FastAPI()
    app.include_router(hooks.router(door))
    web = TestClient(app, base_url=PUBLIC_URL)
    large = b"x" * (bodies.LARGE + 1)

    def parts() -> Iterator[bytes]:
        yield large  # says no length

    with ExitStack() as held:
        for _ in range(bodies.LARGE_AT_ONCE):
            held.enter_context(door.bodies.place()).hold(bodies.LARGE + 1)
        for content in (large, parts()):
            answer = web.post("/in/mail/mime", content=content, headers=signature())
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "crowded")
            assert int(answer.headers["retry-after"]) > 0
        assert web.post("/in/mail/mime", content=b"x" * bodies.LARGE, headers=signature()).status_code == 403
    for _ in range(bodies.LARGE_AT_ONCE + 1):
        assert web.post("/in/mail/mime", content=large, headers=signature()).status_code == 403


@pytest.mark.parametrize("path", ["/in/mail/mime", "/desk/login", "/api/v1/token"])
def test_a_body_that_never_comes_is_given_up(sqlite_rig: Rig, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(frame, "BODY_SECONDS", 0.1)
    headers = signature() if path == "/in/mail/mime" else {"content-type": FORM}
    status, waited = raw_post(sqlite_rig, path, headers | {"content-length": "10"}, None)
    assert 400 <= status < 500
    assert waited == 0


def test_webhooks_are_stored_while_every_other_thread_is_busy(sqlite_rig: Rig) -> None:
    async def story() -> int:
        ending, shared = threading.Event(), anyio.to_thread.current_default_thread_limiter()
        async with anyio.create_task_group() as busy:
            for _ in range(int(shared.total_tokens)):
                busy.start_soon(anyio.to_thread.run_sync, ending.wait, 60)
            while shared.available_tokens:
                await anyio.sleep(0.01)
            try:
                with anyio.fail_after(20):
                    return await one_message(sqlite_rig)
            finally:
                ending.set()

    assert asyncio.run(story()) == 200
    assert len(sqlite_rig.items()) == 1


async def one_message(rig: Rig) -> int:
    fields = {
        "AccountSid": ACCOUNT,
        "MessageSid": full_sid("SM1"),
        "From": "whatsapp:+254700000001",
        "To": SENDER,
        "Body": "hi",
    }
    signed = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/in/whatsapp", fields)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(rig.app), base_url=PUBLIC_URL) as web:
        answer = await web.post("/in/whatsapp", data=fields, headers={"x-twilio-signature": signed})
    return answer.status_code
