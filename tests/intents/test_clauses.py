"""Where a message is cut into clauses, at a cost that grows with its length alone."""

from __future__ import annotations

import pytest

from intents.clauses import split
from tests.channels.limits import run_within_limits


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("delete my data \u2013 and  -  tell me", ["delete my data", "and", "tell me"]),
        ("my data:\n - name\n - phone-number", ["my data:", "name", "phone-number"]),
        ("a well-known address -5", ["a well-known address -5"]),
        ("stop\t\u2014\u3000now. yes", ["stop", "now.", "yes"]),
    ],
)
def test_a_dash_between_spaces_parts_clauses(text: str, clauses: list[str]) -> None:
    assert split(text) == clauses


@pytest.mark.parametrize("space", [" ", "\t", "\u3000", " \t"])
def test_a_long_gap_costs_no_more_than_its_length(space: str) -> None:
    text = f"'a' + {space!r} * 200_000 + 'b,' + {space!r} * 200_000 + 'c'"
    assert run_within_limits(f"from intents.clauses import split; print(len(split({text})))") == "1"
