"""The web app around the rooms: health, figures, headers, links, and plain words for everything that goes wrong."""

from __future__ import annotations

import io
import re
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select, text
from starlette.testclient import TestClient

from bot.words import Page
from storage import codes, conversations, links, optouts, outbox
from storage.addresses import meet
from storage.outbox import Letter
from storage.tables import challenge, conversation, item
from tests.wiring.rig import PUBLIC_URL, Rig
from wiring import pages
from wiring.pages import Notice
from wiring.web import create_app

HTML = {"accept": "text/html"}


def test_health_is_the_process_and_readiness_the_database_and_the_worker(rig: Rig) -> None:
    assert rig.web.get("/healthz").json() == {"status": "up"}
    answer = rig.web.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"database": True, "worker": False})
    rig.worker.start()
    assert (rig.web.get("/readyz").status_code, rig.web.get("/readyz").json()["worker"]) == (200, True)
    rig.worker.stop()


def test_a_web_process_without_a_worker_asks_for_none(sqlite_rig: Rig) -> None:
    web = TestClient(create_app(sqlite_rig.house), base_url=PUBLIC_URL)
    assert web.get("/readyz").json() == {"database": True}


def test_without_its_database_the_process_is_up_but_not_ready(sqlite_rig: Rig, tmp_path: object) -> None:
    file = sqlite_rig.store.engine.url.database or ""
    sqlite_rig.store.close()
    with open(file, "wb") as broken:
        broken.write(b"no database at all" * 400)
    assert sqlite_rig.web.get("/healthz").status_code == 200
    assert sqlite_rig.web.get("/readyz").json()["database"] is False


def test_figures_name_channels_and_routes_and_nobody(rig: Rig) -> None:
    rig.whatsapp("Please delete my data", number="+254711111111")
    rig.whatsapp("Please delete my data", number="+254711111111")
    rig.whatsapp("Please", token="forged")
    rig.web.get("/confirm/some-secret-token")
    answer = near(rig).get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert lines['privacydesk_accepted_total{channel="whatsapp"}'] == "1.0"
    assert lines['privacydesk_repeated_total{channel="whatsapp"}'] == "1.0"
    assert lines['privacydesk_refused_total{channel="whatsapp",reason="bad_signature"}'] == "1.0"
    assert lines['privacydesk_queue_depth{kind="in"}'] == "1.0"
    assert float(lines['privacydesk_queue_oldest_seconds{kind="in"}']) >= 0
    assert 'route="/confirm/{token}"' in answer.text
    assert "some-secret-token" not in answer.text
    assert "254711111111" not in answer.text


def near(rig: Rig, client: str = "127.0.0.1", url: str = "http://127.0.0.1:8000") -> TestClient:
    """Somebody on the same machine."""
    return TestClient(rig.app, base_url=url, client=(client, 50000))


def figure(text: str, name: str) -> float:
    """One figure of the page; 0 where it has not been counted yet."""
    return next((float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name + " ")), 0.0)


def test_figures_are_for_this_machine_alone(sqlite_rig: Rig) -> None:
    assert near(sqlite_rig).get("/metrics").status_code == 200
    assert near(sqlite_rig, "::1", "http://[::1]:8000").get("/metrics").status_code == 200
    for stranger in ("203.0.113.9", "2001:db8::1", "testclient"):
        answer = near(sqlite_rig, stranger).get("/metrics")
        assert (answer.status_code, answer.json()) == (404, sqlite_rig.web.get("/nowhere").json())


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via"]
)
def test_who_came_through_a_proxy_on_this_machine_is_a_stranger(sqlite_rig: Rig, header: str) -> None:
    assert near(sqlite_rig).get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize("host", ["desk.example", "127.0.0.1.desk.example", "[", ""])
def test_who_asks_for_us_by_our_public_name_is_a_stranger(sqlite_rig: Rig, host: str) -> None:
    assert near(sqlite_rig).get("/metrics", headers={"host": host}).status_code == 404


