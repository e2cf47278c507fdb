"""Training gives the same bytes from the same phrases; a missing or outdated model is built once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from intents import model, models, phrases
from intents import train as training
from intents.classifier import Classifier
from intents.features import shape
from intents.model import Shared
from intents.phrases import LABELS, Phrase, languages, of_language


@pytest.fixture(scope="module")
def few() -> list[Phrase]:
    """A tenth of the English phrases, all labels among them."""
    return of_language("en")[::10]


@pytest.fixture(scope="module")
def small(few: list[Phrase]) -> Classifier:
    return training.classify(few)


def scores(read: Classifier, text: str) -> list[float]:
    return [float(score) for score in read.read([shape(text)])[0]]


def test_the_same_phrases_train_to_the_same_bytes(few: list[Phrase], small: Classifier, tmp_path: Path) -> None:
    small.save(tmp_path / "one.npz")
    training.classify(few).save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_saved_model_reads_as_the_trained_one(small: Classifier, tmp_path: Path) -> None:
    small.save(tmp_path / "en.npz")
    assert scores(Classifier.open(tmp_path / "en.npz"), "delete my data") == scores(small, "delete my data")


def test_a_model_never_holds_objects(small: Classifier, tmp_path: Path) -> None:
    small.save(tmp_path / "en.npz")
    with np.load(tmp_path / "en.npz", allow_pickle=False) as arrays:
        assert {arrays[name].dtype.kind for name in arrays.files} <= {"f", "u"}


def test_a_small_model_learns(small: Classifier) -> None:
    assert LABELS[int(np.argmax(scores(small, "please delete all my personal data")))] == "deletion"


def test_a_text_is_read_alike_alone_and_among_others(small: Classifier) -> None:
    texts = ["delete my data", "\u30c7\u30fc\u30bf\u3092\u6d88\u3057\u3066", "", "who has it?\nand why", "stop"]
    for row, text in zip(small.read([shape(text) for text in texts]), texts, strict=True):
        assert np.allclose(row, small.read([shape(text)])[0], atol=1e-4)


def quick(small: Classifier, trained: list[str] | None = None) -> Callable[[Sequence[str]], dict[str, Classifier]]:
    def make(asked: Sequence[str]) -> dict[str, Classifier]:
        if trained is not None:
            trained.extend(asked)
        return dict.fromkeys(asked, small)

    return make


def test_a_missing_model_is_built_and_an_old_one_replaced(
    monkeypatch: pytest.MonkeyPatch, small: Classifier, tmp_path: Path
) -> None:
    monkeypatch.setattr(training, "train", quick(small))
    (tmp_path / "older").mkdir()
    models.load(tmp_path, build=training.build)["en"].classifier.read(["hello"])
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [model.stamp()]
    assert {path.stem for path in (tmp_path / model.stamp()).iterdir()} == set(languages())


def test_a_built_model_is_not_built_again(monkeypatch: pytest.MonkeyPatch, small: Classifier, tmp_path: Path) -> None:
    trained: list[str] = []
    monkeypatch.setattr(training, "train", quick(small, trained))
    training.build(tmp_path, model.stamp())
    training.build(tmp_path, model.stamp())
    assert trained == list(languages())


def test_two_that_start_together_build_once(monkeypatch: pytest.MonkeyPatch, small: Classifier, tmp_path: Path) -> None:
    trained: list[str] = []
    monkeypatch.setattr(training, "train", quick(small, trained))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(training.build, [tmp_path, tmp_path], ["made", "made"])
    assert first == second
    assert trained == list(languages())


def test_a_folder_that_cannot_be_made_gives_way_to_the_other(
    monkeypatch: pytest.MonkeyPatch, small: Classifier, tmp_path: Path
) -> None:
    monkeypatch.setattr(training, "train", quick(small))
    (tmp_path / "file").write_text("")
    models.load(tmp_path / "file" / "model", tmp_path / "data", training.build)
    assert (tmp_path / "data" / model.stamp()).is_dir()


def test_no_folder_at_all_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(models.ModelError):
        models.load(tmp_path / "file" / "model")


def test_a_changed_phrase_changes_the_stamp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    voice = tmp_path / "voice1.yml"
    voice.write_bytes(phrases.files("en")[0].read_bytes())
    monkeypatch.setattr(model, "files", lambda language: [voice])
    before = model.stamp()
    with voice.open("a") as file:
        file.write("    - one more\n")
    assert model.stamp() != before


def test_the_shared_part_is_whole_and_knows_every_language() -> None:
    shared = Shared.open()
    assert set(languages()) <= set(shared.taught)
    assert 0.3 <= shared.limits.join <= 0.65
    assert shared.network.read(["", "delete my data"]).shape == (2, len(LABELS))


def test_nothing_but_training_needs_scikit_learn() -> None:
    room = Path(model.__file__).parent
    users = [path.name for path in sorted(room.glob("*.py")) if "sklearn" in path.read_text(encoding="utf-8")]
    assert users == ["judging.py", "train.py"]
    assert os.access(room / "data", os.R_OK)
