"""`privacydesk intents`: the report, and phrases there and back in Rasa's format."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from intents import phrases
from wiring import phrasing
from wiring.plainly import BadInput

NLU = 'version: "3.1"\nnlu:\n- intent: deletion\n  examples: |\n    - Bitte alles l\u00f6schen\n    - weg damit\n'


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    (tmp_path / "data" / "de").mkdir(parents=True)
    (tmp_path / "data" / "de" / "first.yml").write_text(NLU.replace("    - weg damit\n", ""), encoding="utf-8")
    monkeypatch.setattr(phrases, "DATA", tmp_path / "data")
    phrases.languages.cache_clear()
    return tmp_path


@pytest.fixture(autouse=True)
def _languages_are_read_anew() -> Iterator[None]:
    yield
    phrases.languages.cache_clear()


def test_phrases_of_another_writer_are_added_and_known_ones_stay_out(data: Path) -> None:
    file = data / "second.yml"
    file.write_text(NLU, encoding="utf-8")
    out = io.StringIO()
    assert phrasing.bring_in(file, "de", out) == 0
    assert out.getvalue().startswith("1 phrases added, 1 were known.")
    assert [phrase.text for phrase in phrases.of_language("de")] == ["Bitte alles l\u00f6schen", "weg damit"]


def test_an_export_reads_back_as_it_was(data: Path) -> None:
    out = io.StringIO()
    phrasing.export("de", out)
    (data / "back.yml").write_text(out.getvalue(), encoding="utf-8")
    assert phrases.read(data / "back.yml") == phrases.of_language("de")


@pytest.mark.parametrize(
    ("content", "language"), [("nonsense", "de"), (NLU, "../x"), (NLU.replace("deletion", "x"), "de")]
)
def test_a_file_that_cannot_be_used_changes_nothing(data: Path, content: str, language: str) -> None:
    file = data / "second.yml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput):
        phrasing.bring_in(file, language, io.StringIO())
    assert [path.name for path in phrases.files("de")] == ["first.yml"]


def test_a_second_file_of_one_name_is_refused(data: Path) -> None:
    file = data / "first.yml"
    file.write_text(NLU, encoding="utf-8")
    with pytest.raises(BadInput, match="another name"):
        phrasing.bring_in(file, "de", io.StringIO())


def test_a_language_without_phrases_cannot_be_exported(data: Path) -> None:
    with pytest.raises(BadInput, match="de"):
        phrasing.export("xx", io.StringIO())


def test_the_report_names_the_folder_it_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no file"):
        phrasing.test(tmp_path, io.StringIO())


def test_the_report_is_printed_for_a_folder_of_cases(tmp_path: Path) -> None:
    (tmp_path / "en.jsonl").write_text(json.dumps({"text": "please delete all my data", "labels": ["deletion"]}) + "\n")
    out = io.StringIO()
    phrasing.test(tmp_path, out)
    assert "exact label set 100.0%" in out.getvalue()
