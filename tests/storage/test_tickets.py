"""Tickets move by their table alone, and each step is on the clock and in the audit trail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.exc import NoResultFound

from storage import audit, board, references, tickets
from storage import staff as people
from storage.db import Store
from storage.tickets import CLOSED_STATES, MOVES, OPEN_STATES, STATES, Filter, Promise, Ticket, WrongMove
from tests.storage.rig import PROMISE, START, Clock, file_ticket, store_of, together


def test_every_state_has_its_moves_and_none_leads_nowhere() -> None:
    assert set(MOVES) == set(STATES)
    assert set().union(*MOVES.values()) <= set(STATES)
    assert all(MOVES[state] for state in STATES)
    assert all(not MOVES[state] & set(CLOSED_STATES) for state in CLOSED_STATES)


class Life(RuleBasedStateMachine):
    """One ticket, moved and amended at random; its own account is kept beside it."""

    store: Store
    clock: Clock

    @initialize(state=st.sampled_from(["verifying", "open", "fulfilled"]))
    def file(self, state: str) -> None:
        with self.store.write() as tx:
            self.ticket = file_ticket(tx, state)
        closed = state in CLOSED_STATES
        self.moves = ["received", "answered"] if closed else ["received"]
        self.events, self.detail = ["ticket.filed"], dict[str, str]()

    @rule(to=st.sampled_from(STATES))
    def move(self, to: str) -> None:
        before = self.ticket.state
        with self.store.write() as tx:
            if to not in MOVES[before]:
                with pytest.raises(WrongMove):
                    tickets.move(tx, self.ticket, to, "bot")
                return
            self.ticket = tickets.move(tx, self.ticket, to, "bot", reason="why")
        self.events.append(f"ticket.{to}")
        if to in CLOSED_STATES:
            self.moves.append("answered")
        elif before in CLOSED_STATES:
            self.moves.append("reopened")

    @rule(key=st.sampled_from("abc"), value=st.text(max_size=5))
    def amend(self, key: str, value: str) -> None:
        with self.store.write() as tx:
            self.ticket = tickets.amend(tx, self.ticket, "ticket.detail", "bot", detail={key: value}, level=2)
        self.detail[key] = value
        self.events.append("ticket.detail")

    @rule(days=st.integers(1, 60))
    def promise_anew(self, days: int) -> None:
        due = self.ticket.due_on + timedelta(days=days)
        promise = Promise("gdpr", due, due, True, "x" * 300)
        with self.store.write() as tx:
            self.ticket = tickets.promise_anew(tx, self.ticket, promise, "extended", "bot")
        assert self.ticket.due_on == due
        self.moves.append("extended")
        self.events.append("clock.extended")

    @invariant()
    def what_is_stored_is_what_was_returned(self) -> None:
        if not hasattr(self, "ticket"):
            return
        self.clock.move(seconds=1)
        with self.store.read() as tx:
            stored = tickets.get(tx, self.ticket.id)
            assert stored == self.ticket
            assert [one.move for one in tickets.moves(tx, stored.id)] == self.moves
            assert [one.event for one in audit.trail(tx, stored.subject)] == self.events
        assert (stored.closed_at is not None) == (stored.state in CLOSED_STATES)
        assert stored.detail == self.detail


def test_a_ticket_lives_by_the_table_of_moves(store: Store, clock: Clock) -> None:
    class Here(Life):
        pass

    Here.store, Here.clock = store, clock
    bounds = settings(max_examples=15, stateful_step_count=12, deadline=None)
    run_state_machine_as_test(Here, settings=bounds)
    with store.read() as tx:
        assert list(audit.verify(tx)) == []


def test_filing_fixes_what_was_promised(store: Store) -> None:
    received = START - timedelta(days=3)
    with store.write() as tx:
        filed = file_ticket(tx, received_at=received, detail={"field": "name", "new_value": "Ü\ud83d"}, portable=True)
        clock_rows = tickets.moves(tx, filed.id)
    assert (filed.regime, filed.due_on, filed.target_on) == ("gdpr", PROMISE.due_on, PROMISE.target_on)
    assert (filed.received_at, filed.portable, filed.escalated, filed.level) == (received, True, False, 0)
    assert filed.detail == {"field": "name", "new_value": "Ü\ud83d"}
    assert [(one.move, one.at, one.due_on, one.law) for one in clock_rows] == [
        ("received", received, PROMISE.due_on, PROMISE.law)
    ]


def test_two_who_move_a_ticket_at_once_do_not_both_succeed(url: str) -> None:
    stores = [store_of(url) for _ in range(2)]
    with stores[0].write() as tx:
        one = file_ticket(tx)

    def close(store: Store, to: str) -> Ticket:
        with store.write() as tx:
            return tickets.move(tx, one, to, "bot")

    results = together(lambda: close(stores[0], "fulfilled"), lambda: close(stores[1], "refused"))
    assert sorted(type(result).__name__ for result in results) == ["Ticket", "WrongMove"]
    for store in stores:
        store.close()


def test_a_detail_added_meanwhile_is_not_lost(store: Store) -> None:
    with store.write() as tx:
        one = file_ticket(tx, detail={"a": 1})
        tickets.amend(tx, one, "ticket.detail", "bot", detail={"b": 2})
        assert tickets.amend(tx, one, "ticket.detail", "bot", detail={"c": 3}).detail == {"a": 1, "b": 2, "c": 3}


def test_a_detail_never_reaches_the_audit_trail(store: Store) -> None:
    with store.write() as tx:
        one = tickets.amend(tx, file_ticket(tx), "ticket.detail", "bot", detail={"new_value": "secret"}, level=2)
        trail = audit.trail(tx, one.subject)
    assert trail[-1].data == {"level": "2", "detail": ["new_value"]}
    assert "secret" not in str(trail)


def test_an_event_without_a_change_is_audited(store: Store) -> None:
    with store.write() as tx:
        one = file_ticket(tx)
        assert tickets.amend(tx, one, "ticket.joined", "customer") == one
        assert [entry.event for entry in audit.trail(tx, one.subject)] == ["ticket.filed", "ticket.joined"]


def test_a_ticket_that_is_not_there_is_told_so(store: Store) -> None:
    with store.write() as tx:
        with pytest.raises(NoResultFound):
            tickets.get(tx, "0" * 24)
        with pytest.raises(NoResultFound):
            board.hold(tx, "0" * 24)


def test_a_ticket_is_found_by_its_reference_however_it_is_typed(store: Store) -> None:
    with store.write() as tx:
        one = file_ticket(tx)
        plain = one.reference.removeprefix("PR-")
        for typed in (one.reference, one.reference.lower(), f" pr {plain[:4]} {plain[4:]}", plain, plain.lower()):
            assert tickets.by_reference(tx, typed) == one
        assert tickets.by_reference(tx, "PR-000000000") is None
        assert tickets.by_reference(tx, "hello \x00 \ud83d") is None
    assert references.read(one.reference) == one.reference


def test_two_tickets_with_the_same_luck_get_different_references(url: str) -> None:
    store = store_of(url)
    drawn = iter([b"\0" * 5, b"\0" * 5, b"\0" * 4 + b"\1"])
    store.entropy = lambda n: next(drawn) if n == 5 else os.urandom(n)
    with store.write() as tx:
        assert [file_ticket(tx).reference, file_ticket(tx).reference] == ["PR-000000000", "PR-000000011"]
    store.close()


def many(store: Store) -> list[Ticket]:
    found = []
    for n in range(23):
        state = (*OPEN_STATES, "fulfilled")[n % 5]
        due = date(2026, 12, 1 + n % 4)
        promise = Promise("gdpr", due, due, True, "law")
        with store.write() as tx:
            row = {"right": ("access", "deletion")[n % 2], "country": ("KE", "")[n % 2], "escalated": n % 7 == 0}
            found.append(file_ticket(tx, state, promise=promise, value=f"+2547000000{n % 3:02d}", **row))
    return found


def pages(store: Store, wanted: Filter, limit: int) -> Iterator[Ticket]:
    after = ""
    while True:
        with store.read() as tx:
            page, after = tickets.listing(tx, wanted, after=after, limit=limit)
        yield from page
        if not after:
            return


@pytest.mark.parametrize("limit", [1, 2, 7, 23, 50])
def test_pages_cover_everything_once_and_by_due_date(store: Store, limit: int) -> None:
    filed = many(store)
    found = list(pages(store, Filter(), limit))
    assert sorted(one.id for one in found) == sorted(one.id for one in filed)
    assert [one.due_on for one in found] == sorted(one.due_on for one in filed)


def test_a_ticket_filed_between_two_pages_disturbs_none(store: Store) -> None:
    filed = many(store)
    with store.read() as tx:
        first, after = tickets.listing(tx, Filter(), limit=10)
    with store.write() as tx:
        file_ticket(tx, promise=Promise("gdpr", date(2026, 11, 1), date(2026, 11, 1), True, "law"))
    with store.read() as tx:
        rest, end = tickets.listing(tx, Filter(), after=after, limit=50)
    assert sorted(one.id for one in first + rest) == sorted(one.id for one in filed)
    assert end == ""


def test_filters_narrow_and_count_the_same(store: Store) -> None:
    filed = many(store)
    with store.write() as tx:
        agent = people.add(tx, "a@example.com", "A", "agent", "a long password", by="system")
        filed[0] = tickets.amend(tx, filed[0], "ticket.claimed", agent.actor, assignee=agent.id)
    one = filed[0]
    day = date(2026, 12, 3)
    cases: dict[Filter, Callable[[Ticket], bool]] = {
        Filter(states=("open", "waiting")): lambda t: t.state in ("open", "waiting"),
        Filter(right="access"): lambda t: t.right == "access",
        Filter(country="KE", escalated=True): lambda t: t.country == "KE" and t.escalated,
        Filter(escalated=False): lambda t: not t.escalated,
        Filter(due_before=day): lambda t: t.due_on < day,
        Filter(assignee=agent.id): lambda t: t.assignee == agent.id,
        Filter(assignee=""): lambda t: t.assignee is None,
        Filter(reference=one.reference): lambda t: t.id == one.id,
        Filter(people=(one.person_id,)): lambda t: t.person_id == one.person_id,
        Filter(people=()): lambda t: False,
        Filter(channel="mail"): lambda t: False,
    }
    for wanted, fits in cases.items():
        with store.read() as tx:
            n = tickets.count(tx, wanted)
        found = {t.id for t in pages(store, wanted, 4)}
        assert found == {t.id for t in filed if fits(t)}
        assert n == len(found)


@pytest.mark.parametrize("cursor", ["x", "2026-12-01", "2026-12-01_", "_", "2026-12-01_\x00", "2026-13-01_" + "0" * 24])
def test_a_broken_cursor_is_a_value_error_and_nothing_worse(store: Store, cursor: str) -> None:
    with store.read() as tx, pytest.raises(ValueError):  # noqa: PT011  # told by the docstring
        tickets.listing(tx, Filter(), after=cursor)


def test_figures_count_what_is_there(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        first, second = file_ticket(tx), file_ticket(tx, right="access")
    clock.move(hours=3)
    with store.write() as tx:
        tickets.move(tx, first, "fulfilled", "bot")
        figures = board.figures(tx, second.due_on + timedelta(days=1))
    assert (figures.by_state, figures.by_right) == ({"fulfilled": 1, "open": 1}, {"access": 1, "deletion": 1})
    assert (figures.overdue, figures.median_hours) == (1, 3.0)
