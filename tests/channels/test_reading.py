"""Mail files read for the command line."""

from __future__ import annotations

import json
from pathlib import Path

from channels.letter import Reader
from channels.reading import read_mail_files
from tests.channels.contract import PAYLOADS

KEYS = "file message_id in_reply_to references from to subject lang text reply attachments kind error"


def test_a_file_becomes_one_dictionary_of_the_contract() -> None:
    path = PAYLOADS / "mail/gmail_reply.eml"
    (told,) = read_mail_files([path], Reader().read)
    assert list(told) == KEYS.split()
    assert told["file"] == str(path)
    assert told["from"] == "amina@example.com"
    assert told["to"] == ["privacy@kmauto.example"]
    assert told["message_id"] == "<CAF77a=abc@mail.gmail.com>"
    assert told["references"] == ["<first@example.com>", told["in_reply_to"]]
    assert told["reply"] == "Yes, delete my phone number \u2013 please."
    assert "Which data do you mean?" in told["text"]
    assert (told["kind"], told["error"], told["lang"]) == ("message", "", "")
    assert json.loads(json.dumps(told)) == told


def test_attachments_have_name_type_and_size() -> None:
    (told,) = read_mail_files([PAYLOADS / "mail/with_attachment.eml"], Reader().read)
    assert told["attachments"][0] == {"name": ".._.._契約.pdf", "content_type": "application/pdf", "size": 9}


def test_a_file_that_cannot_be_read_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    (tmp_path / "empty.eml").touch()
    paths = [tmp_path / "missing.eml", tmp_path, Path("a\x00b"), tmp_path / "empty.eml", PAYLOADS / "mail/bounce.eml"]
    told = list(read_mail_files(paths, Reader().read))
    assert [row["kind"] for row in told] == ["unreadable"] * 4 + ["bounce"]
    assert [row["error"] for row in told[:4]] == ["not_found", "cannot_open", "cannot_open", "empty"]
