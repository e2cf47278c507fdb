"""Dates worked out by hand from the laws' words and a wall calendar, against what the code says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from law.clock import deadline_line
from law.regimes import Regimes

REGIMES = Regimes.load()


def _cases() -> list[dict[str, str]]:
    with (Path(__file__).parent / "cases.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _longer(extension: object) -> str:
    """The last day of an extension, `open` where the law only asks for a reasonable time, nothing where none exists."""
    return str(extension["due_on"] or "open") if isinstance(extension, dict) else ""


@pytest.mark.parametrize(
    "case", _cases(), ids=lambda case: f"{case['right']}-{case['country']}-{case['received'][:16]}"
)
def test_a_case_worked_out_by_hand(case: dict[str, str]) -> None:
    found = deadline_line(REGIMES, case["right"], case["country"], case["received"], "Asia/Tokyo")
    said = {
        "due_on": found["due_on"],
        "target_on": found["target_on"],
        "statutory": "yes" if found["statutory"] else "no",
        "longer": _longer(found["extension"]),
    }
    assert said == {name: case[name] for name in said}, case["why"]


def test_the_cases_reach_every_regime() -> None:
    places = {case["country"] for case in _cases() if case["country"]}
    reached = {REGIMES.regime_for(*place.partition("-")[::2]).id for place in places}
    assert reached == REGIMES.by_id.keys()