def test_a_token_opens_the_figures_from_anywhere(sqlite_rig: Rig) -> None:
    settings = sqlite_rig.house.settings.model_copy(update={"metrics_token": SecretStr("t" * 16)})
    app = create_app(replace(sqlite_rig.house, settings=settings))
    web = TestClient(app, base_url=PUBLIC_URL)
    for given, status in (("t" * 16, 200), ("t" * 15, 404), ("", 404), ("ü", 404)):
        assert web.get("/metrics", headers={"authorization": f"Bearer {given}".encode()}).status_code == status
    assert web.get("/metrics").status_code == 404
    # Without the setting no header at all opens them.
    assert sqlite_rig.web.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_a_code_moves_no_figure_of_answers(rig: Rig) -> None:
    figures = [
        'privacydesk_queue_depth{kind="out"}',
        'privacydesk_queue_oldest_seconds{kind="out"}',
        'privacydesk_deliveries_total{channel="mail",result="sent"}',
    ]

    def moved() -> list[bool]:
        page = near(rig).get("/metrics").text
        return [figure(page, name) > 0 for name in figures]

    def queue(kind: str, names: tuple[str, ...]) -> None:
        with rig.store.write() as tx:
            to = meet(tx, "email", "amina@mail.example")
            talk = conversations.start(tx, "mail", to.id, "en")
            outbox.put(tx, talk.id, to, Letter("Hello", names=names), written_by="bot", kind=kind)

    queue("code", ("code_mail",))
    time.sleep(0.01)  # the age of what waits is above nothing
    assert moved() == [False, False, False]
    rig.worker.drain()
    assert rig.said()[0].status == "sent"
    assert moved() == [False, False, False]
    queue("answer", ("ack_one",))
    time.sleep(0.01)
    assert moved() == [True, True, False]
    rig.worker.drain()
    assert moved() == [False, False, True]


@pytest.mark.parametrize("path", ["/healthz", "/confirm/x", "/nothing/here", "/metrics", "/api/docs", "/plain.css"])
def test_every_answer_keeps_browsers_strict(sqlite_rig: Rig, path: str) -> None:
    headers = sqlite_rig.web.get(path).headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["strict-transport-security"]
    assert headers["x-robots-tag"].startswith("noindex")


def test_an_error_nobody_thought_of_tells_a_stranger_nothing(sqlite_rig: Rig, log_lines: io.StringIO) -> None:
    def broken() -> None:
        raise RuntimeError("amina@mail.example")

    assert isinstance(sqlite_rig.app, FastAPI)
    sqlite_rig.app.add_api_route("/broken", broken)
    answer = sqlite_rig.web.get("/broken")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    page = sqlite_rig.web.get("/broken", headers=HTML)
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-security-policy"]
    for one in (answer.text, page.text):
        assert "amina" not in one
        assert "RuntimeError" not in one
    assert "request.failed" in log_lines.getvalue()
    assert "amina" not in log_lines.getvalue()


def test_a_missing_page_is_a_page_for_browsers_and_json_for_programs(sqlite_rig: Rig) -> None:
    assert sqlite_rig.web.get("/nowhere").json()["error"]["code"] == "not_found"
    assert "<h1>Not Found</h1>" in sqlite_rig.web.get("/nowhere", headers=HTML).text
    answer = sqlite_rig.web.get("/in/whatsapp")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_the_staff_api_describes_itself_to_people_and_to_programs(sqlite_rig: Rig) -> None:
    schema = sqlite_rig.web.get("/api/openapi.json").json()
    page = sqlite_rig.web.get("/api/docs")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert schema["paths"]
    for path, operations in schema["paths"].items():
        assert path.startswith("/api/v1/")
        for method in operations:
            assert f"<code>{method.upper()} {path}</code>" in page.text


def test_the_front_door_leads_to_the_desk(sqlite_rig: Rig) -> None:
    answer = sqlite_rig.web.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")


def test_a_busy_database_is_told_as_such_on_every_page(sqlite_rig: Rig) -> None:
    with sqlite_rig.store.write() as tx:
        tx.conn.execute(text("DROP TABLE challenge"))
    with sqlite_rig.store.read() as tx:
        token = links.sign(tx.vault, "confirm", "f" * 24, tx.now, timedelta(minutes=5))
    answer = sqlite_rig.web.get(f"/confirm/{token}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")


# --- links in mails


def ask_for_a_code(rig: Rig) -> str:
    """A conversation that waits for a code, and the token of the link in its mail."""
    rig.whatsapp("Please delete all my personal data")
    rig.worker.drain()
    with rig.store.write() as tx:
        row = tx.conn.execute(select(conversation)).one()
        asked = codes.ask(tx, row.id, row.address_id, codes.Target("email", "a@mail.example", deliver=True))
        assert isinstance(asked, codes.Asked)
        return links.sign(tx.vault, "confirm", asked.challenge_id, tx.now, timedelta(minutes=10))


