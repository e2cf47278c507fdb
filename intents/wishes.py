"""What one message asks for: the labels chosen from the confidences, and how sure that choice is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from intents.classifier import Floats
from intents.clauses import Parts
from intents.evidence import WISHES, Evidence, gather
from intents.model import Limits, Model
from intents.phrases import LABELS, RIGHTS

LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Wish:
    """What a message asks for: confidence by label, the labels, and whether no label is in doubt."""

    confidences: Floats
    labels: tuple[str, ...]
    sure: bool
    clauses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Each sentence that asks for something by itself, with its labels."""

    def saying(self, label: str) -> tuple[str, ...]:
        """The sentences that ask for this label; all where none does so alone."""
        found = tuple(clause for clause, labels in self.clauses if label in labels)
        return found or tuple(clause for clause, _ in self.clauses)


def certain(*labels: str) -> Wish:
    """A wish that leaves no doubt, for a keyword or a rule."""
    confidences = np.array([label in labels for label in LABELS], dtype=np.float32)
    return Wish(confidences, tuple(sorted(set(labels))), True)


def torn(likelier: str, other: str) -> Wish:
    """Two readings nobody can choose between."""
    confidences = np.zeros(len(LABELS), dtype=np.float32)
    confidences[LABELS.index(likelier)], confidences[LABELS.index(other)] = 0.46, 0.41
    return Wish(confidences, (likelier,), False)


def believed(wish: Wish, sure: bool) -> Wish:
    """The same wish, taken for sure or not whatever the confidences say."""
    return replace(wish, sure=sure)


def read(model: Model, parts: Parts) -> Wish:
    """What the message of these parts asks for."""
    evidence = gather(model.classifier, model.network, parts)
    found = model.judge.confidences(evidence)
    return Wish(found, choose(found, model.limits.join), certainly(found, model.limits), _speaking(parts, evidence))


def choose(confidences: Floats, join: float) -> tuple[str, ...]:
    """The labels, sorted: the best one where it is likelier than not, with all others from `join`."""
    wishes = confidences[WISHES]
    if wishes.max() < LIKELY:
        return ("out_of_scope",)
    return tuple(sorted(LABELS[at] for at in WISHES[wishes >= min(join, float(wishes.max()))]))


def certainly(confidences: Floats, limits: Limits) -> bool:
    """Whether each right is either likely enough to be acted on or unlikely enough to be left alone.

    The other labels are answered or confirmed, which does no harm where it was not meant.
    """
    rights = confidences[: len(RIGHTS)]
    return bool(np.all((rights >= limits.wish) | (rights <= 1.0 - limits.business)))


def _speaking(parts: Parts, evidence: Evidence) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The sentences whose own best label is a wish, with all labels that are likelier than not; all where none is."""
    told = []
    for sentence, scores in zip(parts.sentences, evidence.sentences, strict=True):
        best = int(np.argmax(scores))
        asked = [at for at in WISHES if at == best or scores[at] > 0]
        told.append((sentence, tuple(LABELS[at] for at in asked)))
    asking = tuple((sentence, labels) for sentence, labels in told if labels)
    return asking or tuple((sentence, ()) for sentence in parts.sentences)
