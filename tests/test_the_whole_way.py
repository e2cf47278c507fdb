"""A request from the first message to the answer, over real sockets and on both engines; the same messages again."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import httpx

from storage.tables import message
from tests.town import (
    MAILBOX,
    PASSWORD,
    Customer,
    Received,
    Town,
    a_town,
    either_town,
    letter,
    town,
    whatsapp_form,
)

__all__ = ["either_town", "town"]

ASHA = Customer("+447700900101", "asha@example.com", "Asha")
LENA = Customer("+447700900177", "lena@example.com", "Lena")
ANSWER = "Here is what we hold: your name, this number and one enquiry of May."
MARKER = "##- Please write your reply above this line -##"


class Desk:
    """A member of staff at the desk, in a browser: pages are read, forms are sent as they stand there."""

    def __init__(self, web: httpx.Client) -> None:
        self.web = web

    def open(self, path: str) -> str:
        """A page of the desk."""
        answer = self.web.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def send(self, page: str, action: str, **fields: str) -> httpx.Response:
        """The form with that action, its hidden fields filled in as they are; followed to the page behind it."""
        form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
        assert form, f"there is no form {action}"
        inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0])
        hidden = {name: unescape(value) for name, value in inputs}
        answer = self.web.post(action, data=hidden | fields)
        assert answer.status_code == 303, (action, answer.status_code)
        return answer

    def sign_in(self, email: str) -> None:
        """By mail and password."""
        self.send(self.open("/desk/login"), "/desk/login", email=email, password=PASSWORD)

    def answer(self, reference: str, text: str) -> None:
        """Take a ticket and close it as fulfilled with this text."""
        here = f"/desk/tickets/{reference}"
        assert reference in self.open("/desk/tickets")
        self.send(self.open(here), f"{here}/claim")
        self.send(self.open(here), f"{here}/close", **{"as": "fulfilled", "text": text})


def sign_in_at_the_api(web: httpx.Client, email: str) -> dict[str, str]:
    answer = web.post("/api/v1/token", data={"username": email, "password": PASSWORD})
    assert answer.status_code == 200
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


def statuses(town: Town) -> dict[str, str]:
    """The delivery status of every message we sent, by our id of it."""
    with town.store.read() as tx:
        rows = tx.conn.execute(message.select().where(message.c.direction == "out"))
        return {row.id: row.status for row in rows}


def test_by_whatsapp_from_the_request_to_the_answer_and_its_receipt(either_town: Town) -> None:
    town = either_town
    town.put_on_file(ASHA.number, ASHA.mailbox)
    town.write(ASHA, "Hello, can I get everything you have stored about me")
    (ticket,) = town.tickets()
    assert (ticket.state, str(ticket.target_on), ticket.channel) == ("verifying", "2026-12-22", "whatsapp")
    assert ticket.reference in town.inbox(ASHA.number)[0].text

    town.write(ASHA, ASHA.mailbox)
    (code_mail,) = town.inbox(ASHA.mailbox)
    assert code_mail.code not in town.inbox(ASHA.number)[-1].text
    town.write(ASHA, code_mail.code)
    (ticket,) = town.tickets()
    assert (ticket.state, ticket.level) == ("open", 3)
    town.tap(ASHA, "Skip")

    with town.browser() as web:
        desk = Desk(web)
        desk.sign_in(town.hire())
        desk.answer(ticket.reference, ANSWER)
    town.settle()
    answer = town.inbox(ASHA.number)[-1]
    assert answer.text == ANSWER
    assert town.tickets()[0].state == "fulfilled"
    assert set(statuses(town).values()) == {"delivered", "sent"}
    assert statuses(town)[answer.id] == "delivered"
    assert town.receipt(answer, "read").status_code == 204
    assert statuses(town)[answer.id] == "read"


def test_by_mail_from_the_request_to_the_answer_in_one_thread(either_town: Town) -> None:
    town = either_town
    town.put_on_file(LENA.mailbox)
    first = town.mail(LENA, "Please delete all my personal data.", subject="A wish")
    (acknowledged,) = town.inbox(LENA.mailbox)
    assert acknowledged.text.startswith(MARKER)
    assert acknowledged.headers["In-Reply-To"] == message_id(first)
    (ticket,) = town.tickets()
    assert acknowledged.subject == f"[{ticket.reference}] Your message about personal data"
    assert acknowledged.headers["Auto-Submitted"] == "auto-replied"

    # The reply holds the question in its quote, and the code's mail is no part of the thread.
    reply = town.mail(LENA, "Go on", reply_to=acknowledged)
    assert b"> Deletion cannot be undone." in reply
    asked, code_mail = by_names(town, LENA, "proof_ask_contact"), by_names(town, LENA, "code_mail")
    assert asked.headers["In-Reply-To"] == message_id(reply)
    assert asked.headers["References"].split()[:2] == [message_id(first), acknowledged.headers["Message-ID"]]
    assert "In-Reply-To" not in code_mail.headers
    assert code_mail.subject == f"One-time code for {ticket.reference}"

    last = town.mail(LENA, f"It is {code_mail.code}, thanks", reply_to=asked)
    (ticket,) = town.tickets()
    assert (ticket.state, ticket.level, ticket.right) == ("open", 2, "deletion")

    with town.browser() as web:
        login = sign_in_at_the_api(web, town.hire())
        listed = web.get("/api/v1/tickets", params={"state": "open"}, headers=login).json()["items"]
        assert [(one["reference"], one["target_on"]) for one in listed] == [(ticket.reference, "2026-12-22")]
        path = f"/api/v1/tickets/{ticket.reference}/fulfil"
        assert web.post(path, json={"text": "All is deleted."}, headers=login).status_code == 200
    town.settle()
    answer = town.inbox(LENA.mailbox)[-1]
    assert "All is deleted." in answer.text
    assert answer.headers["In-Reply-To"] == message_id(last)
    assert answer.headers["Auto-Submitted"] == "no"
    assert message_id(first) in answer.headers["References"]
    assert set(statuses(town).values()) == {"sent"}
    assert town.tickets()[0].state == "fulfilled"


def test_a_mail_says_each_choice_once(town: Town) -> None:
    town.mail(LENA, "I object to you using my information.")
    (one,) = town.inbox(LENA.mailbox)
    for title in ("Marketing messages", "Website analytics"):
        assert one.text.count(title) == one.html.count(title) == 1


def test_a_reply_above_a_quote_is_understood_by_itself(town: Town) -> None:
    town.mail(LENA, "Please delete all my personal data.")
    town.mail(LENA, "Do not delete", reply_to=town.inbox(LENA.mailbox)[-1])
    assert [(ticket.right, ticket.state) for ticket in town.tickets()] == [("deletion", "withdrawn")]


# --- the same messages again, in any order of retries

Delivery = Callable[[], httpx.Response]


def everything(town: Town, seed: int) -> None:
    """Three people's messages, each delivered several times; the first delivery of each in the order it was written."""
    chance = random.Random(seed)
    lines = [
        [by_phone(town, who, text) for text in texts]
        for who, texts in (
            (ASHA, ["Send me a copy of my data and then delete it", "yes go ahead", "asha@example.com"]),
            (Customer("+447700900202"), ["STOP", "delete all my data", "STOP"]),
        )
    ]
    mails = ("Please correct my name to Lena Smyth.", "Stop the promo mails.")
    lines.append([by_mail(town, LENA, text) for text in mails])
    done: list[Delivery] = []
    while any(lines):
        line = chance.choice([line for line in lines if line])
        done.append(line.pop(0))
        assert done[-1]().status_code == 200
        for again in chance.sample(done, chance.randrange(min(3, len(done)) + 1)):
            assert again().status_code == 200
        if chance.random() < 0.5:
            town.settle()
    town.settle()


