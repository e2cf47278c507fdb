"""Personal data is marked and sent through everything, also where things fail; then all that is written is searched."""

from __future__ import annotations

import base64
import io
import logging
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
import structlog
from psycopg import sql
from sqlalchemy import make_url

from bot import confirm
from bot.actions.requests import File
from tests.test_the_whole_way import sign_in_at_the_api
from tests.town import MORNING, Customer, Town, either_town, letter, whatsapp_form
from wiring.logs import configure

__all__ = ["either_town"]

MARK = "qzjxvkwq"  # in every marked word, and nowhere else
MARKED = Customer("+447700900987", f"{MARK}mail@example.com", f"{MARK}name")
HIDDEN = Customer(f"KE.{MARK}user", f"{MARK}second@example.com", f"{MARK}profile")
DIGITS = "7700900987"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All log lines of this process, at the least level, as the running system writes them."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure("debug", stream)
    yield stream
    logging.captureWarnings(False)
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_marked_personal_data_comes_out_nowhere(
    either_town: Town, log: io.StringIO, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    town = either_town
    pages: list[httpx.Response] = []
    codes = all_that_goes_well(town)
    all_that_goes_wrong(town, pages, monkeypatch)
    with town.browser() as web:
        pages += [web.get("/metrics", headers={"host": "127.0.0.1"}), web.get("/readyz"), web.get("/healthz")]
    printed = capfd.readouterr()

    assert "RuntimeError" in log.getvalue(), "the failures were not even logged"
    places = {"log": log.getvalue().encode(), "printed": (printed.out + printed.err).encode()}
    places |= {f"page {number} ({page.status_code})": whole(page) for number, page in enumerate(pages)}
    assert {name: marks(data) for name, data in places.items() if marks(data)} == {}
    assert not [code for code in codes if re.search(rf"(?<!\d){code}(?!\d)", log.getvalue())]

    stored = database_bytes(town)
    assert sum(map(len, stored.values())) > 50_000
    assert {name: marks(data) for name, data in stored.items() if marks(data)} == {}


def test_the_search_finds_what_is_there(either_town: Town) -> None:
    coded = [base64.b64encode(f"{'x' * offset}{MARK}cd".encode()).decode() for offset in range(6)]
    for text in (f"a {MARK.upper()}word", "07700 900987", "%2B447700900987", *coded):
        assert marks(text.encode())
    with either_town.store.write() as tx:
        tx.conn.exec_driver_sql(f"CREATE TABLE slip AS SELECT '{MARK}slip' AS text")
    assert any(marks(data) for data in database_bytes(either_town).values())


def all_that_goes_well(town: Town) -> list[str]:
    """Every kind of thing a customer and staff write down; returns the codes that were sent."""
    town.put_on_file(MARKED.number, MARKED.mailbox, number=f"{MARK}number")
    town.write(MARKED, f"my name is {MARK}text, delete all my data")
    town.tap(MARKED, "Go on")
    town.write(MARKED, MARKED.mailbox)
    town.write(MARKED, "000000")
    town.write(MARKED, town.inbox(MARKED.mailbox)[-1].code)
    town.write(MARKED, "Skip")
    town.write(MARKED, f"my email changed, new one is {MARK}value@example.com")
    town.tap(MARKED, "Yes, correct")
    town.write(MARKED, f"pls correct my address, new: 12 {MARK}street, Mombasa")
    town.write(MARKED, f"{MARK} the thing with my stuff {MARK}", ProfileName=f"{MARK}profile")
    town.write(MARKED, "", NumMedia="1", MediaContentType0="image/jpeg", MediaUrl0=f"https://media.example/{MARK}pic")
    town.write(HIDDEN, f"STOP, and also {MARK}other@example.com")
    town.mail(MARKED, f"Please send me my data. {MARK}body", subject=f"{MARK}subject")
    town.mail(MARKED, f"I want to complain, your {MARK}agent shared my number", reply_to=town.inbox(MARKED.mailbox)[-1])
    with town.browser() as web:
        login = sign_in_at_the_api(web, town.hire(f"{MARK}staff@desk.example", role="manager"))
        row = {"customer": f"{MARK}2", "name": f"{MARK}loaded", "email": f"{MARK}loaded@example.com"}
        assert web.put("/api/v1/customers", json=[row], headers=login).status_code == 200
        path = f"/api/v1/tickets/{town.tickets()[0].reference}"
        for doing, body in (("claim", {}), ("note", {"text": f"{MARK}note"}), ("reply", {"text": f"{MARK}reply"})):
            assert web.post(f"{path}/{doing}", json=body, headers=login).status_code == 200
        assert f"{MARK}note" in web.get(f"{path}/evidence", headers=login).text, "what should be readable is not"
    town.settle()
    return [one.code for one in town.inbox(MARKED.mailbox) if town.names(one) == ["code_mail"]]


def all_that_goes_wrong(town: Town, pages: list[httpx.Response], monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns that raise, providers that refuse, mail that cannot be read, requests that make no sense."""
    town.post_office.rcpt = f"550 5.1.1 <{MARKED.mailbox}> {MARK}unknown"
    said = f"The 'To' number {MARKED.number} {MARK} is not a valid phone number."
    town.exchange.refusal = (400, {"code": 21211, "message": said, "status": 400})
    town.mail(MARKED, "hello")
    town.write(MARKED, "hello", From="whatsapp:+447700900987")
    town.write(Customer(MARKED.number[:-1] + "0"), f"{MARK} hello")
    town.post_office.rcpt, town.exchange.refusal = "250 OK", None

    def fails(self: File, *_: object) -> None:
        raise RuntimeError(f"{MARK}raised {MARKED.number} {self.turn.heard.text}")

    with monkeypatch.context() as patched:
        patched.setattr(File, "act", fails)
        town.write(Customer("+447700900111", name=f"{MARK}three"), f"delete all my data {MARK}")
        town.try_again(8)
    pages += [
        town.post_mail(f"Subject: {MARK}subject\r\n\r\n{MARK}text".encode()),
        town.post_mail(f"From: {MARKED.mailbox}\r\nContent-Type: multipart/encrypted\r\n\r\n{MARK}".encode()),
        town.post_mail(f"{MARK}\xff no mail".encode("latin-1")),
        town.post_mail(letter(MARKED, MARK, MORNING), secret=f"{MARK}secret"),
        town.form("/in/whatsapp", whatsapp_form(MARKED, Body=f"{MARK}forged"), token=f"{MARK}token"),
        town.form("/in/whatsapp", whatsapp_form(MARKED, Body="x", MessageSid=f"{MARK} bad sid")),
    ]
    town.settle()
    with town.browser() as web:
        login = sign_in_at_the_api(web, town.hire("second@desk.example"))
        for accept in ("application/json", "text/html"):
            pages += odd_requests(web, login | {"accept": accept}, monkeypatch)


def odd_requests(web: httpx.Client, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> list[httpx.Response]:
    """404, 405, 413, 415, 422 and 500, each with marked data in it."""
    typed = headers | {"content-type": "application/json"}
    answers = [
        web.get(f"/{MARK}/{MARKED.number}", headers=headers),
        web.get(f"/confirm/{MARK}", headers=headers),
        web.get(f"/unsubscribe/{MARK}", headers=headers),
        web.get(f"/api/v1/tickets/{MARK}", headers=headers),
        web.get(f"/api/v1/tickets?state={MARK}&q={MARKED.number}", headers=headers),
        web.get(f"/api/v1/tickets?cursor={MARK}", headers=headers),
        web.get(f"/desk/tickets/{MARK}", headers=headers),
        web.request("DELETE", f"/api/v1/tickets/{MARK}", headers=headers),
        web.request("PUT", "/in/whatsapp", content=MARK, headers=headers),
        web.post("/api/v1/tickets", content=f'{{"{MARK}": ', headers=typed),
        web.post("/api/v1/tickets", json={"right": f"{MARK}right", "name": 7}, headers=headers),
        web.post(f"/api/v1/tickets/{MARK}/reply", json={"text": [MARK]}, headers=headers),
        web.put("/api/v1/customers", json=[{"customer": {"name": MARK}}], headers=headers),
        web.post("/api/v1/token", data={"username": f"{MARK}@x", "password": MARK}, headers=headers),
        web.post("/in/whatsapp", content=MARK * 30_000, headers=headers),
        web.post("/in/whatsapp", json={"Body": MARK}, headers=headers),
        web.post("/desk/login", data={"token": MARK, "email": "a@b.example", "password": MARK}, headers=headers),
    ]

    def fails(*_: object) -> None:
        raise RuntimeError(f"{MARK} {MARKED.number}")

    with monkeypatch.context() as patched:
        patched.setattr(confirm, "look", fails)
        answers.append(web.get(f"/confirm/{MARK}", headers=headers))
    assert {404, 405, 413, 415, 422, 500} <= {answer.status_code for answer in answers}
    return answers


def marks(data: bytes) -> list[bytes]:
    """Where the marked word or number stands in bytes, plain or in base64; a little of what is around it."""
    digits = rb"[\s.-]?".join(DIGITS[n : n + 1].encode() for n in range(len(DIGITS)))
    found = [rb"(?i)" + MARK.encode(), digits, *(re.escape(one) for one in in_base64())]
    return [data[max(0, hit.start() - 30) : hit.end() + 30] for one in found for hit in re.finditer(one, data)]


def in_base64() -> Iterator[bytes]:
    """The part of their base64 that is the same whatever stands around them, at each of the three offsets."""
    for offset in range(3):
        for text in (DIGITS, MARK):
            coded = base64.b64encode(b"\0" * offset + text.encode())
            yield coded[4 if offset else 0 : (offset + len(text)) // 3 * 4]


def whole(page: httpx.Response) -> bytes:
    """Headers and body of an answer, but not the address that one who must sign in first wanted to see."""
    sent = [value for name, value in page.headers.items() if (name, page.status_code) != ("location", 303)]
    return b"\n".join([*(value.encode() for value in sent), page.content])


def database_bytes(town: Town) -> dict[str, bytes]:
    """The SQLite file with its log, or every row of every PostgreSQL table as bytes."""
    url = town.house.settings.database_url.get_secret_value()
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return {file.name: file.read_bytes() for file in path.parent.glob(f"{path.name}*")}
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        listed = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        every = sql.SQL("SELECT * FROM {}")
        rows = {name: connection.execute(every.format(sql.Identifier(name))).fetchall() for (name,) in listed}
    return {name: b"\n".join(plain(value) for row in found for value in row) for name, found in rows.items()}


def plain(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
