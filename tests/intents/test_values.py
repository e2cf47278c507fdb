"""How the reader of new values is taught, and that what it learned is kept as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from intents import valuing
from intents.clues import SIZE, ClueReader
from intents.phrases import DATA, read
from intents.tokens import MAX_TOKENS, shape, tokens
from intents.values import ValueReader

WRITTEN = [("es", read(DATA / "es" / "voice2.yml"))]


def test_what_a_writer_marked_is_learned_and_kept(tmp_path: Path) -> None:
    weights, common = valuing.teach(WRITTEN)
    valuing.save(tmp_path / "values.npz", weights, common)
    reader = ValueReader.open(tmp_path / "values.npz")
    marked = [one for one in WRITTEN[0][1] if one.details and one.intents == ("correction",)]
    found = [(one, reader.read(one.text, "es")[0]) for one in marked]
    right = [one for one, value in found if value.place and (value.field, one.text[slice(*value.place)]) in one.details]
    assert len(right) >= 0.9 * len(marked)


def test_the_same_phrases_teach_the_same(tmp_path: Path) -> None:
    few = [("es", [one for one in WRITTEN[0][1] if one.intents == ("correction",)][:12])]
    first, second = (valuing.teach(few)[0].table for _ in range(2))
    assert np.array_equal(first, second)


def test_who_marked_no_value_teaches_nothing_of_values() -> None:
    unmarked = [one for one in WRITTEN[0][1] if not one.details]
    assert valuing.lessons([("es", unmarked)], ClueReader({})) == []


def test_a_clue_is_a_number_below_the_size() -> None:
    clues = ClueReader({}).read("my name is Jon Smyth", "en")
    assert clues is not None
    for numbers in (clues.first, clues.last, clues.inside, clues.joined, clues.whole, clues.message, clues.silence):
        assert numbers.min() >= 0
        assert numbers.max() < SIZE


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("call +44 7700 900102 now", ["call", "+44 7700 900102", "now"]),
        ("mail a.b@example.com, ok", ["mail", "a.b@example.com", ",", "ok"]),
        ("j dot k at example dot net ok", ["j dot k at example dot net", "ok"]),
        ("住所は東京", ["住", "所", "は", "東", "京"]),
        ("TARO→太郎", ["TARO", "→", "太", "郎"]),
        ("a -> b", ["a", "->", "b"]),
        ("ساكن بالجبيل", ["ساكن", "ب", "الجبيل"]),
        ("a\n\nb", ["a", "\n\n", "b"]),
        ("", []),
    ],
)
def test_a_text_is_cut_where_a_value_can_begin_or_end(text: str, pieces: list[str]) -> None:
    assert [text[start:end] for start, end in tokens(text)] == pieces


def test_a_long_text_gives_no_more_tokens_than_allowed() -> None:
    assert len(tokens("a " * 50_000)) == MAX_TOKENS


@pytest.mark.parametrize(
    ("token", "look"),
    [("Jon", "latin title"), ("JON", "latin upper"), ("jon", "latin lower"), ("J", "one latin upper"), ("山", "cjk"),
     ("12", "digits2"), ("+44 7700 900102", "digits9+"), ("14/03/1987", "date"), ("A0238841", "code"), ("\n", "line"),
     ("->", "arrow"), ("→", "arrow"), (",", ","), ("a@example.com", "email"), ("Иван", "cyrillic title")],
)  # fmt: skip
def test_a_piece_looks_like_what_it_is(token: str, look: str) -> None:
    assert shape(token) == look