def by_phone(town: Town, who: Customer, text: str) -> Delivery:
    form = whatsapp_form(who, Body=text)
    return lambda: town.form("/in/whatsapp", form)


def by_mail(town: Town, who: Customer, text: str) -> Delivery:
    raw = letter(who, text, town.clock.now)
    return lambda: town.post_mail(raw)


def outcome(town: Town) -> tuple[list[tuple[str, str, str, str]], list[str]]:
    """What became of it: the tickets, and what was sent to whom, in the order of each."""
    tickets = sorted((one.right, one.state, one.channel, str(one.due_on)) for one in town.tickets())
    sent = [f"{one.to} {re.sub(r'PR-[0-9A-Z]{9}|[0-9]{6}', '', one.text)}" for one in town.exchange.taken]
    letters = [to[0] for _, to, _ in town.post_office.taken]
    return tickets, sorted(sent) + sorted(letters)


def test_the_same_messages_in_any_order_of_retries_give_the_same_tickets(tmp_path: Path) -> None:
    outcomes = []
    for seed in range(3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        with a_town(f"sqlite:///{folder}/desk.db", folder) as place:
            everything(place, seed)
            outcomes.append(outcome(place))
    assert len(outcomes[0][0]) == 6
    assert all(one == outcomes[0] for one in outcomes[1:])


def test_retries_on_either_engine_open_no_second_ticket(either_town: Town) -> None:
    everything(either_town, seed=99)
    assert sorted(one.right for one in either_town.tickets()) == [
        "access", "correction", "deletion", "deletion", "opt_out", "opt_out",
    ]  # fmt: skip
    assert {status for status, _ in either_town.items("in")} == {"done"}


def message_id(raw: bytes) -> str:
    found = re.search(rb"^Message-ID: (\S+)", raw, re.MULTILINE | re.IGNORECASE)
    assert found
    return found[1].decode()


def by_names(town: Town, who: Customer, name: str) -> Received:
    """The newest mail made of that text."""
    return [one for one in town.inbox(who.mailbox) if name in town.names(one)][-1]


def test_the_address_we_write_from_is_the_one_we_are_written_to(town: Town) -> None:
    town.mail(LENA, "hello")
    (one,) = town.inbox(LENA.mailbox)
    assert MAILBOX in one.headers["From"]
