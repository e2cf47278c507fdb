"""Nobody learns from us whether somebody is on file: not by words, not by counts, not by the work it takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from storage import queue
from storage.tables import audit, challenge
from tests.town import Customer, Received, Town, either_town, whatsapp_form
from wiring.inbound import Turns

__all__ = ["either_town"]

REFERENCE = re.compile(r"PR-[0-9A-HJKMNP-TV-Z]{8}[0-9A-HJKMNP-Z]")
KNOWN, UNKNOWN = Customer("+447700900101", "known@example.com"), Customer("+447700900202", "unknown@example.net")
ASK = "Please delete all my personal data"
# What a code on its way needs and a code that is not sent does not: its message, its place in the queue, its address.
OF_A_DELIVERY = re.compile(r"\b(INTO|FROM|UPDATE) (address|person|message|lane|item|ticket)\b|UPDATE challenge")


@pytest.fixture
def town(either_town: Town) -> Town:
    either_town.put_on_file("known@example.com")
    return either_town


def plain(messages: list[Received]) -> list[tuple[str, list[str], str]]:
    """Messages as somebody sees them who compares two of them: everything but the reference."""
    return [(REFERENCE.sub("PR-", one.text), [title for _, title in one.choices], one.list_title) for one in messages]


def statement(text: str) -> str:
    """A statement without the names of its parameters and the number of values."""
    return re.sub(r"\s+", " ", re.sub(r"\(\?(, \?)*\)|%\(\w+\)s(::\w+)?|\?", "?", text)).strip()


@contextmanager
def statements(town: Town) -> Iterator[Counter[str]]:
    """Counts what is asked of the database by turns, and not by deliveries or the queue."""
    seen: Counter[str] = Counter()

    def heard(_conn: Any, _cursor: Any, text: str, *_: Any) -> None:
        seen[statement(text)] += 1

    engines = {id(one): one for one in (town.store.engine, town.store.reader)}.values()
    for engine in engines:
        event.listen(engine, "before_cursor_execute", heard)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", heard)


def one_turn(town: Town, who: Customer, text: str) -> Counter[str]:
    """What one turn asks of the database, its deliveries held back."""
    assert town.form("/in/whatsapp", whatsapp_form(who, Body=text)).status_code == 200
    with town.store.write() as tx:
        held = queue.claim(tx, "in")
    assert held
    with statements(town) as seen:
        Turns(town.house).take(held)
    town.settle()
    return seen


def talk(town: Town, who: Customer, contact: str) -> None:
    for text in (ASK, "Go on", contact, "123456", "654321"):
        town.write(who, text)
    town.clock.forward(minutes=2)
    town.write(who, "new code please")


def test_words_counts_and_references_are_the_same_with_and_without_a_match(town: Town) -> None:
    talk(town, KNOWN, "known@example.com")
    talk(town, UNKNOWN, "nobody@example.com")
    assert plain(town.inbox(KNOWN.number)) == plain(town.inbox(UNKNOWN.number))
    assert len(town.inbox("known@example.com")) == 2
    assert town.inbox("nobody@example.com") == []
    references = [ticket.reference for ticket in town.tickets()]
    assert len(references) == 2
    assert all(REFERENCE.fullmatch(reference) for reference in references)


def test_by_mail_the_thread_tells_nothing_either(town: Town) -> None:
    # The thread of somebody whose mailbox is on file and of somebody whose is not; the code's own mail stands apart.
    heard = []
    for mailbox in ("known@example.com", "unknown@example.net"):
        who = Customer(mailbox=mailbox)
        town.mail(who, ASK)
        town.mail(who, "Go on", reply_to=town.inbox(mailbox)[-1])
        heard.append([one for one in town.inbox(mailbox) if town.names(one) != ["code_mail"]])
    assert [(REFERENCE.sub("PR-", one.text), REFERENCE.sub("PR-", one.subject)) for one in heard[0]] == [
        (REFERENCE.sub("PR-", one.text), REFERENCE.sub("PR-", one.subject)) for one in heard[1]
    ]
    assert len(town.inbox("known@example.com")) == len(heard[0]) + 1


def test_the_rows_kept_of_an_ask_are_the_same_number(town: Town) -> None:
    talk(town, KNOWN, "known@example.com")
    talk(town, UNKNOWN, "nobody@example.com")
    with town.store.read() as tx:
        rows = tx.conn.execute(challenge.select()).all()
        events = tx.conn.execute(audit.select()).all()
    asked = Counter(row.conversation_id for row in rows)
    assert sorted(asked.values()) == [2, 2]
    per_talk = [Counter(e.event.replace("not_sent", "sent") for e in events if talk in e.subject) for talk in asked]
    assert per_talk[0] == per_talk[1]


def test_the_work_of_a_turn_differs_by_the_delivery_alone(town: Town) -> None:
    for who in (KNOWN, UNKNOWN):
        for text in (ASK, "Go on"):
            town.write(who, text)
    matched = one_turn(town, KNOWN, "known@example.com")
    unmatched = one_turn(town, UNKNOWN, "nobody@example.com")
    assert unmatched.total() > 10
    assert unmatched - matched == Counter()
    assert [text for text in matched - unmatched if not OF_A_DELIVERY.search(text)] == []


def test_a_wrong_code_and_one_never_sent_take_the_same_work(town: Town) -> None:
    for who, contact in ((KNOWN, "known@example.com"), (UNKNOWN, "nobody@example.com")):
        for text in (ASK, "Go on", contact):
            town.write(who, text)
    tried = [one_turn(town, who, "123456") for who in (KNOWN, UNKNOWN)]
    assert tried[0] == tried[1]
    assert tried[0].total() > 10


def test_status_by_reference_tells_a_stranger_stage_and_date_alone(town: Town) -> None:
    town.write(KNOWN, ASK)
    (ticket,) = town.tickets()
    town.write(UNKNOWN, f"status of {ticket.reference}")
    told = town.inbox(UNKNOWN.number)[-1].text.splitlines()[-1]
    assert told == f"{ticket.reference}: waiting for the identity check. We aim to answer by 22 December 2026."
