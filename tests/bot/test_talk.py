"""The talk: what is open, in which order, and how it survives being stored."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bot.talk import ORDER, SHARED, Talk

names = st.sampled_from(ORDER)
tickets = st.lists(st.sampled_from(["t1", "t2", "t3"]), max_size=3, unique=True)
asked = st.lists(st.tuples(names, tickets), max_size=12)


def talk_with(questions: list[tuple[str, list[str]]]) -> Talk:
    talk = Talk()
    for name, ids in questions:
        talk.ask(name, *ids)
    return talk


@given(asked)
def test_a_talk_comes_back_from_its_slots_as_it_was(questions: list[tuple[str, list[str]]]) -> None:
    talk = talk_with(questions)
    assert Talk.of(json.loads(json.dumps(talk.slots()))) == talk


@given(asked)
def test_the_question_in_front_is_the_first_of_the_order(questions: list[tuple[str, list[str]]]) -> None:
    talk = talk_with(questions)
    if not questions:
        assert talk.front is None
    else:
        assert talk.front is not None
        assert talk.front.name == min((name for name, _ in questions), key=ORDER.index)


@given(asked)
def test_a_shared_question_is_asked_once_for_all_its_tickets(questions: list[tuple[str, list[str]]]) -> None:
    talk = talk_with(questions)
    for name in SHARED:
        wanted = {ticket for asked_name, ids in questions if asked_name == name for ticket in ids}
        found = [question for question in talk.questions if question.name == name]
        assert len(found) <= 1
        assert {ticket for question in found for ticket in question.tickets} == wanted


@given(asked, tickets)
def test_a_ticket_that_is_over_is_asked_about_no_more(questions: list[tuple[str, list[str]]], over: list[str]) -> None:
    talk = talk_with(questions)
    about_tickets = {name for name, ids in questions if ids}
    talk.forget(over)
    assert not {ticket for question in talk.questions for ticket in question.tickets} & set(over)
    assert {name for name, _ in questions} - about_tickets <= {question.name for question in talk.questions}


def test_slots_of_another_version_do_not_break_a_talk() -> None:
    assert Talk.of({"unclear": 1, "something_new": {"a": 1}, "country": None}) == Talk(unclear=1)
