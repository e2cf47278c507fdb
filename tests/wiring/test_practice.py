"""Practice on a real server: what is typed takes the real webhooks, what is sent comes back to the screens."""

from __future__ import annotations

import base64
import json
import re
import smtplib
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from storage import audit, directory, staff, tickets
from storage.tables import item, message
from wiring import house as houses
from wiring import keeping, practice, web
from wiring.house import House
from wiring.practice.clock import FURTHEST, PracticeClock
from wiring.practice.content import BadVariables, Content
from wiring.practice.customers import read as read_customers
from wiring.practice.phone import Bubble, Option
from wiring.practice.webhooks import Outcome
from wiring.settings import Settings
from wiring.worker import Worker

SPEC = Path(__file__).parents[2].parent / "shared" / "samples" / "twilio" / "twilio_api_v2010.json"
PATIENCE = 20.0  # seconds until a thing that should happen must have happened


@dataclass
class Set:
    """A running practice set-up and a browser in front of it."""

    base: str
    practice: practice.Practice
    house: House
    app: Any

    def do(self, name: str, **fields: str) -> requests.Response:
        headers, url = {"Origin": self.base}, f"{self.base}/practice/{name}"
        return requests.post(url, data=fields, headers=headers, timeout=20, allow_redirects=False)

    def page(self, who: str = "wanjiru", mail: str = "") -> str:
        answer = requests.get(f"{self.base}/practice", params={"as": who, "mail": mail}, timeout=20)
        assert answer.status_code == 200
        return unescape(answer.text)

    def phone(self, who: str) -> list[Bubble]:
        return self.practice.hand.phones[self.practice.customers[who].number].bubbles()

    def answers(self, who: str) -> list[Bubble]:
        return [one for one in self.phone(who) if not one.mine]

    def say(self, who: str, text: str) -> Bubble:
        """Type on the phone and wait for the answer."""
        before = len(self.answers(who))
        self.do("say", **{"as": who, "text": text})
        return until(lambda: self.answers(who)[before:])[-1]

    def letters(self, who: str) -> list[Any]:
        return self.practice.mailboxes.of(self.practice.customers[who].email)

    def tickets(self) -> list[tickets.Ticket]:
        with self.house.store.read() as tx:
            return tickets.listing(tx, tickets.Filter())[0]

    def rows(self, direction: str) -> list[Any]:
        with self.house.store.read() as tx:
            return list(tx.conn.execute(select(message).where(message.c.direction == direction).order_by(message.c.id)))

    def stored(self) -> int:
        with self.house.store.read() as tx:
            return len(tx.conn.execute(select(item).where(item.c.lane.like("in:%"))).all())

    def twilio(self, account: str = "", token: str = "", **fields: str) -> requests.Response:
        keys = self.practice.keys
        sid = account or keys["TWILIO_ACCOUNT_SID"]
        form = {"To": "whatsapp:+447700900418", "From": keys["TWILIO_FROM"]} | fields
        url = f"{keys['TWILIO_API_URL']}/2010-04-01/Accounts/{sid}/Messages.json"
        return requests.post(url, data=form, auth=(sid, token or keys["TWILIO_AUTH_TOKEN"]), timeout=20)


