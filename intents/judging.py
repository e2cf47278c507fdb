"""What weighs the readings, learned from messages of writers that no reader had seen. Used by `intents.teach` alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from intents import evidence, wishes
from intents.classifier import Bools, Floats
from intents.evidence import OUT_OF_SCOPE, WISHES, Evidence, Judge
from intents.model import Limits
from intents.phrases import LABELS, RIGHTS

STRENGTH = 0.5
"""Inverse regularisation."""
MISSED = 0.085
"""Share of messages with a right, of a writer not seen, that may be left alone without asking. A third of that
writer's messages were to avoid the obvious words; of the frozen messages 1.5 % are missed at the limit this gives."""
FALSE = 0.026
"""Share of business messages of that writer that may be taken for a right without asking; half look like one."""
SMALLEST, LARGEST = 0.6, 0.95


@dataclass(frozen=True, slots=True)
class Unseen:
    """Messages as read by readers that had not seen their writer, and the labels they carry (a row each)."""

    evidence: list[Evidence]
    targets: Bools


def together(parts: Sequence[Unseen]) -> Unseen:
    """All messages of several."""
    return Unseen([one for part in parts for one in part.evidence], np.concatenate([part.targets for part in parts]))


def targets_of(labels: Sequence[Sequence[str]]) -> Bools:
    """A row per text, a column per label."""
    return np.array([[label in one for label in LABELS] for one in labels], dtype=np.bool_)


def judge_of(told: Unseen) -> Judge:
    """What weighs the readings, the same for all languages: each gives few messages of some kinds."""
    weights = np.zeros((evidence.REGIMES, evidence.MARKS + 1), dtype=np.float32)
    for regime in range(evidence.REGIMES):
        mine = [at for at, one in enumerate(told.evidence) if one.regime == regime]
        if mine:
            marks = np.concatenate([told.evidence[at].labels[WISHES] for at in mine])
            weights[regime] = _weights(marks, told.targets[mine][:, WISHES].ravel())
    return Judge(weights)


def _weights(rows: Floats, targets: Bools) -> Floats:
    """The regression's weights for rows as they are, its last number the bias."""
    if targets.all() or not targets.any():
        return np.append(np.zeros(rows.shape[1]), 4.0 if targets.all() else -4.0).astype(np.float32)
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    fitted = LogisticRegression(C=STRENGTH, max_iter=1000).fit((rows - middle) / spread, targets)
    weights = fitted.coef_[0] / spread
    return np.append(weights, fitted.intercept_[0] - weights @ middle).astype(np.float32)


def limits_of(told: Unseen, judge: Judge) -> Limits:
    """Where most label sets are right, few rights are missed without asking, and little business is taken for one."""
    read = [judge.confidences(one) for one in told.evidence]
    steps = [float(step) for step in np.arange(0.40, 0.66, 0.05)]
    join = max(steps, key=lambda step: _right(read, told.targets, step))
    rights = np.array([one[: len(RIGHTS)].max() for one in read])
    business, with_right = told.targets[:, OUT_OF_SCOPE], told.targets[:, : len(RIGHTS)].any(axis=1)
    return Limits(join, wish=_limit(rights[business], FALSE), business=_limit(1.0 - rights[with_right], MISSED))


def _limit(wrong: NDArray[np.float64] | Floats, allowed: float) -> float:
    """What no more than the allowed share reaches."""
    return min(max(float(np.quantile(wrong, 1.0 - allowed)), SMALLEST), LARGEST)


def _right(read: Sequence[Floats], targets: Bools, join: float) -> float:
    gold = [tuple(sorted(LABELS[at] for at in np.flatnonzero(row))) for row in targets]
    return float(np.mean([wishes.choose(one, join) == labels for one, labels in zip(read, gold, strict=True)]))