def state(rig: Rig) -> str:
    with rig.store.read() as tx:
        return tx.conn.execute(select(challenge.c.state)).scalar_one()


def test_looking_at_a_link_confirms_nothing_and_pressing_does_once(rig: Rig) -> None:
    token = ask_for_a_code(rig)
    before = rig.rows()
    for _ in range(3):
        page = rig.web.get(f"/confirm/{token}")
        assert page.status_code == 200
        assert 'method="post"' in page.text
    assert (rig.rows(), state(rig)) == (before, "live")
    done = rig.web.post(f"/confirm/{token}")
    assert done.status_code == 200
    assert "<form" not in done.text
    assert state(rig) == "used"
    with rig.store.read() as tx:
        assert len(tx.conn.execute(select(item).where(item.c.dedup.like("event:%"))).all()) == 1
    again = rig.web.post(f"/confirm/{token}")
    assert again.text == rig.web.get("/confirm/forged").text
    rig.worker.drain()
    assert all(status == "done" for _, status, _ in rig.items())


def test_every_dead_link_reads_the_same(rig: Rig) -> None:
    with rig.store.read() as tx:
        stranger = links.sign(tx.vault, "confirm", "f" * 24, tx.now, timedelta(minutes=10))
        old = links.sign(tx.vault, "confirm", "f" * 24, tx.now - timedelta(hours=1), timedelta(minutes=10))
        foreign = links.sign(tx.vault, "unsubscribe", "f" * 24, tx.now, timedelta(minutes=10))
    tokens = ["forged", stranger, old, foreign, "x" * 5000, "%00", "a.b.c"]
    answers = [rig.web.get(f"/confirm/{token}") for token in tokens] + [
        rig.web.post(f"/confirm/{token}") for token in tokens
    ]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1


def test_the_one_who_did_not_ask_can_say_so(sqlite_rig: Rig) -> None:
    token = ask_for_a_code(sqlite_rig)
    with sqlite_rig.store.write() as tx:
        made = tx.conn.execute(select(challenge.c.id, challenge.c.conversation_id)).one()
        message = sqlite_rig.said()[-1].id
        codes.delivered_by(tx, made.id, message)
    sqlite_rig.web.post(f"/confirm/{token}", data={"choice": "btn:not_me"})
    assert state(sqlite_rig) == "denied"


def test_one_click_stops_marketing_and_a_look_does_not(rig: Rig) -> None:
    with rig.store.write() as tx:
        one = meet(tx, "email", "amina@mail.example")
        token = links.sign(tx.vault, "unsubscribe", one.id, tx.now, timedelta(days=300))

    def stopped() -> bool:
        with rig.store.read() as tx:
            return optouts.check(tx, "email", "amina@mail.example")

    assert rig.web.get(f"/unsubscribe/{token}").status_code == 200
    assert not stopped()
    # RFC 8058, 3.1: the mail program posts this by itself, without cookies.
    answer = rig.web.post(f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert stopped()


def test_a_link_page_has_no_script_and_forms_lead_home(sqlite_rig: Rig) -> None:
    answer = sqlite_rig.web.get(f"/confirm/{ask_for_a_code(sqlite_rig)}")
    policy = answer.headers["content-security-policy"]
    assert "script-src" not in policy
    assert "form-action 'self'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text
    assert not re.findall(r'(?:src|href|action)="(?!/)', answer.text)


def test_a_large_press_is_refused(sqlite_rig: Rig) -> None:
    assert sqlite_rig.web.post("/confirm/x", content=b"a" * 5000).status_code == 413


def test_a_page_escapes_what_it_is_given_and_turns_to_the_right_for_arabic() -> None:
    shown = pages.plain(Notice("<b>1</b>", "one\n\n<script>alert(1)</script>", language="ar"))
    assert "<b>" not in shown
    assert "<script>" not in shown
    assert 'lang="ar" dir="rtl"' in shown
    assert pages.direction("en") == pages.direction("no such language") == "ltr"


def test_a_page_of_the_bot_has_the_fields_the_template_shows() -> None:
    assert {"title", "text", "buttons"} <= set(Page.__dataclass_fields__)
