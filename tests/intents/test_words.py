"""Whole messages that are a word: choices, keywords and courtesies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.words import WordReader

WORDS = WordReader()


@pytest.mark.parametrize(
    ("choice", "texts"),
    [
        (1, ["1", "one", "number one", "first", "the first one", "el primero", "le premier", "o primeiro", "первый",
             "ya kwanza", "الأول", "一番", "1つ目", "1️⃣", "that one", "それです", "ese", "этот", "hiyo", "هذا"]),
        (2, ["2", "2.", "2)", "#2", "２", "٢", "②", "the second", "the second one please", "number two", "option 2",
             "第二", "2番", "二つ目", "２番目でお願いします", "el segundo", "la deuxième", "l'option 2", "второй",
             "ya pili", "الثاني", "رقم 2"]),
        (3, ["opção 3", "chaguo la tatu", "вариант 3", "namba tatu", "el 3 por favor", "第3", "3つ目"]),
        (9, ["9", "ninth", "девятый", "九"]),
        (-1, ["last", "the last one", "最後", "el último", "la dernière", "последний", "ya mwisho", "الأخير"]),
        (0, ["", "0", "10", "12", "2 3", "two cars", "second hand car", "yes", "no", "482917", "please", "the", "ok"]),
    ],
)  # fmt: skip
def test_a_message_that_is_a_choice_says_which(choice: int, texts: list[str]) -> None:
    assert [text for text in texts if WORDS.choice(text) != choice] == []


@given(st.text(max_size=200))
def test_a_choice_is_a_place_in_a_short_list(text: str) -> None:
    assert WORDS.choice(text) in range(-1, 10)
    assert WORDS.social(text) in ("", "affirm", "deny", "greet", "thanks")


@given(st.integers(min_value=1, max_value=9), st.sampled_from(["{}", "{}.", "({})", "option {}", "no. {}", "{}番"]))
def test_every_place_is_read_however_it_is_typed(place: int, frame: str) -> None:
    assert WORDS.choice(frame.format(place)) == place


@pytest.mark.parametrize("text", ["2 " * 50_000, "番" * 100_000, "the " * 25_000])
def test_a_long_text_is_no_choice(text: str) -> None:
    assert WORDS.choice(text) == 0
