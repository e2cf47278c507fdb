"""Mails of real shape in our own words, and broken ones without an exception."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import Address
from channels.letter import Reader
from channels.threads import Threads, message_ids
from tests.channels.contract import PAYLOADS, THREAD_SECRET
from tests.channels.limits import run_within_limits

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
THREADS = Threads(THREAD_SECRET, "kmauto.example")
READER = Reader(("privacy@kmauto.example",), THREADS)
FILES = sorted((PAYLOADS / "mail").glob("*.eml"))

EXPECTED: dict[str, dict[str, Any]] = {
    "gmail_reply": {"text": "Yes, delete my phone number \u2013 please.", "answers": ("out-77",)},
    "outlook_japanese": {"subject": "住所の訂正", "text": "① 住所を訂正してください。"},
    "windows_31j": {"subject": "削除①", "text": "個人情報を削除してください①"},
    "utf8_called_ascii": {"text": "Quiero saber qué datos tienen de mí."},
    "no_charset_latin1": {"subject": "Données", "text": "Supprimez mes données."},
    "html_only": {
        "text": "Please send me a copy\nof my data.\n\n- orders\n- chats & calls\n\nAlso the invoices.",
    },
    "with_attachment": {
        "text": "This is a long line that was cut by the mail program and belongs together.",
    },
    "out_of_office": {"kind": "autoreply"},
    "read_receipt": {"kind": "autoreply"},
    "newsletter": {"kind": "autoreply"},
    "loop": {"kind": "autoreply"},
    "own_group": {"kind": "message", "text": "Please delete my data."},
    "bounce": {"kind": "bounce", "bounced": "out-77", "error": "5.1.1"},
    "delayed": {"kind": "bounce", "bounced": "", "error": "delayed"},
    "two_from": {"kind": "message", "sender": None, "error": "several_senders"},
    "encrypted": {"kind": "unreadable", "error": "encrypted"},
    "no_boundary": {"text": "Please delete my data."},
}


def test_every_payload_has_its_expectation() -> None:
    assert {path.stem for path in FILES} == set(EXPECTED)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_mail_is_read_as_expected(path: Path) -> None:
    inbound = READER.read(path.read_bytes())
    wanted = EXPECTED[path.stem]
    assert {name: getattr(inbound, name) for name in wanted} == wanted


def test_hidden_text_of_html_is_not_read() -> None:
    inbound = READER.read((PAYLOADS / "mail/html_only.eml").read_bytes())
    assert "approve" not in inbound.full_text
    assert "Grant" not in inbound.full_text
    assert "> Which data do you mean?" in inbound.full_text


def test_attachments_are_named_without_a_path() -> None:
    media = READER.read((PAYLOADS / "mail/with_attachment.eml").read_bytes()).media
    assert [(file.content_type, file.name) for file in media] == [
        ("application/pdf", ".._.._契約.pdf"),
        ("message/rfc822", ""),
    ]


def test_a_text_file_is_an_attachment_and_not_the_letter() -> None:
    part = "--b\r\nContent-Type: text/plain\r\n"
    attached = part + "Content-Disposition: attachment; filename=list.txt\r\n\r\nnot mine\r\n"
    head = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b"
    inbound = READER.read(_mail(head, f"{part}\r\nmine\r\n{attached}--b--"))
    assert inbound.full_text == "mine"
    assert [file.name for file in inbound.media] == ["list.txt"]


def _mail(head: str, body: str = "Delete my data.") -> bytes:
    return f"{head}\r\n\r\n{body}".encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("line", "sender"),
    [
        ("From: Amina <Amina@Example.COM>", Address("email", "Amina@example.com")),
        ("From: amina@bücher.example", Address("email", "amina@xn--bcher-kva.example")),
        ('From: "victim@bank.example" <evil@example.com>', Address("email", "evil@example.com")),
        ("From: amina@example.com (Amina (home))", Address("email", "amina@example.com")),
        ("From: a@example.com, b@example.com", None),
        ("From: a@example.com\r\nFrom: a@example.com", None),
        ("From: Amina <a@example.com> <b@example.com>", None),
        ("From: =?utf-8?q?victim=40bank.example?=", None),
        ("From: " + "(" * 5000, None),
        ("From: Amina" + " " * 5000 + "<a@example.com>", None),
        ("From: <a@exa mple.com>", None),
        ("From:", None),
        ("X: y", None),
    ],
)
def test_only_a_clear_sender_is_believed(line: str, sender: Address | None) -> None:
    assert READER.read(_mail(line + "\r\nSubject: x")).sender == sender


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b" \r\n", "empty"),
        (b"\x00\xff no header at all", "no_headers"),
        (
            _mail("From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b", "--b\r\n\r\nx\r\n" * 300),
            "too_many_parts",
        ),
        (_mail("From: a@b.example\r\n" + "Content-Type: message/rfc822\r\n\r\n" * 50), "too_deep"),
        (b"From: a@b.example\r\n" + b"\n" * 1_000_001, "too_many_lines"),
        (b"From: a@b.example\r\n\r\n" + b"a" * (25 * 1024 * 1024), "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_cost_too_much_is_not_parsed(raw: bytes, error: str) -> None:
    inbound = READER.read(raw)
    assert (inbound.kind, inbound.error) == ("unreadable", error)


@pytest.mark.parametrize(
    "line",
    [
        "Auto-Submitted: auto-generated (vacation)",
        "Precedence: bulk",
        "X-Autoreply: yes",
        "X-Auto-Response-Suppress: DR, OOF",
        "Return-Path: <>",
        "List-Id: Offers <offers.example.com>",
        "Message-ID: " + THREADS.message_id("out-1"),
    ],
)
def test_a_machines_mail_is_never_answered(line: str) -> None:
    assert READER.read(_mail(f"From: a@b.example\r\n{line}")).kind == "autoreply"


@pytest.mark.parametrize("sender", ["noreply@b.example", "no-reply+7@b.example", "privacy@kmauto.example"])
def test_a_machines_address_is_never_answered(sender: str) -> None:
    assert READER.read(_mail(f"From: {sender}")).kind == "autoreply"


@pytest.mark.parametrize("line", ["Auto-Submitted: no", "Precedence: first-class", "Return-Path: <a@b.example>"])
def test_a_persons_mail_stays_a_message(line: str) -> None:
    assert READER.read(_mail(f"From: a@b.example\r\n{line}")).kind == "message"


def test_our_ids_are_proved_and_the_newest_comes_first() -> None:
    old, new = THREADS.message_id("out-1"), THREADS.message_id("out-2")
    forged = f"<out-3.{'0' * 16}@kmauto.example>"
    foreign = Threads(b"x" * 32, "kmauto.example").message_id("out-4")
    raw = _mail(f"From: a@b.example\r\nReferences: {old} {forged}\r\n {foreign} {new}\r\nIn-Reply-To: {new}")
    inbound = READER.read(raw)
    assert inbound.answers == ("out-2", "out-1")
    assert inbound.in_reply_to == new
    assert inbound.references == (old, forged, foreign, new)


def test_a_message_id_that_breaks_the_standard_parser_is_read() -> None:
    assert READER.read(_mail("From: a@b.example\r\nMessage-ID: <[abc]@x>")).message_id == "<[abc]@x>"


def test_an_id_that_fits_no_message_id_is_refused() -> None:
    with pytest.raises(ValueError, match="letters"):
        THREADS.message_id("a>b")


def test_of_very_long_lists_of_recipients_the_first_are_read() -> None:
    lines = [f'To: "{"x" * 4000}" <{number}@b.example>' for number in range(6)]
    inbound = READER.read(_mail("\r\n".join(["From: a@b.example", *lines])))
    assert inbound.to == ("0@b.example", "1@b.example", "2@b.example", "3@b.example")


def test_a_quote_without_an_end_is_read_in_one_go() -> None:
    quote = """'"' + '\\\\"' * 200_000 + ' <a@b.example>'"""
    code = f"from channels.addresses import mail_addresses; print(len(mail_addresses({quote})))"
    assert run_within_limits(code) == "1"


def test_lines_that_end_with_a_bare_return_are_counted() -> None:
    head = b"From: a@b.example\r\n\r\n"
    assert READER.read(head + b"\r" * 1_000_001).error == "too_many_lines"
    assert READER.read(head + b"\r\n" * 600_000).error == ""


def test_soft_line_breaks_are_undone_in_one_go() -> None:
    code = (  # past the longest text, for the difference to be beyond doubt
        "from email import message_from_string as mail; from channels.body import _flowed;"
        "print(len(_flowed(mail('Content-Type: text/plain; format=flowed'), 'a \\n' * 2_000_000)))"
    )
    assert run_within_limits(code) == "4000000"


def test_soft_line_breaks_join_what_the_writer_did_not_part() -> None:
    head = "From: a@b.example\r\nContent-Type: text/plain; format=flowed; delsp="
    text = "one \r\ntwo\r\n three \r\n> quoted \r\n four\r\n-- \r\nfive"
    assert READER.read(_mail(head + "no", text)).full_text == "one two\nthree \n> quoted \nfour\n-- \nfive"
    assert READER.read(_mail(head + "yes", text)).full_text == "onetwo\nthree\n> quoted \nfour\n-- \nfive"


def test_message_ids_survive_any_text() -> None:
    assert message_ids("<a@b><c d> <<e@f>") == ("<a@b>", "<e@f>")


def test_public_samples_are_read_without_an_exception_and_keep_their_text() -> None:
    index = SAMPLES / "mime_index.jsonl"
    rows = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()] if index.exists() else []
    for row in (row for row in rows if row["format"] == "mime"):
        inbound = READER.read((SAMPLES / row["file"]).read_bytes())
        assert inbound.error not in ("broken", "too_deep", "too_many_parts"), row["file"]
        assert all(text in inbound.full_text + inbound.subject for text in row.get("expect_contains", [])), row["file"]
        assert (inbound.kind == "bounce") >= (row["kind"] == "bounce"), row["file"]


MAILS = st.sampled_from([path.read_bytes() for path in FILES])


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    """A real mail with pieces cut out, doubled, overwritten, or swapped with pieces of another."""
    raw = draw(MAILS)
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(len(raw), start + 200)))
        other = draw(MAILS)
        at = draw(st.integers(0, len(other)))
        piece = draw(st.one_of(st.binary(max_size=30), st.just(raw[start:end] * 2), st.just(other[at : at + 150])))
        raw = raw[:start] + piece + raw[end:]
    return raw


@settings(max_examples=400)
@given(_mutated())
def test_any_broken_mail_is_read(raw: bytes) -> None:
    inbound = READER.read(raw)
    assert inbound.kind in ("message", "autoreply", "bounce", "unreadable")
    assert (inbound.kind != "unreadable") or inbound.error
    assert "\x00" not in inbound.text + inbound.full_text + inbound.subject
    assert "\n" not in inbound.subject + "".join(file.name for file in inbound.media)
    assert bool(inbound.text) == bool(inbound.full_text)
