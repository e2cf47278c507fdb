from __future__ import annotations

import pytest

from law.rights import Right, figure_name, order_in_message


def test_an_opt_out_is_filed_first_and_a_plain_complaint_last() -> None:
    assert order_in_message(Right) == [
        Right.OPT_OUT,
        Right.RESTRICTION,
        Right.DELETION,
        Right.CORRECTION,
        Right.OBJECTION,
        Right.ACCESS,
        Right.DISCLOSURE,
        Right.COMPLAINT,
    ]


def test_a_complaint_that_reports_a_leak_comes_before_everything() -> None:
    assert order_in_message([Right.DELETION, Right.COMPLAINT], leak=True) == [Right.COMPLAINT, Right.DELETION]


def test_a_leak_without_a_complaint_adds_none() -> None:
    assert order_in_message([Right.DELETION], leak=True) == [Right.DELETION]


def test_a_right_named_twice_is_filed_once() -> None:
    assert order_in_message(["access", Right.ACCESS]) == [Right.ACCESS]


def test_a_word_that_is_no_right_is_refused() -> None:
    with pytest.raises(ValueError, match="money"):
        order_in_message(["money"])


def test_only_access_can_be_portable() -> None:
    assert figure_name(Right.ACCESS, portable=True) == "portability"
    assert figure_name(Right.DELETION, portable=True) == "deletion"
