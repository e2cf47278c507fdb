"""The small parts: masks, the line, words, directory rows."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staff import line, masking, work
from staff.api import plain
from staff.customers import BadRow, entry
from staff.line import Mark
from staff.wording import FOLDER, Languages
from storage.tickets import STATES

TODAY = date(2026, 11, 24)
DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 12, 31))
TABLES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.toml")}


def names(table: dict[str, Any]) -> dict[str, set[str]]:
    """Every text's name with the fields it is filled with."""
    found = {}
    for key, value in table.items():
        for name, text in value.items() if isinstance(value, dict) else [("", value)]:
            fields = {part.partition("}")[0] for part in str(text).split("{")[1:]} if isinstance(text, str) else set()
            found[f"{key}.{name}"] = fields
    return found


@pytest.mark.parametrize("code", sorted(TABLES))
def test_every_language_has_every_text_with_the_same_fields(code: str) -> None:
    assert names(TABLES[code]) == names(TABLES["en"])


def test_every_state_ground_and_refusal_has_words() -> None:
    words = Languages().pick("en", "")
    assert {code for code, _ in words.options("states")} == set(STATES)
    assert {code for code, _ in words.options("grounds")} == set(work.GROUNDS)


def test_an_unknown_code_is_shown_readable() -> None:
    assert Languages().pick("en", "").of("reasons", "brand_new") == "brand new"


@pytest.mark.parametrize(
    ("chosen", "accepted", "code"),
    [("ja", "en", "ja"), ("", "ja-JP,ja;q=0.9,en;q=0.8", "ja"), ("", "de,fr", "en"), ("xx", ";;,", "en")],
)
def test_a_language_is_chosen_or_accepted_or_english(chosen: str, accepted: str, code: str) -> None:
    assert Languages().pick(chosen, accepted).code == code


@pytest.mark.parametrize(
    ("kind", "value", "mask"),
    [
        ("email", "d.volkov@mail.example.ru", "d•••@•••.ru"),
        ("email", "@", "•••@•••."),
        ("whatsapp", "+254700000418", "+254 ••• 418"),
        ("whatsapp", "+18760000340", "+1 ••• 340"),
        ("whatsapp", "+254", "•••"),
        ("whatsapp_user", "KE.8842001", "•••001"),
    ],
)
def test_a_masked_address_tells_little(kind: str, value: str, mask: str) -> None:
    assert masking.address(kind, value) == mask


@given(st.text(max_size=80))
def test_a_masked_name_shows_first_letters_and_no_length(text: str) -> None:
    mask = masking.name(text)
    assert all(part[1:] == masking.DOTS for part in mask.split())
    assert len(mask.split()) <= 3


@given(received=DAYS, aim=DAYS, due=DAYS, closed=st.none() | DAYS)
def test_no_stroke_leaves_the_calendar(received: date, aim: date, due: date, closed: date | None) -> None:
    drawn = line.row(received, aim, due, TODAY, closed)
    for at in (drawn.start, drawn.used, drawn.end, drawn.over, drawn.dot, drawn.aim, drawn.due):
        assert at is None or 0 <= at <= 100
    assert (drawn.over is not None) == (due < (closed or TODAY))


def test_today_is_the_same_place_in_every_row() -> None:
    assert line.percent(TODAY, TODAY) == 40.0
    assert line.percent(TODAY - timedelta(days=24), TODAY) == 0.0
    assert line.percent(TODAY + timedelta(days=36), TODAY) == 100.0


@given(st.lists(st.tuples(st.floats(0, 100), st.text(min_size=1, max_size=40)), max_size=12))
def test_no_two_labels_of_a_clock_meet(places: list[tuple[float, str]]) -> None:
    marks = line.labelled([Mark(at, "move", (text,)) for at, text in places])
    for row in ("top", "low"):
        spans = []
        for mark in marks:
            wide = max(map(len, mark.lines)) * line.LETTER + line.GAP
            if mark.row == row:
                spans.append((mark.at - wide, mark.at) if mark.end else (mark.at, mark.at + wide))
        spans.sort()
        assert all(one[1] <= other[0] for one, other in pairwise(spans))


@pytest.mark.parametrize("first", list("=+-@\t\r"))
def test_a_cell_that_would_be_a_formula_is_text(first: str) -> None:
    assert plain(f"{first}a1") == f"'{first}a1"
    assert plain(f"a{first}1") == f"a{first}1"


def test_a_directory_row_becomes_an_entry() -> None:
    row = {"customer": " C1 ", "name": "W K", "email": "WK@Example.ke", "whatsapp": "+254 700 000 418", "country": "ke"}
    found = entry(row)
    assert (found.number, found.country) == ("C1", "KE")
    assert found.contacts == (("email", "WK@example.ke"), ("whatsapp", "+254700000418"))


@given(st.dictionaries(st.sampled_from(["customer", "name", "email", "whatsapp"]), st.text(max_size=400)))
def test_a_row_is_an_entry_or_a_plain_refusal(row: dict[str, str]) -> None:
    refusal = ""
    try:
        found = entry(row)
    except BadRow as why:
        refusal = str(why)
    columns = ("customer", "name", "email", "email, whatsapp", "whatsapp")
    assert refusal.partition(":")[0] in columns if refusal else found.number and found.contacts
