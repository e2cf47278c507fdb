from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.codes import CodeReader

CODES = CodeReader()
SIX = st.text("0123456789", min_size=6, max_size=6)


@pytest.mark.parametrize(
    "text",
    ["482917", "482 917", "482-917", "4 8 2 9 1 7", "48 29 17", "code: 482917 thanks", "The code is 482917.",
     "４８２９１７", "٤٨٢٩١٧", "482917 or 482 917", "482917\n\nOn Monday you wrote", "コードは482917です"],
)  # fmt: skip
def test_a_code_is_read_however_it_is_typed(text: str) -> None:
    found = CODES.read(text)
    assert (found.act, found.code) == ("code", "482917")


@pytest.mark.parametrize("text", ["482917 or 105586", "482917 105586", "482917, 105 586"])
def test_two_different_codes_are_neither(text: str) -> None:
    found = CODES.read(text)
    assert (found.act, found.code) == ("two", "")


@pytest.mark.parametrize(
    "text",
    ["4829175", "48291", "+44 7700 900145", "invoice 482917", "order no. 482917", "PR-482917ABC", "NHP10-482917",
     "a482917@example.com", "3.482917", "482917 USD invoice"[7:], "https://example.com/482917"],
)  # fmt: skip
def test_other_numbers_are_no_code(text: str) -> None:
    assert CODES.read(text).code == ""


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("no code came", "resend"),
        ("I did not get it", "resend"),
        ("please send me another code", "resend"),
        ("the code expired", "resend"),
        ("Je préfère en français, le code ne vient pas", "resend"),
        ("no me llegó el código", "resend"),
        ("não recebi o código", "resend"),
        ("код не пришёл", "resend"),
        ("code haijafika", "resend"),
        ("لم يصلني الرمز", "resend"),
        ("コードが届きません", "resend"),
        ("use another email", "other_contact"),
        ("it wasn't me, I never asked for this", "not_me"),
        ("later, no time now", "other"),
        ("what is this", "other"),
        ("", "other"),
    ],
)
def test_what_people_write_instead_of_a_code(text: str, act: str) -> None:
    assert CODES.read(text).act == act


@pytest.mark.parametrize(
    ("keyword", "wish", "act"),
    [("cancel", "", "cancel"), ("not_me", "", "not_me"), ("new_code", "", "resend"), ("", "withdraw", "cancel"),
     ("stop", "", "other"), ("", "deletion", "other")],
)  # fmt: skip
def test_a_keyword_or_a_sure_wish_decides_before_the_patterns(keyword: str, wish: str, act: str) -> None:
    assert CODES.read("please send it again", keyword, wish).act == act


@given(SIX, st.sampled_from(["{}", "code {}", "{}!", "it is {} ok", "«{}»", "\u2066{}\u2069"]))
def test_any_six_digits_come_back_as_typed(code: str, frame: str) -> None:
    assert CODES.read(frame.format(code)).code == code


@given(SIX, SIX)
def test_a_code_is_returned_only_where_there_is_one(first: str, second: str) -> None:
    found = CODES.read(f"{first} or {second}")
    assert found.code == (first if first == second else "")


@given(st.text(max_size=300))
def test_a_code_is_six_ascii_digits_or_nothing(text: str) -> None:
    found = CODES.read(text)
    assert (found.act == "code") == (len(found.code) == 6 and found.code.isascii() and found.code.isdigit())