def until(look: Callable[[], Any]) -> Any:
    """What `look` gives, as soon as that is something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.03)
    raise AssertionError("it did not happen in time")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Set]:
    """One server for all tests of this file; each test takes customers or screens of its own."""
    door = socket.create_server(("127.0.0.1", 0))
    data = tmp_path_factory.mktemp("practice")
    port = str(door.getsockname()[1])
    settings = Settings.read(
        {"PRIVACYDESK_PRACTICE": "on", "PRIVACYDESK_PORT": port, "PRIVACYDESK_DATA_DIR": str(data)}, None
    )
    keeping.prepare(settings)
    built = practice.build(settings)
    house = houses.build(settings, clock=built.clock, keys=built.keys, content=built.content)
    built.seed(house)
    worker = Worker(house, 2)
    app = web.create_app(house, worker=worker, practice=built)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    worker.start()
    built.start(house)
    until(lambda: server.started)
    yield Set(settings.public_url, built, house, app)
    server.should_exit = True
    thread.join(10)
    worker.stop()
    built.stop()
    house.close()
    door.close()


@pytest.fixture
def desk(running: Set) -> Iterator[Set]:
    """The set-up with empty screens, no trouble waiting and the clock at real time."""
    yield running
    running.practice.clock.back_to_real()
    running.do("trouble", trouble="none")
    for who in running.practice.customers:
        running.do("again", **{"as": who})


def test_what_is_typed_files_a_ticket_and_the_answer_comes_back_to_the_phone(desk: Set) -> None:
    answer = desk.say("wanjiru", "Please delete all my personal data")
    [filed] = [one for one in desk.tickets() if one.reference in answer.text]
    assert filed.right == "deletion"
    assert until(lambda: [one for one in desk.phone("wanjiru") if one.mine and one.status == "read"])


def test_a_tapped_button_arrives_as_its_id_and_names_the_message_it_belongs_to(desk: Set) -> None:
    offered = desk.say("amina", "Please delete all my personal data")
    option = offered.options[0]
    desk.do("tap", **{"as": "amina", "bubble": offered.id, "option": option.id})
    until(lambda: desk.phone("amina")[-1].id != offered.id and not desk.phone("amina")[-1].mine)
    last = desk.rows("in")[-1]
    with desk.house.store.read() as tx:
        more = json.loads(tx.vault.open(f"message.more:{last.id}", last.more_sealed))
    assert more["choice"] == option.id
    assert "A tapped button" in desk.page("amina")


def test_a_hidden_number_writes_under_its_user_id_and_is_answered_there(desk: Set) -> None:
    assert desk.practice.customers["amina"].user.startswith("KE.8842")
    assert "assistant" in desk.say("amina", "I want a person").text or desk.answers("amina")
    assert "number hidden" in desk.page("amina")


def test_a_code_goes_to_the_mailbox_and_proves_the_person_on_the_phone(desk: Set) -> None:
    desk.say("khalid", "who did you share my personal data with")
    desk.say("khalid", "khalid@example.org")
    [letter] = until(lambda: desk.letters("khalid"))
    code = re.search(r"type (\d{6})", letter.text)
    assert code
    assert "/confirm/" in letter.text
    assert "Contact matches the directory" in desk.page("khalid")
    desk.say("khalid", code[1])
    assert "Code right" in desk.page("khalid")
    assert max(one.level for one in desk.tickets()) >= 2


def test_the_inspector_tells_what_the_customer_may_not_learn(desk: Set) -> None:
    desk.say("dmitry", "who did you share my personal data with")
    known = desk.say("dmitry", "somebody.else@example.com").text
    assert "code is on its way" in known
    assert "No match" in desk.page("dmitry")


def test_a_mail_is_answered_and_a_reply_stays_in_its_thread(desk: Set) -> None:
    desk.do("mail", **{"as": "haruka", "subject": "My data", "text": "Please send me a copy of my personal data"})
    until(lambda: len(desk.letters("haruka")) >= 2)
    answer = next(one for one in desk.letters("haruka") if "Re: " in one.subject or "Filed" in one.text)
    conversation = desk.rows("in")[-1].conversation_id
    desk.do("mail", **{"as": "haruka", "mail": answer.id, "text": "I want a person"})
    last = until(lambda: [row for row in desk.rows("in") if row.conversation_id == conversation][1:])[-1]
    with desk.house.store.read() as tx:
        assert tx.vault.open(f"message.text:{last.id}", last.text_sealed) == "I want a person"
        more = json.loads(tx.vault.open(f"message.more:{last.id}", last.more_sealed))
    assert "> " in more["full_text"]
    assert more["references"][-1] == answer.message_id


def test_an_automatic_reply_is_kept_and_never_answered(desk: Set) -> None:
    desk.do("mail", **{"as": "stranger", "subject": "Hello", "text": "Please send me a copy of my personal data"})
    [letter] = until(lambda: desk.letters("stranger"))
    desk.do("autoreply", **{"as": "stranger", "mail": letter.id})
    until(lambda: [row for row in desk.rows("in") if row.kind == "autoreply"])
    assert len(desk.letters("stranger")) == 1
    assert "never answered" in desk.page("stranger")


def test_a_message_delivered_twice_is_stored_once(desk: Set) -> None:
    desk.do("trouble", trouble="twice")
    before = desk.stored()
    desk.say("wanjiru", "Please send me a copy of my personal data")
    assert desk.stored() == before + 1
    page = desk.page("wanjiru")
    assert "the second one a repeat" in page
    assert 'value="none" selected' in page


def test_a_forged_signature_changes_nothing(desk: Set) -> None:
    desk.do("trouble", trouble="forged")
    before = desk.stored()
    desk.do("say", **{"as": "camille", "text": "delete my data"})
    assert desk.stored() == before
    assert desk.phone("camille")[-1].status == "refused"
    assert "Signature forged, refused" in desk.page("camille")
    assert " 403 " in desk.page("camille")


def test_a_forged_mail_changes_nothing(desk: Set) -> None:
    desk.do("trouble", trouble="forged")
    before = desk.stored()
    desk.do("mail", **{"as": "wanjiru", "subject": "x", "text": "delete my data"})
    assert desk.stored() == before
    assert "Signature forged, refused" in desk.page("wanjiru")


def test_an_answer_refused_once_is_sent_again(desk: Set) -> None:
    desk.do("trouble", trouble="refused_once")
    desk.say("camille", "Please delete all my personal data")
    assert desk.rows("out")[-1].tries == 2


def test_an_answer_refused_for_good_is_put_before_staff(desk: Set) -> None:
    desk.do("trouble", trouble="refused")
    desk.do("say", **{"as": "camille", "text": "Please send me a copy of my personal data"})
    failed = until(lambda: [row for row in desk.rows("out") if row.status == "failed" and row.error == "63024"])
    assert failed
    assert desk.answers("camille") == []


def test_a_mail_refused_for_good_is_put_before_staff(desk: Set) -> None:
    desk.do("trouble", trouble="refused")
    desk.do("mail", **{"as": "dmitry", "subject": "x", "text": "Please send me a copy of my personal data"})
    assert until(lambda: [row for row in desk.rows("out") if row.status == "failed" and row.error == "smtp_550"])


def test_a_lost_receipt_leaves_the_answer_at_sent(desk: Set) -> None:
    desk.do("trouble", trouble="no_receipt")
    desk.say("stranger", "Please send me a copy of my personal data")
    desk.page("stranger")
    desk.say("stranger", "I want a person")
    until(lambda: desk.page("stranger") and desk.rows("out")[-1].status == "read")
    assert desk.rows("out")[-2].status == "sent"


def test_looking_at_the_page_sends_the_read_receipt(desk: Set) -> None:
    desk.say("wanjiru", "hello")
    assert until(lambda: desk.rows("out")[-1].status == "delivered")
    desk.page("wanjiru")
    assert until(lambda: desk.rows("out")[-1].status == "read")


def test_the_clock_goes_forward_for_the_whole_house_and_back(desk: Set) -> None:
    desk.do("clock", step="week")
    ahead = desk.house.clock() - datetime.now(UTC)
    assert timedelta(days=7) - timedelta(minutes=1) < ahead <= timedelta(days=7)
    assert "Back to real time" in desk.page()
    desk.do("clock", step="real")
    assert abs(desk.house.clock() - datetime.now(UTC)) < timedelta(minutes=1)


def test_after_a_day_only_a_template_gets_through(desk: Set) -> None:
    desk.say("wanjiru", "hello")
    desk.do("clock", step="day")
    desk.do("clock", step="hour")
    assert "window closed" in desk.page("wanjiru")
    shown = len(desk.answers("wanjiru"))
    assert desk.twilio(Body="Too late").status_code == 201
    news = desk.practice.content["tpl_news:en"]
    assert desk.twilio(ContentSid=news, ContentVariables='{"1": "PR-00000000"}').status_code == 201
    [bubble] = until(lambda: desk.answers("wanjiru")[shown:])
    assert bubble.text.startswith("There is news")
    assert [option.title for option in bubble.options] == ["Read it"]


def test_the_stand_in_answers_in_the_shape_of_twilios_own_description(desk: Set) -> None:
    answer = desk.twilio(Body="Hello")
    body = answer.json()
    assert answer.status_code == 201
    assert re.fullmatch("SM[0-9a-f]{32}", body["sid"])
    assert desk.twilio(Body="Hello").json()["sid"] != body["sid"]
    if not SPEC.exists():
        return
    described = json.loads(SPEC.read_text("utf-8"))["components"]["schemas"]
    fields = described["api.v2010.account.message"]["properties"]
    assert set(body) == set(fields)
    assert body["status"] in described["message_enum_status"]["enum"]
    assert body["direction"] in described["message_enum_direction"]["enum"]
    for name, field in fields.items():
        assert body[name] is None or re.fullmatch(field.get("pattern", ".*"), str(body[name])), name


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"Body": "x", "To": ""}, 400, 21604),
        ({"Body": "x", "To": "whatsapp:nobody"}, 400, 21211),
        ({"Body": "x", "From": "whatsapp:+15005550006"}, 400, 63007),
        ({"Body": "x" * 1601}, 400, 21617),
        ({"Body": " "}, 400, 21619),
        ({"ContentSid": "HX" + "0" * 32}, 400, 63027),
        ({"Body": "x", "StatusCallback": "http://169.254.169.254/in/whatsapp/status"}, 400, 21609),
    ],
)
def test_the_stand_in_refuses_in_twilios_words(desk: Set, fields: dict[str, str], status: int, code: int) -> None:
    answer = desk.twilio(**fields)
    assert answer.status_code == status
    body = answer.json()
    assert set(body) == {"code", "message", "more_info", "status"}
    assert (body["code"], body["status"]) == (code, status)


def test_the_stand_in_knows_its_account(desk: Set) -> None:
    assert desk.twilio(token="0" * 32, Body="x").json()["code"] == 20003
    assert desk.twilio(account="AC" + "0" * 32, Body="x").status_code == 401
    url = f"{desk.practice.keys['TWILIO_API_URL']}/2010-04-01/Accounts/{desk.practice.twilio.account}/Messages.json"
    odd = {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()}
    assert requests.post(url, data={"Body": "x"}, headers=odd, timeout=20).status_code == 401


def test_the_webhook_carries_the_fields_of_a_real_one(desk: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, dict[str, str]]] = []
    webhooks = desk.practice.hand.webhooks

    def form(self: object, path: str, fields: dict[str, str], *, forged: bool) -> Outcome:
        sent.append((path, fields))
        return Outcome(path, 200, 1)

    monkeypatch.setattr(type(webhooks), "form", form)
    customer = desk.practice.customers["wanjiru"]
    desk.practice.hand.tap(customer, Bubble("SM1", False, "?", datetime.now(UTC), "read"), Option("btn:yes", "Yes"))
    [(path, fields)] = sent
    wanted = "AccountSid ApiVersion Body ButtonPayload ButtonText ExternalUserId From MessageSid MessageType NumMedia "
    wanted += "NumSegments OriginalRepliedMessageSender OriginalRepliedMessageSid ProfileName SmsMessageSid SmsSid "
    assert set((wanted + "SmsStatus To WaId").split()) <= set(fields)
    assert path == "/in/whatsapp"


def test_another_site_may_not_post(desk: Set) -> None:
    form = {"as": "wanjiru", "text": "delete my data"}
    before = desk.stored()
    for headers in ({}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}):
        answer = requests.post(f"{desk.base}/practice/say", data=form, headers=headers, timeout=20)
        assert answer.status_code == 403
    assert desk.stored() == before


def test_a_large_or_strange_form_is_turned_away(desk: Set) -> None:
    url, origin = f"{desk.base}/practice/say", {"Origin": desk.base}
    assert requests.post(url, data={"text": "x" * 70_000}, headers=origin, timeout=20).status_code == 413
    assert requests.post(url, json={"text": "x"}, headers=origin, timeout=20).status_code == 415
    broken = origin | {"Content-Type": "application/x-www-form-urlencoded"}
    assert requests.post(url, data=b"text=%ff", headers=broken, timeout=20).status_code == 400
    assert desk.do("trouble", trouble="earthquake").status_code == 400
    assert desk.do("tap", bubble="x", option="y").status_code == 303


def test_the_page_needs_nothing_from_elsewhere_and_escapes_what_is_typed(desk: Set) -> None:
    answer = requests.get(f"{desk.base}/practice", timeout=20)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.findall(r'(?:src|href|action)="(?!/|#)', answer.text)
    for name in re.findall(r'(?:src|href)="(/practice/static/[a-z.]+)"', answer.text):
        assert requests.get(desk.base + name, timeout=20).status_code == 200
    desk.do("say", **{"as": "stranger", "text": "<script>alert(1)</script>"})
    assert "<script>alert" not in requests.get(f"{desk.base}/practice?as=stranger", timeout=20).text


def test_an_unchanged_page_is_not_sent_again(desk: Set) -> None:
    url = f"{desk.base}/practice?as=dmitry"
    first = requests.get(url, timeout=20)
    again = requests.get(url, headers={"If-None-Match": first.headers["ETag"]}, timeout=20)
    assert again.status_code in (200, 304)  # 200 only where the minute has just changed
    assert (again.status_code == 304) == (again.headers["ETag"] == first.headers["ETag"])


def test_starting_again_empties_the_screens_and_keeps_the_tickets(desk: Set) -> None:
    desk.do("trouble", trouble="forged")  # so that no answer comes late
    desk.do("say", **{"as": "wanjiru", "text": "a word that is refused"})
    assert "a word that is refused" in desk.page("wanjiru")
    count = len(desk.tickets())
    assert count
    desk.do("again", **{"as": "wanjiru"})
    assert desk.phone("wanjiru") == []
    assert "Nothing here yet" in desk.page("wanjiru")
    assert len(desk.tickets()) == count


def test_a_mail_is_shown_without_scripts_pictures_and_foreign_links(desk: Set) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "privacy@practice.example", "wanjiru.k@example.com", "<b>Answer</b>"
    mail.set_content("plain")
    html = '<p style="color:red" onclick="x()">Good <script>evil()</script><img src="http://x.example/p.png">'
    html += f'<a href="http://x.example/">there</a><a href="{desk.base}/confirm/1">here</a></p>'
    mail.add_alternative(html, "html")
    with smtplib.SMTP("127.0.0.1", desk.practice.server.port, timeout=20) as smtp:
        smtp.send_message(mail)
        refused = mail
        refused.replace_header("To", "nobody@example.com")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.send_message(refused)
    page = requests.get(f"{desk.base}/practice?as=wanjiru", timeout=20).text
    assert f'href="{desk.base}/confirm/1"' in page
    assert not re.search(r"evil|x\.example|onclick|style=|<img|<b>Answer", page)
    assert "&lt;b&gt;Answer" in page


def test_the_mail_server_listens_on_this_machine_only(desk: Set) -> None:
    assert desk.practice.server._socket.getsockname()[0] == "127.0.0.1"


def test_the_seed_changes_nothing_the_second_time(desk: Set) -> None:
    first = desk.practice.seed(desk.house)
    with desk.house.store.read() as tx:
        people, customers = len(staff.everybody(tx)), directory.count(tx)
        [number] = directory.on_file(tx, "whatsapp", "+33639980142")
        assert tx.now - number.since > timedelta(days=30)
    assert desk.practice.seed(desk.house) == first
    file = desk.practice.data_dir / "practice-login.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with desk.house.store.write() as tx:
        assert staff.check_password(tx, *first)
        assert (len(staff.everybody(tx)), directory.count(tx)) == (people, customers)
        assert not list(audit.verify(tx))


def test_keys_are_new_at_every_start_and_complete(desk: Set, tmp_path: Path) -> None:
    settings = Settings.read({"PRIVACYDESK_PRACTICE": "on", "PRIVACYDESK_DATA_DIR": str(tmp_path)}, None)
    other = practice.build(settings)
    other.stop()
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "MAIL_MIME_SECRET", "SMTP_URL"):
        assert other.keys[name] != desk.practice.keys[name]
    names = {"buttons_1", "buttons_2", "buttons_3", *(f"list_{n}" for n in range(2, 11)), "tpl_code:en", "tpl_news:en"}
    assert names <= set(other.content)
    assert all(re.fullmatch("HX[0-9a-f]{32}", sid) for sid in other.content.values())
    assert len(set(other.content.values())) == len(other.content)


def test_pretend_customers_use_reserved_contacts_only() -> None:
    customers = read_customers().values()
    reserved = re.compile(r"\+447700900\d{3}|\+3363998\d{4}|\+1\d{3}55501\d{2}")
    assert all(reserved.fullmatch(one.phone) for one in customers if one.phone)
    assert all(re.search(r"@example\.(com|org)$", one.email) for one in customers if one.email)
    assert {bool(one.entry) for one in customers} == {True, False}
    assert any(one.user for one in customers)


def test_content_takes_exactly_its_variables() -> None:
    content = Content("Hi {{1}}", (Option("{{3}}", "{{2}}"),))
    assert content.show('{"1": "Jo", "2": "Yes", "3": "btn:yes"}').options == (Option("btn:yes", "Yes"),)
    for bad in ("", "[]", "{", '{"1": "Jo"}', '{"1": "a", "2": "b", "3": ""}', '{"1":"a","2":"b","3":"c","4":"d"}'):
        with pytest.raises(BadVariables):
            content.show(bad)


def test_practice_time_never_runs_backwards_by_a_step() -> None:
    start = datetime(2026, 11, 24, tzinfo=UTC)
    clock = PracticeClock(lambda: start)
    clock.forward(timedelta(days=-3))
    assert clock() == start
    clock.forward(timedelta(days=100_000))
    assert clock() == start + FURTHEST


def test_status_callbacks_are_signed_over_the_address_given(desk: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, dict[str, str], bytes]] = []
    webhooks = desk.practice.twilio.webhooks
    monkeypatch.setattr(type(webhooks), "_post", lambda self, path, body, headers: seen.append((path, headers, body)))
    desk.practice.twilio.call_back("SM1", "+447700900418", f"{desk.base}/in/whatsapp/status?m=7", "delivered")
    [(path, headers, body)] = seen
    fields = dict(pair.split("=") for pair in body.decode().split("&"))
    assert path == "/in/whatsapp/status?m=7"
    assert fields["MessageStatus"] == "delivered"
    plain = {name: requests.utils.unquote(value.replace("+", " ")) for name, value in fields.items()}
    validator = RequestValidator(desk.practice.keys["TWILIO_AUTH_TOKEN"])
    assert validator.validate(desk.base + path, plain, headers["X-Twilio-Signature"])
