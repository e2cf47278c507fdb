"""The dialogue's table: which actions a message leads to, row by row of the specification."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions import ACTIONS
from bot.answers import NONE, Answer
from bot.dialogue import RIGHTS, Seen, plan
from bot.talk import ORDER

LABELS = sorted(RIGHTS | {"opt_out", "question", "status", "withdraw", "human", "out_of_scope"})


def seen(*labels: str, **changes: Any) -> Seen:
    plain: dict[str, Any] = {"labels": frozenset(labels or ("out_of_scope",)), "sure": True, "between": ()}
    plain |= {"social": "", "keyword": "", "stray_code": False, "not_me": False, "quiet": False, "media": ""}
    plain |= {"question": "", "answer": NONE, "with_staff": False, "over_budget": False}
    return Seen(**(plain | changes))


@pytest.mark.parametrize(
    ("message", "actions"),
    [
        (seen("access"), ("file", "ask")),
        (seen("opt_out", "correction", "disclosure"), ("opt_out", "file", "ask")),
        (seen("opt_out", "withdraw"), ("opt_out", "withdraw", "ask")),
        (seen("status"), ("status", "ask")),
        (seen("question", question="code"), ("policy", "ask")),
        (seen("complaint", "human"), ("file", "human")),
        (seen("out_of_scope"), ("business", "ask")),
        (seen(social="thanks"), ("thanks", "ask")),
        (seen(social="greet"), ("greet", "ask")),
        (seen(stray_code=True), ("stray_code", "ask")),
        (seen(media="audio"), ("media", "ask")),
        (seen("deletion", sure=False), ("unclear", "ask")),
        (seen("deletion", sure=False, between=("deletion", "opt_out")), ("opt_out", "clarify", "ask")),
        (seen("deletion", sure=False, between=("deletion", "restriction")), ("clarify", "ask")),
        (seen(question="code", answer=Answer("code", "482917")), ("answer_code", "ask")),
        (seen("deletion", question="code", answer=Answer("code", "482917")), ("answer_code", "file", "ask")),
        (seen("access", question="objection_reason", answer=Answer("value", "…")), ("answer_objection_reason", "ask")),
        (seen("deletion", question="deletion_confirm", answer=Answer("affirm")), ("answer_deletion_confirm", "ask")),
    ],
)
def test_a_message_leads_to_the_actions_of_its_row(message: Seen, actions: tuple[str, ...]) -> None:
    assert plan(message) == actions


def test_with_staff_the_bot_keeps_to_stops_and_codes() -> None:
    assert plan(seen("opt_out", "status", with_staff=True)) == ("opt_out",)
    assert plan(seen("access", with_staff=True)) == ()
    assert plan(seen(question="code", answer=Answer("code", "482917"), with_staff=True)) == ("answer_code",)
    assert plan(seen(question="code", answer=Answer("affirm"), with_staff=True)) == ()


def test_the_tap_on_news_gets_the_news_and_nothing_else() -> None:
    assert plan(seen(quiet=True)) == ()


def test_over_the_loop_budget_only_a_stop_takes_effect() -> None:
    assert plan(seen("opt_out", "access", over_budget=True)) == ("opt_out",)
    assert plan(seen("access", over_budget=True)) == ()


answers = st.one_of(st.just(NONE), st.builds(Answer, st.sampled_from(["affirm", "deny", "value", "unreadable"])))
messages = st.builds(
    Seen,
    labels=st.frozensets(st.sampled_from(LABELS), min_size=1),
    sure=st.booleans(),
    between=st.sampled_from([(), ("access", "question"), ("deletion", "opt_out")]),
    social=st.sampled_from(["", "affirm", "deny", "greet", "thanks"]),
    keyword=st.sampled_from(["", "start", "stop"]),
    stray_code=st.booleans(),
    not_me=st.booleans(),
    quiet=st.just(False),
    media=st.sampled_from(["", "audio", "image"]),
    question=st.sampled_from(ORDER),
    answer=answers,
    with_staff=st.just(False),
    over_budget=st.just(False),
)


@given(messages)
def test_every_message_leads_to_actions_that_exist(message: Seen) -> None:
    known = {action.label for action in ACTIONS}
    actions = plan(message)
    assert actions
    assert set(actions) <= known


@given(messages)
def test_a_sure_right_is_never_dropped_as_chit_chat(message: Seen) -> None:
    if message.sure and not message.social and not message.answer and message.labels & RIGHTS:
        assert "file" in plan(message)


@given(messages)
def test_a_sure_stop_never_waits(message: Seen) -> None:
    if message.sure and "opt_out" in message.labels:
        assert "opt_out" in plan(message)


def test_every_question_has_an_action_for_its_answer() -> None:
    known = {action.label for action in ACTIONS}
    assert {f"answer_{name}" for name in ORDER} <= known
