"""Encryption at rest: what a person wrote, and how to reach them, is in no byte of the database."""

from __future__ import annotations

import base64
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select

from storage import addresses, codes, conversations, directory, inbox, optouts, outbox, queue, tickets
from storage import staff as people
from storage.codes import Asked, Target
from storage.db import Store
from storage.directory import Entry
from storage.outbox import Letter
from storage.tables import metadata
from tests.storage.rig import file_ticket, talk

MARK = "Xq7Zebra"
NUMBER = "+254799887766"


def everything(store: Store) -> str:
    """Marked text through every function that writes; the code that was asked for comes back."""
    with store.write() as tx:
        inbox.record(tx, "wa:1", "whatsapp", NUMBER, f"Body={MARK}".encode())
        directory.load(
            tx, Entry(f"C-{MARK}", f"Jane {MARK}", (("email", f"{MARK}@example.com"), ("whatsapp", NUMBER))), "t"
        )
        directory.load(tx, Entry(f"C-{MARK}", f"Other {MARK}", (("email", f"{MARK}2@example.com"),)), "t")
        talk_, asker = talk(tx, f"{MARK}@example.com", "email")
        conversations.save(tx, talk_.id, slots={"contact": MARK}, language="en", heard_at=tx.now)
        more = {"subject": MARK, "full_text": MARK, "message_id": "<1@x>", "references": []}
        inbox.keep(tx, talk_.id, kind="message", text=f"I am {MARK}", more=more, dedup="mail:1", language="en")
        inbox.nudge(tx, asker.id, "event:1", {"name": MARK})
        letter = Letter(f"Dear {MARK}", (("1", MARK),), True, MARK, MARK, "en", "tpl", (MARK,), ("ack",))
        one = outbox.put(tx, talk_.id, asker, letter, written_by="bot")
        outbox.failed(tx, one, "bounced")
        target = Target("email", f"{MARK}@example.com", True)
        asked = codes.ask(tx, talk_.id, asker.id, target)
        assert isinstance(asked, Asked)
        codes.delivered_by(tx, asked.challenge_id, one)
        codes.check(tx, talk_.id, asked.code)
        codes.deny(tx, one)
        optouts.add(tx, "email", f"{MARK}@example.com", "customer")
        agent = people.add(tx, f"{MARK}@desk.example", f"Ada {MARK}", "agent", f"{MARK} long password", by="system")
        people.open_session(tx, agent.id)
        people.sign_in(tx, people.Weighed(agent.id, False))
        ticket = file_ticket(tx, detail={"new_value": MARK}, value=NUMBER)
        tickets.amend(tx, ticket, "ticket.detail", "customer", detail={"name": MARK})
        people.write_note(tx, ticket.id, agent, f"{MARK} called")
        inbox.set_aside(tx, "mail", "mail:2", "unreadable")
    with store.write() as tx:
        held = queue.claim(tx, "in")
        assert held is not None
        queue.retry(tx, held, "ValueError", 0.5)
    return asked.code


def bytes_of(url: str) -> bytes:
    """Every byte of a SQLite file and its log, or of every PostgreSQL table."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        return b"".join(part.read_bytes() for part in sorted(file.parent.glob(f"{file.name}*")))
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    found = b""
    with psycopg.connect(plain) as connection:
        for table in metadata.tables:
            with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                found += b"".join(copy)
    return found


@pytest.mark.parametrize("closed", [False, True])
def test_no_marked_text_is_found_in_the_raw_bytes(store: Store, url: str, closed: bool) -> None:
    code = everything(store)
    if closed:
        store.close()
    found = bytes_of(url)
    assert b"ticket.filed" in found  # the search sees what is there in plain
    for mark in (MARK, MARK.lower(), NUMBER, NUMBER[1:], f"{MARK}@"):
        raw = mark.encode()
        for form in (raw, mark.encode("utf-16-le"), raw.hex().encode(), base64.b64encode(raw)[:-4]):
            assert form not in found, mark
    assert f'"{code}"'.encode() not in found


def test_every_sealed_column_was_written_to(store: Store) -> None:
    everything(store)
    with store.read() as tx:
        for table in metadata.tables.values():
            for column in table.columns:
                if column.name.endswith("_sealed"):
                    sealed = tx.conn.scalars(select(column).where(column.is_not(None))).all()
                    assert sealed, column
                    assert all(one[:1] == b"\x01" for one in sealed)


def test_what_was_sealed_is_there_again_for_who_has_the_key(store: Store) -> None:
    everything(store)
    with store.read() as tx:
        met = addresses.find(tx, "whatsapp", NUMBER)
        assert met is not None
        assert met.value == NUMBER
        assert queue.body(tx, "wa:1") == f"Body={MARK}".encode()
