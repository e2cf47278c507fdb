"""Numbers said in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.digits import in_digits


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("four eight two nine one seven", "482917"),
        ("forty eight, twenty-nine, seventeen", "482917"),
        ("four hundred eighty-two thousand nine hundred and seventeen", "482917"),
        ("double seven eight triple nine", "778999"),
        ("ten twenty thirty", "102030"),
        ("cuarenta y ocho veintinueve diecisiete", "482917"),
        ("cuatrocientos ochenta y dos novecientos diecisiete", "482917"),
        ("quarante-huit vingt-neuf dix-sept", "482917"),
        ("quatre cent quatre-vingt-deux neuf cent dix-sept", "482917"),
        ("soixante-dix-sept quatre-vingt-dix-neuf quatre-vingt douze", "779992"),
        ("quarenta e oito, vinte e nove, dezessete", "482917"),
        ("четыреста восемьдесят два девятьсот семнадцать", "482917"),
        ("сорок восемь двадцать девять семнадцать", "482917"),
        ("arobaini na nane ishirini na tisa kumi na saba", "482917"),
        ("ثمانية واربعين تسعة وعشرين سبعتاشر", "482917"),
        ("اربعة ثمانية اثنان تسعة واحد سبعة", "482917"),
        ("四八二九一七", "482917"),
        ("よん はち に きゅう いち なな", "482917"),
        ("4 eight 2 nine 1 seven", "482917"),
    ],
)
def test_a_number_is_written_in_digits(said: str, digits: str) -> None:
    assert in_digits(f"x: {said}") == f"x: {digits}"


@pytest.mark.parametrize(
    "text",
    ["", "I bought one or two cars", "one of three", "call 0712 345 678", "482917, 105586", "si 111222 ni 482917"],
)
def test_what_is_no_long_number_stays_as_it_is(text: str) -> None:
    assert in_digits(text) == text


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(in_digits(text), str)


@given(st.lists(st.integers(min_value=0, max_value=9), min_size=6, max_size=12))
def test_digits_one_by_one_come_back(digits: list[int]) -> None:
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    assert in_digits(" ".join(names[digit] for digit in digits)) == "".join(map(str, digits))


@pytest.mark.parametrize("text", ["one " * 25_000, "double " * 15_000, "a" * 100_000, "一" * 100_000])
def test_a_long_text_is_read_in_bounds(text: str) -> None:
    assert in_digits(text)
