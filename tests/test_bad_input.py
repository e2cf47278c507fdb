"""What comes in wrong: turned away with nothing stored, or kept and shown to staff; never lost and never in the way."""

from __future__ import annotations

import re

import pytest
from structlog.testing import capture_logs

from bot.actions.requests import File
from bot.say import Say
from bot.talk import Talk
from storage import conversations
from storage.queue import MAX_TRIES
from tests.test_the_whole_way import Desk
from tests.town import ACCOUNT, FORM, Customer, Town, either_town, letter, town, whatsapp_form

__all__ = ["either_town", "town"]

ASHA = Customer("+447700900101", "asha@example.com", "Asha")
MIME = "message/rfc822"


def test_what_is_too_large_of_another_kind_or_not_signed_is_turned_away_and_leaves_nothing(either_town: Town) -> None:
    town = either_town
    before = town.rows()
    form = whatsapp_form(ASHA, Body="Delete my data")
    signed = {"x-signature": f"t={int(town.clock.now.timestamp())},v1={'0' * 64}", "content-type": MIME}
    as_json = signed | {"content-type": "application/json"}
    bare, receipt = {"content-type": MIME}, {"AccountSid": ACCOUNT, "MessageStatus": "read"}
    with town.browser() as web:
        answers = {
            "large form": web.post("/in/whatsapp", content=b"Body=" + b"x" * 70_000, headers={"content-type": FORM}),
            "large mail": web.post("/in/mail/mime", content=b"x" * (26 * 1024 * 1024), headers=signed),
            "form as JSON": web.post("/in/whatsapp", json=form),
            "mail as JSON": web.post("/in/mail/mime", content=b"{}", headers=as_json),
            "form not signed": web.post("/in/whatsapp", data=form),
            "form signed by another": town.form("/in/whatsapp", form, token="another token"),
            "form of another account": town.form("/in/whatsapp", form | {"AccountSid": "AC" + "1" * 32}),
            "receipt not signed": web.post("/in/whatsapp/status", data=receipt),
            "mail not signed": web.post("/in/mail/mime", content=b"From: a@b.example\n\nhi", headers=bare),
            "mail signed by another": town.post_mail(letter(ASHA, "hi", town.clock.now), secret="another secret"),
        }
    told = {what: answer.status_code for what, answer in answers.items()}
    assert told == {
        "large form": 413, "large mail": 413, "form as JSON": 415, "mail as JSON": 415, "form not signed": 403,
        "form signed by another": 403, "form of another account": 403, "receipt not signed": 403,
        "mail not signed": 403, "mail signed by another": 403,
    }  # fmt: skip
    for answer in answers.values():
        assert set(answer.json()["error"]) == {"code", "message", "details"}
    town.settle()
    assert town.rows() == before
    assert town.exchange.asked == 0


def test_a_signature_made_earlier_counts_for_five_minutes_and_a_mail_changed_on_the_way_never(town: Town) -> None:
    raw = letter(ASHA, "hi", town.clock.now)
    answer = town.post_mail(raw)
    assert answer.status_code == 200
    headers = {name: answer.request.headers[name] for name in ("content-type", "x-signature")}
    with town.browser() as web:
        assert web.post("/in/mail/mime", content=raw.replace(b"hi", b"ho"), headers=headers).status_code == 403
        town.clock.forward(minutes=4)
        assert web.post("/in/mail/mime", content=raw, headers=headers).status_code == 200
        town.clock.forward(minutes=2)
        assert web.post("/in/mail/mime", content=raw, headers=headers).status_code == 403
    assert len(town.items("in")) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe nothing that could be a mail",
        b"Subject: from nobody\r\n\r\nPlease delete my data.",
        b"From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/encrypted; boundary=e\r\n\r\n"
        b"--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--e--\r\n",
    ],
    ids=["no mail", "from nobody", "encrypted"],
)
def test_a_mail_that_cannot_be_read_is_kept_quarantined_and_shown_to_staff(town: Town, raw: bytes) -> None:
    assert town.post_mail(raw).status_code == 200
    town.settle()
    assert town.rows()["quarantine"] == 1
    assert [status for status, _ in town.items("in")] == ["dead"]
    assert (town.tickets(), town.news()) == ([], [])
    with town.browser() as web:
        desk = Desk(web)
        desk.sign_in(town.hire())
        link = re.search(r"/desk/aside/[0-9a-f]{24}", desk.open("/desk/"))
        assert link, "staff do not see it"
        page = desk.open(link[0])
        assert str(len(raw)) in page
        desk.send(page, f"{link[0]}/settle")
        assert link[0] not in desk.open("/desk/")


