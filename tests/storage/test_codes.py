"""One-time codes keep every rule of the design's "Proof of identity"."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from storage import addresses, audit, codes, conversations, outbox
from storage.codes import Asked, Proved, Target, Wait
from storage.db import Store
from storage.outbox import Letter
from storage.tables import audit as audit_rows
from storage.tables import challenge
from tests.storage.rig import OLD_SECRET, SECRET, Clock, store_of

MAILBOX = Target("email", "Jane@Example.com", True, "c" * 24, None)


class Asker:
    """Somebody with one conversation, who asks for codes and tries them."""

    def __init__(self, store: Store, number: str = "+254700000001") -> None:
        self.store = store
        with store.write() as tx:
            self.address = addresses.meet(tx, "whatsapp", number)
            self.talk = conversations.start(tx, "whatsapp", self.address.id, "en").id

    def ask(self, target: Target = MAILBOX) -> Asked | Wait:
        with self.store.write() as tx:
            return codes.ask(tx, self.talk, self.address.id, target)

    def asked(self, target: Target = MAILBOX) -> Asked:
        found = self.ask(target)
        assert isinstance(found, Asked)
        return found

    def wait(self, target: Target = MAILBOX) -> tuple[int, bool]:
        found = self.ask(target)
        assert isinstance(found, Wait)
        return found.seconds, found.limit

    def check(self, code: str) -> Proved | None:
        with self.store.write() as tx:
            return codes.check(tx, self.talk, code)

    def mailed(self, asked: Asked) -> str:
        """Queue the code mail; the id of its message."""
        with self.store.write() as tx:
            to = addresses.meet(tx, "email", "jane@example.com")
            letter = Letter(asked.code, apart=True)
            one = outbox.put(tx, self.talk, to, letter, written_by="bot", kind="code")
            codes.delivered_by(tx, asked.challenge_id, one)
        return one

    def events(self) -> list[str]:
        with self.store.read() as tx:
            return [one.event for one in audit.trail(tx, f"conversation:{self.talk}")]


@pytest.fixture
def jane(store: Store) -> Asker:
    """The one who asks in most tests."""
    return Asker(store)


def other_than(code: str, n: int = 1) -> str:
    return f"{(int(code) + n) % 1_000_000:06d}"


def test_a_code_has_six_digits_and_proves_the_contact_once(jane: Asker) -> None:
    asked = jane.asked()
    assert len(asked.code) == 6
    assert asked.code.isdecimal()
    proved = jane.check(asked.code)
    assert proved == Proved(asked.challenge_id, "email", "c" * 24, None)
    assert jane.check(asked.code) is None
    with jane.store.read() as tx:
        [proof] = codes.proofs(tx, jane.talk)
    assert (proof.contact_id, proof.method) == ("c" * 24, "code")
    assert jane.events() == ["code.sent", "code.proved", "code.failed"]


def test_codes_with_leading_zeros_are_drawn_and_count(jane: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.codes.secrets.randbelow", lambda _: 42)
    assert jane.asked().code == "000042"
    assert jane.check("42") is None
    assert jane.check("000042") is not None


def test_a_code_is_kept_as_a_keyed_hash_alone(jane: Asker) -> None:
    asked = jane.asked()
    with jane.store.read() as tx:
        row = tx.conn.execute(select(challenge)).one()
    assert asked.code not in str(tuple(row))
    plain = hashlib.sha256(f"{asked.challenge_id}:{asked.code}".encode()).hexdigest()
    assert row.code_hash != plain
    assert len(row.code_hash) == 64


@pytest.mark.parametrize(("seconds", "good"), [(599.999, True), (600, False), (601, False)])
def test_a_code_lives_ten_minutes(jane: Asker, clock: Clock, seconds: float, good: bool) -> None:
    asked = jane.asked()
    clock.move(seconds=seconds)
    assert (jane.check(asked.code) is not None) is good


def test_the_fifth_try_counts_and_the_sixth_does_not(jane: Asker, clock: Clock) -> None:
    asked = jane.asked()
    for n in range(1, 5):
        assert jane.check(other_than(asked.code, n)) is None
    assert jane.check(asked.code) is not None
    clock.move(hours=2)
    again = jane.asked()
    for n in range(1, 6):
        assert jane.check(other_than(again.code, n)) is None
    assert jane.check(again.code) is None
    assert "code.locked" in jane.events()


def test_a_locked_code_is_not_good_by_its_link_either(jane: Asker) -> None:
    asked = jane.asked()
    for n in range(1, 6):
        jane.check(other_than(asked.code, n))
    with jane.store.write() as tx:
        assert codes.confirm(tx, asked.challenge_id) is None


def test_a_resend_voids_the_code_before_it(jane: Asker, clock: Clock) -> None:
    first = jane.asked()
    clock.move(seconds=60)
    second = jane.asked()
    assert first.code == second.code or jane.check(first.code) is None
    assert jane.check(second.code) is not None


def test_only_the_newest_code_counts_whatever_was_asked_to_whom(jane: Asker) -> None:
    first = jane.asked()
    second = jane.asked(Target("whatsapp", "+254711111111", True))
    assert first.code == second.code or jane.check(first.code) is None
    assert jane.check(second.code) is not None


def test_only_a_resend_to_the_same_contact_cools_down(jane: Asker, clock: Clock) -> None:
    jane.asked()
    assert jane.wait() == (60, False)
    clock.move(seconds=59.5)
    assert jane.wait(Target("email", " jane@example.COM", True)) == (1, False)
    jane.asked(Target("email", "other@example.com", True))
    clock.move(seconds=0.5)
    jane.asked()


def test_after_a_right_code_the_next_one_to_the_same_contact_need_not_wait(jane: Asker) -> None:
    assert jane.check(jane.asked().code) is not None
    jane.asked()


def test_an_asker_has_three_codes_an_hour(jane: Asker, clock: Clock) -> None:
    for n in range(3):
        jane.asked(Target("email", f"{n}@example.com", True))
        clock.move(minutes=5)
    assert jane.wait(Target("email", "4@example.com", True)) == (45 * 60, True)
    clock.move(minutes=45)
    jane.asked(Target("email", "4@example.com", True))
    assert jane.wait(Target("email", "5@example.com", True)) == (5 * 60, True)


def test_an_asker_has_ten_codes_a_day(jane: Asker, clock: Clock) -> None:
    for _ in range(10):
        jane.asked()
        clock.move(minutes=30)
    assert jane.wait() == ((24 - 5) * 3600, True)
    clock.move(hours=19)
    jane.asked()


def test_asks_that_were_never_sent_count_the_same(jane: Asker) -> None:
    for n in range(3):
        assert jane.asked(Target("email", f"{n}@example.com", deliver=False)).code == ""
    assert jane.wait(Target("email", "4@example.com", True)) == (3600, True)


def test_the_limits_of_one_asker_do_not_touch_another(jane: Asker) -> None:
    for n in range(3):
        jane.asked(Target("email", f"{n}@example.com", True))
    assert Asker(jane.store, "+254700000002").asked().code


def strangers(store: Store) -> Iterator[Asker]:
    n = 0
    while True:
        n += 1
        yield Asker(store, f"+25472000{n:04d}")


def test_a_contact_gets_three_codes_an_hour_from_strangers_and_three_from_its_owner(store: Store, clock: Clock) -> None:
    crowd = strangers(store)
    assert [bool(next(crowd).asked().code) for _ in range(5)] == [True, True, True, False, False]
    owner = Target("email", "jane@example.com", True, "c" * 24, None, known=True)
    assert [bool(next(crowd).asked(owner).code) for _ in range(4)] == [True, True, True, False]
    clock.move(hours=1)
    assert next(crowd).asked().code


def test_a_contact_gets_ten_codes_a_day_in_all(store: Store, clock: Clock) -> None:
    crowd = strangers(store)
    sent = 0
    for _ in range(23):
        for known in (False, True):
            target = Target("email", "jane@example.com", True, "c" * 24, None, known=known)
            sent += bool(next(crowd).asked(target).code)
        clock.move(hours=1)
    assert sent == 10


def test_after_not_me_the_code_is_void_and_none_is_sent_there_for_a_day(jane: Asker, clock: Clock) -> None:
    asked = jane.asked()
    mail = jane.mailed(asked)
    with jane.store.write() as tx:
        assert codes.message_of(tx, asked.challenge_id) == mail
        assert codes.deny(tx, mail) == jane.talk
        assert codes.deny(tx, mail) == jane.talk
        assert codes.deny(tx, "0" * 24) is None
    assert jane.check(asked.code) is None
    crowd = strangers(jane.store)
    clock.move(hours=23, minutes=59)
    owner = Target("email", "JANE@example.com", True, "c" * 24, None, known=True)
    strange, known = (next(crowd).asked(one).code for one in (MAILBOX, owner))
    # A stranger's denied ask holds back strangers; the owner goes on getting codes.
    assert strange == ""
    assert len(known) == 6
    clock.move(minutes=1)
    assert next(crowd).asked().code


def test_a_link_proves_once_and_only_while_its_code_is_good(jane: Asker, clock: Clock) -> None:
    asked = jane.asked()
    with jane.store.write() as tx:
        assert codes.confirm(tx, "0" * 24) is None
        proved = codes.confirm(tx, asked.challenge_id)
        assert proved == (Proved(asked.challenge_id, "email", "c" * 24, None), jane.talk, jane.address.id)
        assert codes.confirm(tx, asked.challenge_id) is None
    assert jane.check(asked.code) is None
    late = jane.asked()
    clock.move(minutes=10)
    with jane.store.write() as tx:
        assert codes.confirm(tx, late.challenge_id) is None


def test_a_void_code_proves_nothing_and_leaves_an_audit_row(jane: Asker) -> None:
    asked = jane.asked()
    with jane.store.write() as tx:
        codes.void(tx, jane.talk)
        codes.void(tx, jane.talk)
        assert codes.confirm(tx, asked.challenge_id) is None
    assert jane.check(asked.code) is None
    assert jane.events() == ["code.sent", "code.void", "code.failed"]


def test_a_code_counts_only_in_the_conversation_that_asked(jane: Asker) -> None:
    john = Asker(jane.store, "+254700000002")
    asked = jane.asked()
    assert john.check(asked.code) is None
    own = john.asked(Target("email", "john@example.com", True))
    assert own.code == asked.code or john.check(asked.code) is None
    assert jane.check(asked.code) is not None


def test_a_code_without_any_ask_proves_nothing(jane: Asker) -> None:
    assert jane.check("123456") is None
    assert jane.events() == []


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "١٢٣٤٥٦", "\ud83d", "x" * 10_000, "'; drop table"])
def test_anything_may_be_typed_as_a_code(jane: Asker, typed: str) -> None:
    jane.asked()
    assert jane.check(typed) is None


def test_a_code_that_was_never_sent_leaves_the_same_rows(jane: Asker) -> None:
    john = Asker(jane.store, "+254700000002")
    jane.asked()
    john.asked(Target("email", "nobody@example.com", deliver=False))
    for _ in range(6):
        assert jane.check("no") is None
        assert john.check("no") is None
    with jane.store.read() as tx:
        mine, his = [tx.conn.execute(select(challenge).where(challenge.c.conversation_id == one.talk)).one()
                     for one in (jane, john)]  # fmt: skip
        count = select(func.count()).select_from(audit_rows)
        numbers = [tx.conn.scalar(count.where(audit_rows.c.subject == f"conversation:{one.talk}"))
                   for one in (jane, john)]  # fmt: skip
    assert (mine.tries, mine.state) == (his.tries, his.state) == (6, "locked")
    assert len(mine.code_hash) == len(his.code_hash)
    assert len(mine.target_sealed) - len("Jane@Example.com") == len(his.target_sealed) - len("nobody@example.com")
    assert numbers[0] == numbers[1]


def test_every_check_does_the_same_digest_work(jane: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    real = hmac.compare_digest

    def counted(one: str, other: str) -> bool:
        compared.append(len(other))
        return real(one, other)

    monkeypatch.setattr("storage.codes.hmac.compare_digest", counted)
    john = Asker(jane.store, "+254700000002")
    john.asked(Target("email", "nobody@example.com", deliver=False))
    nobody = Asker(jane.store, "+254700000003")
    asked = jane.asked()
    for one, code in ((nobody, "1"), (john, "2"), (jane, "3"), (jane, asked.code), (jane, asked.code)):
        one.check(code)
    assert compared == [64] * 5


def test_the_same_queries_run_whether_or_not_a_contact_is_on_file(jane: Asker) -> None:
    from sqlalchemy import event

    john = Asker(jane.store, "+254700000002")
    said: list[str] = []
    event.listen(jane.store.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    jane.asked()
    known = said[:]
    said.clear()
    john.asked(Target("email", "nobody@example.com", deliver=False))
    assert said == known


def test_a_clock_set_back_neither_hides_the_newest_code_nor_revives_an_older_one(jane: Asker, clock: Clock) -> None:
    first = jane.asked()
    clock.move(minutes=-30)
    second = jane.asked(Target("email", "second@example.com", True))
    assert first.code == second.code or jane.check(first.code) is None
    assert jane.check(second.code) is not None


def test_a_clock_set_back_never_makes_anybody_wait_longer_than_the_rule(jane: Asker, clock: Clock) -> None:
    jane.asked()
    clock.move(days=-30)
    assert jane.wait() == (60, False)
    for n in range(2):
        jane.asked(Target("email", f"{n}@example.com", True))
    assert jane.wait(Target("email", "x@example.com", True)) == (3600, True)


def test_a_code_asked_for_before_a_key_rotation_still_counts(url: str, clock: Clock) -> None:
    before, after = store_of(url, clock, [OLD_SECRET]), store_of(url, clock, [SECRET, OLD_SECRET])
    jane = Asker(before)
    asked = jane.asked()
    jane.store = after
    assert jane.check(asked.code) is not None
    before.close()
    after.close()
