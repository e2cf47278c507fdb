"""References are drawn without marks that WhatsApp eats, and read however people type them."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import references

TYPED = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
five_bytes = st.binary(min_size=5, max_size=5).filter(
    lambda raw: references.CHECKS[int.from_bytes(raw, "big") % 37] not in "*~$="
)


def drawn(raw: bytes) -> str:
    return references.draw(lambda _: raw)


@given(five_bytes)
def test_a_drawn_reference_reads_as_itself(raw: bytes) -> None:
    assert references.read(drawn(raw)) == drawn(raw)


@given(five_bytes)
def test_a_reference_is_read_without_its_prefix_too(raw: bytes) -> None:
    assert references.read(drawn(raw).removeprefix("PR-")) == drawn(raw)


@given(five_bytes)
def test_every_single_typo_is_noticed_or_means_the_same(raw: bytes) -> None:
    right = drawn(raw)
    for at in range(3, 12):
        for letter in TYPED:
            assert references.read(right[:at] + letter + right[at + 1 :]) in (None, right) or letter == right[at]


@given(five_bytes)
def test_every_swap_of_two_neighbours_is_noticed(raw: bytes) -> None:
    right = drawn(raw)
    for at in range(3, 11):
        swapped = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
        assert swapped == right or references.read(swapped) is None


def test_no_check_character_is_a_formatting_mark() -> None:
    assert not {references.draw(os.urandom)[-1] for _ in range(3000)} & set("*~$=")


@pytest.mark.parametrize(
    "typed", ["pr 0000 0000 0", "ｐｒ－０００００００００", "PR—OOOOOOOOO", "0000-0000-0", "PR\u2011000000000"]
)
def test_spaces_dashes_and_wide_letters_do_not_matter(typed: str) -> None:
    assert references.read(typed) == "PR-000000000"


@given(st.text(max_size=80))
def test_nothing_that_is_typed_makes_it_raise(text: str) -> None:
    read = references.read(text)
    assert read is None or references.read(read) == read


def test_a_very_long_text_is_no_reference() -> None:
    assert references.read("PR-" + " " * 100_000 + "000000000") is None
