from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from intents import classifier, model, phrases
from intents import train as training
from intents.phrases import DATA, LABELS, LANGUAGES, BadPhrases, Phrase, read


@pytest.fixture(scope="module")
def few() -> list[Phrase]:
    """A tenth of the English phrases, all labels among them."""
    return read(DATA / "en.yml")[::10]


def test_the_same_phrases_train_to_the_same_bytes(few: list[Phrase], tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        training.train(few).save(tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_saved_model_reads_as_the_trained_one(few: list[Phrase], tmp_path: Path) -> None:
    trained = training.train(few)
    trained.save(tmp_path / "en.npz")
    opened = classifier.Model.open(tmp_path / "en.npz")
    assert np.array_equal(trained.confidences("delete my data"), opened.confidences("delete my data"))


def test_a_model_never_holds_objects(few: list[Phrase], tmp_path: Path) -> None:
    training.train(few).save(tmp_path / "en.npz")
    with np.load(tmp_path / "en.npz", allow_pickle=False) as arrays:
        assert {arrays[name].dtype.kind for name in arrays.files} <= {"f", "u"}


def test_a_small_model_learns(few: list[Phrase]) -> None:
    confidences = training.train(few).confidences("please delete all my personal data")
    assert LABELS[int(np.argmax(confidences))] == "deletion"


@pytest.fixture
def quick_training(monkeypatch: pytest.MonkeyPatch, few: list[Phrase]) -> None:
    small = training.train(few[::3])
    monkeypatch.setattr(training, "train_file", lambda path: small)


@pytest.mark.usefixtures("quick_training")
def test_a_missing_model_is_built_and_an_old_one_replaced(tmp_path: Path) -> None:
    (tmp_path / "older").mkdir()
    model.load(tmp_path)["en"].confidences("hello")
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [classifier.stamp()]
    assert {path.stem for path in (tmp_path / classifier.stamp()).iterdir()} == set(LANGUAGES)


@pytest.mark.usefixtures("quick_training")
def test_a_built_model_is_not_built_again(tmp_path: Path) -> None:
    built = training.build(tmp_path, classifier.stamp())
    before = {path.name: path.stat().st_mtime_ns for path in built.iterdir()}
    training.build(tmp_path, classifier.stamp())
    assert {path.name: path.stat().st_mtime_ns for path in built.iterdir()} == before


def test_two_that_start_together_build_once(monkeypatch: pytest.MonkeyPatch, few: list[Phrase], tmp_path: Path) -> None:
    small = training.train(few[::3])
    trained: list[str] = []

    def note(path: Path) -> classifier.Model:
        trained.append(path.stem)
        return small

    monkeypatch.setattr(training, "train_file", note)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(training.build, [tmp_path, tmp_path], ["made", "made"])
    assert first == second
    assert sorted(trained) == sorted(LANGUAGES)


@pytest.mark.usefixtures("quick_training")
def test_a_folder_that_cannot_be_made_gives_way_to_the_other(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    model.load(tmp_path / "file" / "model", fallback=tmp_path / "data")["en"].confidences("hello")
    assert (tmp_path / "data" / classifier.stamp()).is_dir()


def test_no_folder_at_all_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(model.ModelError):
        model.load(tmp_path / "file" / "model")


def test_a_changed_phrase_changes_the_stamp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for language in LANGUAGES:
        (tmp_path / f"{language}.yml").write_bytes((DATA / f"{language}.yml").read_bytes())
    monkeypatch.setattr(classifier, "DATA", tmp_path)
    before = classifier.stamp()
    with (tmp_path / "en.yml").open("a") as file:
        file.write("    - one more\n")
    assert classifier.stamp() != before


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_file_is_well_formed_and_says_nothing_twice(language: str) -> None:
    found = read(DATA / f"{language}.yml")
    assert len(found) > 3_000
    assert len({phrase.text for phrase in found}) == len(found)
    assert all(phrase.intents == ("out_of_scope",) or "out_of_scope" not in phrase.intents for phrase in found)


def test_an_unknown_intent_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "en.yml"
    path.write_text('version: "3.1"\nnlu:\n- intent: dance\n  examples: |\n    - let us\n')
    with pytest.raises(BadPhrases, match="dance"):
        phrases.read(path)


def test_nothing_but_training_needs_scikit_learn() -> None:
    room = Path(model.__file__).parent
    users = [path.name for path in room.glob("*.py") if "sklearn" in path.read_text(encoding="utf-8")]
    assert users == ["train.py"]
    assert os.access(room / "data", os.R_OK)
