"""The figures say what they say: exact sets, missed rights, false tickets, calibration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intents import Reader, report
from intents.report import Answer, BadCases, Case, Report
from intents.understanding import Reading

NOTHING = ("out_of_scope",)


def case(*labels: str, language: str = "en", kind: str = "chat") -> Case:
    return Case("text", language, labels, kind)


def made(*pairs: tuple[Case, Answer]) -> Report:
    return Report(pairs, 1.0)


def test_a_set_with_one_label_too_many_is_not_exact() -> None:
    right, wrong = Answer(("access",)), Answer(("access", "deletion"))
    assert made((case("access"), right), (case("access"), wrong)).exact() == 0.5


def test_a_right_is_missed_only_where_nobody_asks_back() -> None:
    silent, asking = Answer(NOTHING), Answer(NOTHING, sure=False)
    found = made((case("deletion"), silent), (case("deletion"), asking), (case("status"), silent))
    assert found.missed() == 0.5
    assert found.asked_back() == pytest.approx(1 / 3)


def test_a_false_ticket_is_a_sure_right_in_a_message_without_a_wish() -> None:
    sure, asking, harmless = Answer(("deletion",)), Answer(("deletion",), sure=False), Answer(("status",))
    assert (
        made(*((case(*NOTHING), answer) for answer in (sure, asking, harmless, Answer(NOTHING)))).false_tickets()
        == 0.25
    )


def test_calibration_compares_what_was_said_with_what_was_right() -> None:
    said = Answer(("access",), readings=(Reading("access", 0.9),))
    assert made((case("access"), said), (case("deletion"), said)).calibration_error() == pytest.approx(0.4)


def test_a_report_is_split_by_language_and_by_difficulty() -> None:
    found = made((case("access", language="ja"), Answer(("access",))), (case("access", kind="mail"), Answer(NOTHING)))
    assert {name: part.exact() for name, part in found.by(lambda one: one.language).items()} == {"ja": 1.0, "en": 0.0}
    assert set(found.by(lambda one: one.kind)) == {"chat", "mail"}


@pytest.mark.parametrize("line", ["nonsense", '{"text": "x"}', "[]"])
def test_a_bad_case_is_named_by_file_and_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "en.jsonl").write_text(json.dumps({"text": "x", "labels": ["access"]}) + "\n" + line + "\n")
    with pytest.raises(BadCases, match="line 2"):
        report.cases_in(tmp_path)


def test_a_folder_without_cases_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(BadCases, match="no file"):
        report.cases_in(tmp_path)


def test_the_frozen_messages_are_understood_at_least_as_well_as_promised(reader: Reader) -> None:
    """The floor below the published figures, so that a change that costs much is seen."""
    folder = Path(__file__).parents[1] / "understanding"
    found = Report.of(report.cases_in(folder), report.reading(reader))
    assert found.exact() >= 0.86
    assert min(part.exact() for part in found.by(lambda one: one.language).values()) >= 0.80
    assert found.missed() < 0.02
    assert found.calibration_error() < 0.05
