"""How strongly a message asks for each label: the whole, its sentences and its pieces, weighed together.

Two readers of different schooling look at every part: the classifier of the language, which knows words, and the
network of all languages, which knows their order. A short clear message is what its whole text says. Where several
sentences or joined pieces stand, the whole blurs and a part by itself misleads; how much each counts is learned from
messages of writers that neither reader had seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intents import features
from intents.classifier import BOUND, Classifier, Floats
from intents.clauses import Parts
from intents.network import Network
from intents.phrases import LABELS

OUT_OF_SCOPE = LABELS.index("out_of_scope")
WISHES = np.array([at for at in range(len(LABELS)) if at != OUT_OF_SCOPE])
REGIMES = 4
"""Kinds of messages that are weighed differently: one sentence, one joined sentence, two to four sentences, more."""
FEW = 4
MARKS = 22
"""Features of one label."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the readers say of one message."""

    regime: int
    sentences: Floats
    """The readers' mean scores of the sentences, a row of LABELS each."""
    labels: Floats
    """A row of MARKS features for each of LABELS."""


def gather(classifier: Classifier, network: Network | None, parts: Parts) -> Evidence:
    """Let both readers read the parts of a message, all at once; without a network the classifier counts twice.

    Pieces are for the classifier alone: the network knows the order of words and needs no cut, and costs more.
    """
    alone = parts.sentences == (parts.whole,)
    texts = [parts.whole, *(() if alone else parts.sentences), *(piece for joined in parts.pieces for piece in joined)]
    shaped = [features.shape(text) for text in texts]
    first, until = (0, 1) if alone else (1, len(parts.sentences) + 1)
    words = classifier.read(shaped)
    order = np.clip(network.read(shaped[:until]), -BOUND, BOUND) if network else words
    joined = len(texts) > until
    regime = int(joined) if len(parts.sentences) == 1 else 2 if len(parts.sentences) <= FEW else 3
    lead, order_lead = _leads(words), _leads(order)
    rows = slice(until, None) if joined else slice(first, until)
    marks = [*_strongest(words[:1], lead[:1]), *_strongest(words[first:until], lead[first:until])]
    marks += [*_strongest(words[rows], lead[rows])]
    marks += [*_strongest(order[:1], order_lead[:1]), *_strongest(order[first:until], order_lead[first:until])]
    marks += [np.full(len(LABELS), np.log(count)) for count in (until - first, len(words[rows]))]
    sentences = np.asarray((words[first:until] + order[first:until]) / 2, dtype=np.float32)
    return Evidence(regime, sentences, np.array(marks, dtype=np.float32).T)


_COLUMNS = np.arange(len(LABELS))


def _strongest(scores: Floats, leads: Floats) -> list[Floats]:
    """For each label, of the part that asks for it most: score, lead, how many lead, and business."""
    if len(scores) == 1:
        return [scores[0], leads[0], leads[0] > 0, np.full(len(LABELS), scores[0, OUT_OF_SCOPE])]
    at = scores.argmax(axis=0)
    return [scores[at, _COLUMNS], leads[at, _COLUMNS], (leads > 0).sum(axis=0), scores[at, OUT_OF_SCOPE]]


def _leads(scores: Floats) -> Floats:
    """By how much each label is ahead of the best other one."""
    top = np.partition(scores, -2, axis=1)[:, -2:]
    best = np.where(scores == top[:, 1:], top[:, :1], top[:, 1:])
    return np.asarray(scores - best, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Judge:
    """A logistic regression for each regime: is this label asked for?"""

    weights: NDArray[np.float32]
    """REGIMES x (MARKS + 1), the last number the bias."""

    def confidences(self, evidence: Evidence) -> Floats:
        """How likely each of LABELS is asked for, 0 to 1; out_of_scope is how likely not even the likeliest is."""
        weights = self.weights[evidence.regime]
        score = evidence.labels @ weights[:-1] + weights[-1]
        found = np.asarray(1.0 / (1.0 + np.exp(-score)), dtype=np.float32)
        found[OUT_OF_SCOPE] = 1.0 - found[WISHES].max()
        return found
