"""Train the classifier: TF-IDF over hashed words and characters, logistic regressions for each label.

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
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.linear_model import LogisticRegression

from intents import classifier, features
from intents.phrases import DATA, LABELS, LANGUAGES, Phrase, read

SEED = 20261208
FOLDS = 4
STRENGTH = 30.0
STRENGTH_SCALED = 10.0
"""Inverse regularisation of the two regressions; measured on phrases left out, flat from 10 to 100."""
WRONG_AMONG_SURE = 0.15
"""Share of sure readings that may be wrong on phrases the model has not seen."""
SEVERAL_COUNT = 0.2
"""How much messages that ask for several things weigh in `join`; they are rare among the phrases, not in mails."""
WORD_SEEN = 2
"""A word seen once teaches the model a name, not a wish."""
OUT_OF_SCOPE = LABELS.index("out_of_scope")

Found = list[classifier.Found]
Bools = classifier.Bools


def train_file(path: Path) -> classifier.Model:
    """The model of one phrase file."""
    return train(read(path))


def train(phrases: Sequence[Phrase]) -> classifier.Model:
    """A model of all phrases, its limits found on folds that were left out."""
    targets = targets_of(phrases)
    shaped = [features.shape(phrase.text) for phrase in phrases]
    words = [features.word_features(text) for text in shaped]
    characters = [features.character_features(text) for text in shaped]
    unseen = np.zeros(targets.shape, dtype=np.float32)
    for fold in range(FOLDS):
        left_out = np.arange(len(phrases)) % FOLDS == fold
        part = _fit(_pick(words, ~left_out), _pick(characters, ~left_out), targets[~left_out], classifier.NO_LIMITS)
        for at in np.flatnonzero(left_out):
            unseen[at] = part.confidences_of(words[at], characters[at])
    return _fit(words, characters, targets, calibrate(unseen, targets))


def targets_of(phrases: Sequence[Phrase]) -> Bools:
    """Which labels each phrase carries, a row per phrase, a column per label."""
    return np.array([[label in phrase.intents for label in LABELS] for phrase in phrases], dtype=np.bool_)


def calibrate(unseen: classifier.Floats, targets: Bools) -> classifier.Floats:
    """(join, sure) from the confidences of phrases that were left out.

    join: a second label counts from here, where most whole label sets are right.
    sure: the best label is taken without asking from here, where few of those taken are wrong.
    """
    steps = np.arange(0.20, 0.71, 0.05)
    best = max(range(len(steps)), key=lambda at: _worth(unseen, targets, float(steps[at])))
    right = np.all(decide(unseen, steps[best]) == targets, axis=1)
    top = unseen.max(axis=1)
    levels = [level for level in np.arange(0.50, 0.91, 0.02) if _wrong(right[top >= level]) <= WRONG_AMONG_SURE]
    return np.array([steps[best], levels[0] if levels else 0.9], dtype=np.float32)


def _worth(unseen: classifier.Floats, targets: Bools, join: float) -> float:
    right = np.all(decide(unseen, join) == targets, axis=1)
    several = targets.sum(axis=1) > 1
    return float(right.mean() + SEVERAL_COUNT * (right[several].mean() if several.any() else 0.0))


def _wrong(right: Bools) -> float:
    return 1.0 - float(right.mean()) if len(right) else 0.0


def decide(confidences: classifier.Floats, join: float) -> Bools:
    """Label sets of many texts: the best label and all others from `join`; out_of_scope stands alone."""
    best = np.eye(len(LABELS), dtype=np.bool_)[np.argmax(confidences, axis=1)]
    chosen: Bools = best | (confidences >= join)
    chosen[:, OUT_OF_SCOPE] = False
    return np.where(best[:, [OUT_OF_SCOPE]], best, chosen)


def _pick(found: Found, rows: Bools) -> Found:
    return [found[at] for at in np.flatnonzero(rows)]


def _fit(words: Found, characters: Found, targets: Bools, limits: classifier.Floats) -> classifier.Model:
    blocks = (_block(words, WORD_SEEN), _block(characters, 1))
    table = hstack([_table(blocks[0], words), _table(blocks[1], characters)]).tocsr()
    fitted = [_regression(table, targets[:, column]) for column in range(len(LABELS))]
    weights = np.ascontiguousarray(np.stack([weight for weight, _ in fitted], axis=1), dtype=np.float32)
    return classifier.Model(*blocks, weights, np.array([bias for _, bias in fitted], dtype=np.float32), limits)


def _block(found: Found, seen: int) -> classifier.Block:
    hashes, texts = np.unique(np.concatenate([hashes for hashes, _ in found]), return_counts=True)
    hashes, texts = hashes[texts >= seen], texts[texts >= seen]
    return classifier.Block(hashes, (np.log((1 + len(found)) / (1 + texts)) + 1.0).astype(np.float32))


def _table(block: classifier.Block, found: Found) -> csr_matrix:
    weighed = [block.weigh(*one) for one in found]
    starts = np.concatenate(([0], np.cumsum([len(where) for where, _ in weighed])))
    columns = np.concatenate([where for where, _ in weighed])
    values = np.concatenate([values for _, values in weighed]).astype(np.float64)
    return csr_matrix((values, columns, starts), shape=(len(found), len(block.hashes)))


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
    for language in LANGUAGES:
        train_file(DATA / f"{language}.yml").save(making / f"{language}.npz")
    making.chmod(0o755)
    making.rename(built)
    for path in older:
        shutil.rmtree(path, ignore_errors=True)


def main(arguments: Sequence[str]) -> int:
    """Build every language into the folder given, or beside the package. Returns the exit code."""
    started = time.monotonic()
    built = build(Path(arguments[0]) if arguments else Path(__file__).parent / "model", classifier.stamp())
    size = sum(path.stat().st_size for path in built.iterdir())
    sys.stdout.write(f"{built.name}: {size / 1e6:.1f} MB in {time.monotonic() - started:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
