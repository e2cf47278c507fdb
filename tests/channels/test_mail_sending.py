"""Mails as they leave, handed to a real SMTP server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest

from channels import markup
from channels.base import Address, Choice, Outbound, SendError
from channels.compose import compose
from tests.channels.contract import OUTBOUND, mail_channel
from tests.channels.peers import MailPeer, only


@dataclass
class Box:
    peer: MailPeer
    place: str

    def send(self, message: Outbound = OUTBOUND) -> bytes:
        mail_channel(SMTP_URL=f"smtp://{self.place}").send(message)
        return self.peer.taken[-1][2]

    def fails(self, message: Outbound = OUTBOUND) -> SendError:
        with pytest.raises(SendError) as failed:
            self.send(message)
        return failed.value


@pytest.fixture
def box() -> Iterator[Box]:
    peer = MailPeer()
    with peer.running() as place:
        yield Box(peer, place)


def _parsed(raw: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(raw, policy=default))


def _html(raw: bytes) -> str:
    part = _parsed(raw).get_body(("html",))
    assert part is not None
    return str(cast(EmailMessage, part).get_content())


def test_a_mail_has_one_recipient_and_the_headers_of_a_machine(box: Box) -> None:
    mail = _parsed(box.send())
    sender, recipients, _ = box.peer.taken[0]
    assert (sender, recipients) == ("privacy@kmauto.example", ["amina@example.com"])
    assert mail["From"] == '"KM Auto Export, privacy" <privacy@kmauto.example>'
    assert mail["To"] == "amina@example.com"
    assert mail["Date"] == "Mon, 23 Nov 2026 11:30:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Content-Language"] == "en"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_an_answer_says_so_and_a_persons_letter_says_no(box: Box) -> None:
    assert _parsed(box.send(replace(OUTBOUND, in_reply_to="<a@b>")))["Auto-Submitted"] == "auto-replied"
    assert _parsed(box.send(replace(OUTBOUND, automatic=False)))["Auto-Submitted"] == "no"


def test_every_try_is_the_same_bytes(box: Box) -> None:
    assert box.send() == box.send()


def test_long_references_arrive_whole_and_are_at_most_ten(box: Box) -> None:
    ids = tuple(f"<{number}{'x' * 90}@mail.example.com>" for number in range(14))
    raw = box.send(replace(OUTBOUND, references=ids, in_reply_to=ids[-1]))
    assert b"=?" not in raw.split(b"\r\n\r\n")[0]
    assert _parsed(raw)["References"].split() == list(ids[-10:])
    assert _parsed(raw)["In-Reply-To"] == ids[-1]


def test_a_long_japanese_subject_arrives_and_no_encoded_word_is_too_long(box: Box) -> None:
    subject = "個人情報の削除のご依頼について " * 8 + "PR-8VCD1GDJE"
    raw = box.send(replace(OUTBOUND, subject=subject, language="ja"))
    assert _parsed(raw)["Subject"] == subject
    words = [word for word in raw.split() if word.startswith(b"=?")]
    assert len(words) > 1
    assert max(map(len, words)) <= 75


@pytest.mark.parametrize("text", ["住所を訂正しました。", "a" * 3000, ".\n.dot", "Straße & <b> \U0001f64f"])
def test_any_text_arrives_as_it_is_in_seven_bits(box: Box, text: str) -> None:
    raw = box.send(replace(OUTBOUND, text=text))
    body = _parsed(raw).get_body(("plain",))
    assert body is not None
    assert cast(EmailMessage, body).get_content().replace("\r\n", "\n").rstrip("\n") == text
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 998


def test_no_header_can_be_smuggled_in(box: Box) -> None:
    evil = "x\r\nBcc: victim@example.com"
    message = replace(OUTBOUND, subject=evil, in_reply_to=evil, references=(evil,), language=evil)
    mail = _parsed(box.send(message))
    assert mail["Bcc"] is None
    assert mail["In-Reply-To"] is None
    assert mail["Content-Language"] is None
    assert box.peer.taken[0][1] == ["amina@example.com"]


def test_the_html_says_the_same_and_nothing_in_it_is_alive(box: Box) -> None:
    text = "##- Please write your reply above this line -##\n\n<script>alert(1)</script> & so on\n\n418302\n\n" + (
        "See https://privacy.kmauto.example/c?a=1&b=2."
    )
    html = _html(box.send(replace(OUTBOUND, text=text, language="ar")))
    assert "<script" not in html
    assert "<img" not in html
    assert '<a href="https://privacy.kmauto.example/c?a=1&amp;b=2">' in html
    assert 'lang="ar"' in html
    assert 'dir="auto"' in html
    assert markup.to_text(html) == text


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/confirm",
        "https://privacy.kmauto.example.evil.example/confirm",
        "https://privacy.kmauto.example@evil.example/confirm",
        "http://privacy.kmauto.example/confirm",
    ],
)
def test_a_link_that_leads_elsewhere_stays_text(box: Box, link: str) -> None:
    text = f"Your new name: {link} - and https://privacy.kmauto.example/confirm/x"
    html = _html(box.send(replace(OUTBOUND, text=text)))
    assert html.count("<a ") == 1
    assert '<a href="https://privacy.kmauto.example/confirm/x">' in html
    assert link in markup.to_text(html)


def test_choices_are_lines(box: Box) -> None:
    raw = box.send(replace(OUTBOUND, choices=(Choice("y", "Yes"), Choice("n", "No"))))
    assert markup.to_text(_html(raw)) == "Which data do you mean?\n\n- Yes\n- No"


@pytest.mark.parametrize(
    ("stage", "line", "code", "permanent", "what"),
    [
        ("rcpt", "550 5.1.1 no such user", "smtp_550", True, "stop"),
        ("rcpt", "552 5.2.2 mailbox full", "smtp_552", False, "retry"),
        ("rcpt", "451 4.7.1 greylisted", "smtp_451", False, "retry"),
        ("mail", "550 5.7.1 sender refused", "smtp_sender_550", False, "ours"),
        ("data", "554 5.7.1 spam", "smtp_554", True, "stop"),
        ("data", "452 4.3.1 no space", "smtp_452", False, "retry"),
    ],
)
def test_every_refusal_says_what_to_do(box: Box, stage: str, line: str, code: str, permanent: bool, what: str) -> None:
    setattr(box.peer, stage, line)
    error = box.fails()
    assert (error.code, error.permanent, error.unknown, error.remedy) == (code, permanent, False, what)


def test_a_server_that_falls_silent_after_the_mail_may_have_taken_it(box: Box) -> None:
    box.peer.silent_after_data = True
    error = box.fails()
    assert (error.unknown, error.permanent) == (True, False)
    assert len(box.peer.taken) == 1


def test_a_server_that_is_not_there_took_nothing() -> None:
    with pytest.raises(SendError) as failed:
        mail_channel(SMTP_URL="smtp://127.0.0.1:1").send(OUTBOUND)
    assert (failed.value.code, failed.value.unknown, failed.value.permanent) == ("smtp_connect", False, False)


def test_a_server_without_starttls_gets_no_mail(box: Box) -> None:
    with pytest.raises(SendError) as failed:
        mail_channel(SMTP_URL=f"smtp://{box.place}?starttls=required").send(OUTBOUND)
    assert (failed.value.remedy, failed.value.permanent) == ("ours", False)
    assert box.peer.taken == []


@pytest.mark.parametrize(("password", "sent"), [("right", True), ("wrong", False)])
def test_the_password_is_used(password: str, sent: bool) -> None:
    peer = MailPeer()
    options = {"authenticator": only("desk", "right"), "auth_require_tls": False, "auth_required": True}
    with peer.running(**options) as place:
        channel = mail_channel(SMTP_URL=f"smtp://desk:{password}@{place}")
        if sent:
            assert channel.send(OUTBOUND)
        else:
            with pytest.raises(SendError) as failed:
                channel.send(OUTBOUND)
            assert (failed.value.code, failed.value.remedy) == ("smtp_auth_535", "ours")


@pytest.mark.parametrize(
    "message",
    [
        replace(OUTBOUND, to=Address("whatsapp", "+254700000001")),
        replace(OUTBOUND, to=Address("email", "a@example.com\r\nRCPT TO:<b@example.com>")),
        replace(OUTBOUND, id="a b"),
    ],
)
def test_what_cannot_go_is_never_tried(box: Box, message: Outbound) -> None:
    assert box.fails(message).permanent
    assert box.peer.taken == []


def test_a_local_part_in_other_letters_is_kept() -> None:
    channel = mail_channel()
    message = replace(OUTBOUND, to=Address("email", "амина@example.com"))
    raw = compose(message, "", channel.address, channel.public_url, channel.threads)
    assert "To: амина@example.com".encode() in raw
