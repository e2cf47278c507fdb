"""Replies freed from quotes: rather a quote too many than a word lost."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import markup
from channels.letter import Reader
from channels.quoting import reply

HERE = Path(__file__).parent
OWN = ("privacy@kmauto.example",)
CASES = tomllib.loads((HERE.parent / "payloads/mail/replies.toml").read_text(encoding="utf-8"))["case"]
SAMPLES = HERE.parents[2] / "shared" / "samples"


def _flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_customers_words_are_freed_from_the_quote(case: dict[str, Any]) -> None:
    whole = case["text"].strip()
    assert reply(case["text"], OWN, case.get("subject", "")) == case.get("reply", whole)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_without_knowing_our_address_no_word_of_the_customer_is_lost(case: dict[str, Any]) -> None:
    kept = _flat(reply(case["text"], (), case.get("subject", "")))
    if "reply" in case:
        assert _flat(case["reply"]) in kept


def test_public_samples_lose_no_text_and_leak_few_quotes() -> None:
    """30 of 32 exact, one quote left, one telephone line taken for a signature when last measured."""
    index = SAMPLES / "mime_index.jsonl"
    lines = index.read_text(encoding="utf-8").splitlines() if index.exists() else []
    found = Counter(_verdict(row) for row in map(json.loads, lines) if "expected_reply" in row)
    assert found["lost"] == 0
    assert found["leak"] <= 1


def _verdict(row: dict[str, Any]) -> str:
    raw = (SAMPLES / row["file"]).read_bytes()
    if row["format"] == "mime":
        got = Reader().read(raw).text
    else:
        text = raw.decode("utf-8", "replace")
        got = reply(markup.to_text(text) if row["format"] == "body_html" else text)
    got, wanted = _flat(got), _flat(row["expected_reply"])
    without_device = wanted.removesuffix("Sent from my iPhone").strip()
    return "ok" if got in (wanted, without_device) else "leak" if wanted in got else "lost"


LINES = st.sampled_from(
    [line for case in CASES for line in case["text"].splitlines()] + ["", "> ", "hello", "--", "##- x -##", ":"]
)


@given(st.lists(LINES, max_size=30), st.sampled_from(["", "Re: x", "Fwd: x"]))
def test_a_reply_is_never_empty_and_made_of_lines_of_the_text(lines: list[str], subject: str) -> None:
    text = "\n".join(lines)
    kept = reply(text, OWN, subject)
    assert bool(kept) == bool(text.strip())
    remaining = iter(line.strip() for line in text.strip().splitlines())
    assert all(line.strip() in remaining for line in kept.splitlines() if line.strip())


@given(st.text(max_size=2000))
def test_any_text_is_taken(text: str) -> None:
    assert bool(reply(text)) == bool(text.strip())
