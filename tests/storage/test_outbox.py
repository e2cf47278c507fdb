"""The outbox: an answer is queued with its thread, and receipts only ever move it forward."""

from __future__ import annotations

import itertools
from datetime import timedelta

from sqlalchemy import select

from storage import addresses, inbox, outbox, queue, thread
from storage.db import Store, Tx
from storage.outbox import Letter
from storage.tables import item, message
from tests.storage.rig import Clock, talk, undone

RANKS = {"queued": 10, "accepted": 20, "sent": 30, "failed": 35, "delivered": 40, "read": 50}


def put(store: Store, letter: Letter | None = None, **row: str) -> str:
    with store.write() as tx:
        conversation, address = talk(tx)
        return outbox.put(tx, conversation.id, address, letter or Letter("hello"), written_by="bot", **row)


def tell(store: Store, one: str, status: str, provider_id: str = "SM1", error: str = "") -> bool:
    with store.write() as tx:
        return outbox.receipt(tx, one, provider_id, status, RANKS[status], error)


def state(store: Store, one: str) -> tuple[str, str, str]:
    with store.read() as tx:
        columns = (message.c.status, message.c.provider_id, message.c.error)
        return tuple(tx.conn.execute(select(*columns).where(message.c.id == one)).one())


def mail_in(tx: Tx, conversation_id: str, message_id: str, references: list[str]) -> None:
    more = {"message_id": message_id, "references": references, "subject": "My data"}
    inbox.keep(tx, conversation_id, kind="message", text="hi", more=more, dedup=f"mail:{message_id}")


def test_an_answer_comes_out_as_it_was_put_in(store: Store) -> None:
    letter = Letter(
        "Choose: \ud83d", (("1", "One"), ("2", "Two")), True, "List", "Subject", "ja", "tpl_code", ("123456",), ("x",)
    )
    one = put(store, letter)
    with store.write() as tx:
        held = queue.claim(tx, "out")
    assert held is not None
    assert held.dedup == f"out:{one}"
    with store.read() as tx:
        sending = outbox.load(tx, held.dedup)
    assert (sending.letter, sending.channel, sending.status, sending.written_by) == (
        letter,
        "whatsapp",
        "queued",
        "bot",
    )
    assert sending.to.value == "+254700000001"


def test_an_answer_by_mail_carries_the_thread_of_the_newest_mail(store: Store) -> None:
    with store.write() as tx:
        conversation, address = talk(tx, "jane@example.com", "email")
        mail_in(tx, conversation.id, "<1@x>", [])
        mail_in(tx, conversation.id, "<14@x>", [f"<{n}@x>" for n in range(1, 14)])
        one = outbox.put(tx, conversation.id, address, Letter("answer"), written_by="bot")
        code = outbox.put(tx, conversation.id, address, Letter("123456", apart=True), written_by="bot", kind="code")
    with store.read() as tx:
        answer, apart = outbox.load(tx, f"out:{one}"), outbox.load(tx, f"out:{code}")
    assert (answer.channel, answer.in_reply_to) == ("mail", "<14@x>")
    assert answer.references == tuple(f"<{n}@x>" for n in range(5, 15))
    assert (apart.in_reply_to, apart.references) == ("", ())


def test_the_first_answer_in_a_thread_without_mails_carries_none(store: Store) -> None:
    with store.write() as tx:
        conversation, address = talk(tx, "jane@example.com", "email")
        one = outbox.put(tx, conversation.id, address, Letter("answer"), written_by="bot")
        sending = outbox.load(tx, f"out:{one}")
    assert (sending.in_reply_to, sending.references) == ("", ())


def test_nothing_is_queued_where_the_transaction_fails(store: Store) -> None:
    with undone(store) as tx:
        conversation, address = talk(tx)
        outbox.put(tx, conversation.id, address, Letter("hello"), written_by="bot")
    with store.read() as tx:
        assert tx.conn.scalar(select(message.c.id)) is None
        assert tx.conn.scalar(select(item.c.seq)) is None


def test_receipts_in_any_order_end_at_the_furthest_one(store: Store) -> None:
    for order in itertools.permutations(["sent", "failed", "delivered", "read"]):
        one = put(store)
        with store.write() as tx:
            outbox.sent(tx, one, "SM1")
        for status in order:
            tell(store, one, status)
        assert state(store, one)[0] == "read"
        with store.write() as tx:
            outbox.sent(tx, one, "SM1")
        assert state(store, one)[0] == "read"


def test_a_receipt_only_moves_a_message_forward(store: Store) -> None:
    one = put(store)
    assert tell(store, one, "delivered")
    assert not tell(store, one, "delivered")
    assert not tell(store, one, "sent")
    assert state(store, one)[0] == "delivered"