def test_an_unreadable_mail_does_not_stand_in_the_way_of_the_next_one(town: Town) -> None:
    town.post_mail(f"From: {ASHA.mailbox}\r\nContent-Type: multipart/encrypted\r\n\r\n".encode())
    town.mail(ASHA, "Please delete all my personal data.")
    assert [ticket.right for ticket in town.tickets()] == ["deletion"]


def test_a_turn_that_fails_eight_times_goes_to_staff_and_the_customer_is_told_so(
    either_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = either_town
    tried = []
    filing = File.act

    def fails(self: File, say: Say, talk: Talk) -> None:
        filing(self, say, talk)
        tried.append(1)
        raise RuntimeError("this cannot be")

    monkeypatch.setattr(File, "act", fails)
    with capture_logs() as told:
        town.write(ASHA, "Please delete all my personal data")
        town.try_again(MAX_TRIES)
    assert len(tried) == MAX_TRIES == 8
    assert [line["event"] for line in told][-2:] == ["turn.failed", "turn.given_up"]
    (answer,) = town.inbox(ASHA.number)
    assert town.names(answer)[-1] == "turn_failed"
    assert "Your message is safe, and a person answers it here by 9 December 2026, 18:00 (Japan time)." in answer.text
    assert town.tickets() == []
    with town.store.read() as tx:
        talk = conversations.get(tx, town.talk(ASHA.number)[0].conversation_id)
    assert talk
    assert talk.staff_since
    assert talk.staff_reason == "failed"
    with town.browser() as web:
        desk = Desk(web)
        desk.sign_in(town.hire())
        assert f"/desk/talks/{talk.id}" in desk.open("/desk/")
        assert "Please delete all my personal data" in desk.open(f"/desk/talks/{talk.id}")

    # A person has it now: what is written next is theirs as well, and the bot says nothing to it.
    monkeypatch.undo()
    town.write(ASHA, "hello?")
    assert town.inbox(ASHA.number) == [answer]


def test_an_answer_that_the_provider_refuses_for_good_is_put_before_staff(town: Town) -> None:
    town.exchange.refusal = (400, {"code": 63024, "message": "Invalid message recipient", "status": 400})
    town.write(ASHA, "hello")
    asked = town.exchange.asked
    town.try_again(3)
    assert (asked, town.exchange.asked) == (1, 1)
    with town.browser() as web:
        desk = Desk(web)
        desk.sign_in(town.hire())
        assert 'id="failed"' in desk.open("/desk/")


def test_an_answer_that_the_provider_cannot_take_now_goes_out_later_and_once(town: Town) -> None:
    town.exchange.refusal = (503, {"code": 20503, "message": "Service unavailable", "status": 503})
    town.write(ASHA, "hello")
    town.try_again(2)
    assert town.inbox(ASHA.number) == []
    town.exchange.refusal = None
    town.try_again(3)
    assert len(town.inbox(ASHA.number)) == 1


def test_a_thousand_odd_fields_and_no_text_at_all_are_survived(town: Town) -> None:
    town.write(ASHA, "", **{f"Odd{number}": "x" for number in range(900)})
    town.write(ASHA, "\x00\u202e \ufeff")
    assert {status for status, _ in town.items("in")} == {"done"}
