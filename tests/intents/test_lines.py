from __future__ import annotations

import json

import pytest

from intents import Reader
from intents.lines import BadLine, understand_lines


def answers(reader: Reader, *asked: dict[str, object]) -> list[dict[str, object]]:
    return [json.loads(line) for line in understand_lines([json.dumps(one) for one in asked], reader)]


def test_a_line_comes_back_with_what_was_understood(reader: Reader) -> None:
    [found] = answers(reader, {"text": "my email changed, new one is jo.new@example.com", "lang": "en", "id": 7})
    assert found["id"] == 7
    assert found["lang"] == found["language"] == "en"
    assert found["labels"] == ["correction"]
    assert found["details"] == {"field": "email", "new_value": "jo.new@example.com"}
    assert found["intents"][0]["name"] == "correction"  # type: ignore[index]
    assert "act" not in found


@pytest.mark.parametrize(
    ("text", "act", "code"),
    [("482 917", "code", "482917"), ("no code came", "resend", None), ("cancel", "cancel", None),
     ("hello", "other", None), ("482917 or 105586", "other", None), ("stop", "other", None)],
)  # fmt: skip
def test_an_awaited_code_gives_an_act(reader: Reader, text: str, act: str, code: str | None) -> None:
    [found] = answers(reader, {"text": text, "awaiting": "code"})
    assert (found["act"], found["code"]) == (act, code)


@pytest.mark.parametrize("text", ["hello", "thanks", "yes", "no"])
def test_courtesy_is_out_of_scope_in_the_contract(reader: Reader, text: str) -> None:
    [found] = answers(reader, {"text": text})
    assert (found["labels"], found["details"]) == (["out_of_scope"], None)


def test_empty_lines_are_skipped_and_order_is_kept(reader: Reader) -> None:
    lines = ['{"text": "hi"}', "", '{"text": "stop"}']
    assert [json.loads(line)["text"] for line in understand_lines(lines, reader)] == ["hi", "stop"]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "3", "{}", '{"text": 3}', '{"text": null}', '{"text": "a", "lang": 1}',
     '{"text": "a", "awaiting": "tea"}', "[" * 100_000],
)  # fmt: skip
def test_a_bad_line_is_named_by_number_without_its_text(reader: Reader, line: str) -> None:
    with pytest.raises(BadLine) as raised:
        list(understand_lines(['{"text": "hi"}', line], reader))
    assert raised.value.number == 2
    assert "tea" not in str(raised.value)
