"""Train the classifiers: TF-IDF over hashed words and characters, logistic regressions for each label.

`python -m intents.train [FOLDER]` builds all languages (`make model`). Nothing here is used by the running system
once a model exists. The same phrases give the same bytes: no randomness but one fixed seed.
"""

from __future__ import annotations

import fcntl
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.linear_model import LogisticRegression

from intents import classifier, features, phrases
from intents.classifier import Bools, Classifier
from intents.lessons import lessons
from intents.model import stamp
from intents.phrases import LABELS, Phrase

SEED = 20261208
WORKERS = 2
STRENGTH = 30.0
STRENGTH_SCALED = 10.0
"""Inverse regularisation of the two regressions; measured on writers left out, flat from 10 to 100."""


def classify(examples: Sequence[Phrase]) -> Classifier:
    """A classifier of these phrases."""
    learned = lessons(examples)
    shaped = [features.shape(text) for text, _ in learned]
    words, characters = features.word_features(shaped), features.character_features(shaped)
    blocks = (_block(words, len(shaped), 1.0), _block(characters, len(shaped), classifier.CHARACTERS))
    tables = [_table(*one, len(shaped)) for one in zip(blocks, (words, characters), strict=True)]
    table = hstack(tables).tocsr()
    targets = np.array([[label in labels for label in LABELS] for _, labels in learned], dtype=np.bool_)
    fitted = [_regression(table, targets[:, column]) for column in range(len(LABELS))]
    weights = np.ascontiguousarray(np.stack([weight for weight, _ in fitted], axis=1), dtype=np.float16)
    return Classifier(*blocks, weights, np.array([bias for _, bias in fitted], dtype=np.float32))


def _block(grams: features.Grams, texts: int, weight: float) -> classifier.Block:
    hashes, seen = np.unique(grams.hashes, return_counts=True)
    return classifier.Block(hashes, (np.log((1 + texts) / (1 + seen)) + 1.0).astype(np.float32), weight)


def _table(block: classifier.Block, grams: features.Grams, texts: int) -> csr_matrix:
    rows, where, weights = block.weigh(grams, texts)
    return csr_matrix((weights.astype(np.float64), (rows, where)), shape=(texts, len(block.hashes)))


def _regression(table: csr_matrix, target: Bools) -> tuple[NDArray[np.float64], float]:
    """The mean of two regressions, which read unseen phrases 1 to 2 points better than either.

    The second one sees each feature scaled by how much more often it comes with the label than without
    (Wang and Manning 2012, "Baselines and Bigrams"); both are linear, so their mean is one row of weights.
    """
    if target.all() or not target.any():
        return np.zeros(table.shape[1]), 8.0 if target.all() else -8.0
    scale = _telling(table, target)
    plain, plain_bias = _logistic(table, target, STRENGTH)
    scaled, scaled_bias = _logistic(table @ diags(scale), target, STRENGTH_SCALED)
    return (plain + scaled * scale) / 2, (plain_bias + scaled_bias) / 2


def _logistic(table: csr_matrix, target: Bools, strength: float) -> tuple[NDArray[np.float64], float]:
    fitted = LogisticRegression(C=strength, solver="liblinear", dual=True, tol=0.05, random_state=SEED, max_iter=400)
    fitted.fit(table, target)
    return fitted.coef_[0], float(fitted.intercept_[0])


def _telling(table: csr_matrix, target: Bools) -> NDArray[np.float64]:
    present = (table > 0).astype(np.float64)
    with_label = np.asarray(present[target].sum(axis=0)).ravel() + 1.0
    without = np.asarray(present[~target].sum(axis=0)).ravel() + 1.0
    ratio: NDArray[np.float64] = np.log((with_label / with_label.sum()) / (without / without.sum()))
    return np.abs(ratio) + 0.3


def _of_language(language: str) -> Classifier:
    return classify(phrases.of_language(language))


def train(languages: Sequence[str]) -> dict[str, Classifier]:
    """The classifiers of these languages; two are made at once."""
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        return dict(zip(languages, pool.map(_of_language, languages), strict=True))


def build(place: Path, name: str) -> Path:
    """Train all languages into `place / name` unless it is there, and drop older models. Returns that folder.

    Under a lock, into a temporary folder that is then renamed: of two processes one builds and both find it whole.
    """
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / name).is_dir():
            _train_into(place, place / name)
    return place / name


def _train_into(place: Path, built: Path) -> None:
    older = [path for path in place.iterdir() if path.is_dir()]
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=place))
    for language, made in train(phrases.languages()).items():
        made.save(making / f"{language}.npz")
    making.chmod(0o755)
    making.rename(built)
    for path in older:
        shutil.rmtree(path, ignore_errors=True)


def main(arguments: Sequence[str]) -> int:
    """Build every language into the folder given, or beside the package. Returns the exit code."""
    started = time.monotonic()
    built = build(Path(arguments[0]) if arguments else Path(__file__).parent / "model", stamp())
    size = sum(path.stat().st_size for path in built.iterdir())
    sys.stdout.write(f"{built.name}: {size / 1e6:.1f} MB in {time.monotonic() - started:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