def test_failed_and_then_delivered_is_delivered_without_the_error(store: Store) -> None:
    one = put(store)
    tell(store, one, "failed", error="63024")
    assert state(store, one) == ("failed", "SM1", "63024")
    tell(store, one, "delivered")
    assert state(store, one) == ("delivered", "SM1", "")


def test_a_receipt_may_overtake_the_answer_to_our_own_call(store: Store) -> None:
    one = put(store)
    assert tell(store, one, "failed", error="63016")
    with store.write() as tx:
        outbox.sent(tx, one, "SM1")
    assert state(store, one) == ("failed", "SM1", "63016")


def test_a_receipt_with_another_providers_id_changes_nothing(store: Store) -> None:
    one = put(store)
    with store.write() as tx:
        outbox.sent(tx, one, "SM1")
    assert not tell(store, one, "delivered", "SM2")
    assert not tell(store, "0" * 24, "delivered", "SM1")
    assert state(store, one) == ("sent", "SM1", "")


def test_a_receipt_without_our_id_finds_the_message_by_the_providers(store: Store) -> None:
    one = put(store)
    with store.write() as tx:
        outbox.sent(tx, one, "SM1")
    assert tell(store, "", "delivered", "SM1")
    assert not tell(store, "", "delivered", "SM9")
    assert state(store, one)[0] == "delivered"


def test_a_receipt_that_names_nothing_finds_nothing(store: Store) -> None:
    one = put(store)
    assert not tell(store, "", "delivered", "")
    assert state(store, one)[0] == "queued"


def test_a_receipt_never_touches_a_message_that_came_in(store: Store) -> None:
    with store.write() as tx:
        conversation, _ = talk(tx)
        one = inbox.keep(tx, conversation.id, kind="message", text="hi", more={}, dedup="wa:1")
    assert not tell(store, one, "read")


def test_undelivered_answers_are_listed_until_somebody_settles_them(store: Store, clock: Clock) -> None:
    first = put(store)
    clock.move(seconds=1)
    second = put(store)
    with store.write() as tx:
        outbox.failed(tx, first, "x" * 100)
    tell(store, second, "failed", error="30008")
    with store.read() as tx:
        assert [(one.id, one.error) for one in thread.undelivered(tx)] == [(first, "x" * 40), (second, "30008")]
    with store.write() as tx:
        outbox.settle(tx, [first])
    tell(store, second, "delivered")
    with store.read() as tx:
        assert thread.undelivered(tx) == []


def test_the_try_that_ended_it_is_kept(store: Store) -> None:
    good, bad = put(store), put(store)
    with store.write() as tx:
        outbox.sent(tx, good, "SM1", 2)
        outbox.failed(tx, bad, "63003", 8)
        found = [thread.one(tx, one) for one in (good, bad)]
    assert [one.tries for one in found if one] == [2, 8]


def test_held_answers_go_out_in_order_when_the_customer_writes(store: Store) -> None:
    with store.write() as tx:
        conversation, address = talk(tx)
        both = [outbox.put(tx, conversation.id, address, Letter(text), written_by="bot") for text in ("1", "2")]
        # The notice for the first one serves both.
        assert [outbox.hold(tx, one) for one in both] == [True, False]
    with store.write() as tx:
        while held := queue.claim(tx, "out"):
            assert outbox.load(tx, held.dedup).status == "held"
            queue.finish(tx, held)
        outbox.release(tx, conversation.id)
    again = []
    with store.write() as tx:
        while held := queue.claim(tx, "out"):
            again.append(outbox.load(tx, held.dedup))
            queue.finish(tx, held)
    assert [(one.id, one.status) for one in again] == [(both[0], "queued"), (both[1], "queued")]


def test_the_guard_against_loops_counts_the_bots_answers_alone(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        conversation, address = talk(tx, "jane@example.com", "email")
        for who in ("bot", "bot", "staff:1"):
            outbox.put(tx, conversation.id, address, Letter("x"), written_by=who)
        mail_in(tx, conversation.id, "<1@x>", [])
    clock.move(minutes=50)
    with store.write() as tx:
        outbox.put(tx, conversation.id, address, Letter("x"), written_by="bot")
        assert outbox.recent(tx, address.id, tx.now - timedelta(hours=1)) == 3
        assert outbox.recent(tx, address.id, tx.now - timedelta(minutes=10)) == 1


def test_answers_to_one_address_leave_in_order(store: Store) -> None:
    with store.write() as tx:
        conversation, address = talk(tx)
        put_in = [outbox.put(tx, conversation.id, address, Letter(str(n)), written_by="bot") for n in range(20)]
    left = []
    for _ in put_in:
        with store.write() as tx:
            held = queue.claim(tx, "out")
            assert held is not None
            assert held.lane == f"out:{address.id}"
            left.append(held.dedup.removeprefix("out:"))
            queue.finish(tx, held)
    assert left == put_in == sorted(put_in)
    assert address.kind == addresses.WHATSAPP
