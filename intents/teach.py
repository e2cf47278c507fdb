"""Teach the network, and what weighs its readings: `python -m intents.teach` writes `data/network.npz`.

This is done by hand after the phrases have changed much (`make teach`, some twenty minutes) and its result is kept with
the phrases, so that nobody else needs torch. Each phrase file is one writer. What weighs the readings, and where a
choice is sure, is learned from writers that neither the network nor the classifier had seen: people write in their own
manner, and a tenth left out of each file would flatter.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from intents import features, judging, phrases, train
from intents.clauses import Cutter
from intents.evidence import Evidence, gather
from intents.lessons import lessons
from intents.model import Shared
from intents.network import FILE, ROWS, STRIDES, Network, runs
from intents.phrases import LABELS

SEED = 20261208
WIDTH, BREADTH = 64, 128
EPOCHS = 4
BATCH = 64
RATE, RATE_VECTORS = 1.5e-3, 4e-3
DROPPED = 0.3
FORGOTTEN = 0.15
"""Share of letter runs hidden while learning, so that no single one is relied upon; of words half as many."""
JOINED = 0.2
"""Share of lessons read together with another of their language: people ask for several things."""
LEFT_OUT = (1, 3)
"""Which writers are left out, one at a time, to learn how far readings can be trusted."""

Lesson = tuple[list[list[int]], tuple[bool, ...], str]


class Pupil(nn.Module):
    """The network of `intents.network` while it learns."""

    def __init__(self) -> None:
        super().__init__()
        self.vectors = nn.Embedding(ROWS + 1, WIDTH, padding_idx=0, sparse=True)
        nn.init.normal_(self.vectors.weight, 0.0, 0.1)
        self.vectors.weight.data[0] = 0.0
        self.enter = nn.Linear(WIDTH, BREADTH)
        self.looks = nn.ModuleList(
            nn.Conv1d(BREADTH, BREADTH, 3, padding=stride, dilation=stride) for stride in STRIDES
        )
        self.heed = nn.Linear(BREADTH, 1, bias=False)
        self.leave = nn.Linear(3 * BREADTH, len(LABELS))
        self.drop = nn.Dropout(DROPPED)

    def forward(self, rows: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Scores of a batch: rows [texts, words, runs], real [texts, words] says which words there are."""
        count = (rows > 0).sum(-1, keepdim=True).clamp(min=1).float()
        words = self.vectors(rows).sum(2) / count.sqrt()
        state = (functional.relu(self.enter(self.drop(words))) * real[..., None]).transpose(1, 2)
        there = real[:, None]
        for look in self.looks:
            state = (state + functional.relu(look(self.drop(state)))) * there
        heeded = self.heed(state.transpose(1, 2)).squeeze(-1).masked_fill(real == 0, -1e9).softmax(-1)
        weighed = (state * heeded[:, None]).sum(-1)
        strongest = state.masked_fill(there == 0, -1e9).amax(-1)
        mean = (state * there).sum(-1) / there.sum(-1)
        told: torch.Tensor = self.leave(self.drop(torch.cat([weighed, strongest, mean], 1)))
        return told

    def taught(self) -> Network:
        """What was learned, as plain arrays."""
        vectors = self.vectors.weight.detach().numpy()
        scale = np.maximum(np.abs(vectors).max(axis=1), 1e-6) / 127.0
        looks = [np.concatenate(look.weight.detach().numpy().transpose(2, 1, 0), axis=1) for look in self.looks]
        return Network(
            np.round(vectors / scale[:, None]).astype(np.int8),
            scale.astype(np.float16),
            self.enter.weight.detach().numpy().T.copy(),
            self.enter.bias.detach().numpy().copy(),
            np.stack(looks).astype(np.float32),
            np.stack([look.bias.detach().numpy() for look in self.looks]),
            self.heed.weight.detach().numpy()[0].copy(),
            self.leave.weight.detach().numpy().T.copy(),
            self.leave.bias.detach().numpy().copy(),
        )


def teach(writers: Sequence[int] | None = None) -> Network:
    """A network taught on these writers of every language, by default on all."""
    torch.manual_seed(SEED)
    chance = random.Random(SEED)  # noqa: S311 - an order, not a secret
    learned = list(_lessons(writers))
    partners: dict[str, list[Lesson]] = {}
    for lesson in learned:
        partners.setdefault(lesson[2], []).append(lesson)
    pupil = Pupil()
    sparse = torch.optim.SparseAdam(list(pupil.vectors.parameters()), lr=RATE_VECTORS)
    dense = [value for name, value in pupil.named_parameters() if not name.startswith("vectors.")]
    other = torch.optim.AdamW(dense, lr=RATE, weight_decay=0.02)
    steps, step = EPOCHS * (len(learned) // BATCH + 1), 0
    for epoch in range(EPOCHS):
        lost = 0.0
        for batch in _batches(learned, partners, chance):
            pace = max(0.05, 1 - step / steps)
            step += 1
            for optimiser, rate in ((sparse, RATE_VECTORS), (other, RATE)):
                optimiser.param_groups[0]["lr"] = rate * pace
            rows, real, targets = _tensors(batch)
            loss = functional.binary_cross_entropy_with_logits(pupil(rows, real), targets)
            sparse.zero_grad()
            other.zero_grad()
            loss.backward()
            sparse.step()
            other.step()
            lost += loss.item()
        sys.stdout.write(f"  epoch {epoch + 1} of {EPOCHS}: loss {lost * EPOCHS / steps:.4f}\n")
        sys.stdout.flush()
    return pupil.taught()


def _lessons(writers: Sequence[int] | None) -> Iterator[Lesson]:
    for language in phrases.languages():
        files = phrases.files(language)
        chosen = [files[at] for at in writers if at < len(files)] if writers is not None else files
        for text, labels in lessons(phrase for path in chosen for phrase in phrases.read(path)):
            yield runs(features.shape(text)), tuple(label in labels for label in LABELS), language


def _batches(
    learned: Sequence[Lesson], partners: dict[str, list[Lesson]], chance: random.Random
) -> Iterator[list[Lesson]]:
    """Lessons of about the same length together, the batches in random order."""
    joined = [_joined(one, chance.choice(partners[one[2]])) if chance.random() < JOINED else one for one in learned]
    joined.sort(key=lambda one: len(one[0]) + chance.random() * 6)
    batches = [joined[at : at + BATCH] for at in range(0, len(joined), BATCH)]
    chance.shuffle(batches)
    yield from batches


def _joined(one: Lesson, two: Lesson) -> Lesson:
    wishes = tuple(first or second for first, second in zip(one[1][:-1], two[1][:-1], strict=True))
    return one[0] + two[0], (*wishes, not any(wishes)), one[2]


def _tensors(batch: Sequence[Lesson]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    words = max(len(text) for text, _, _ in batch)
    most = max(len(word) for text, _, _ in batch for word in text)
    rows = np.zeros((len(batch), words, most), dtype=np.int64)
    real = np.zeros((len(batch), words), dtype=np.float32)
    for at, (text, _, _) in enumerate(batch):
        real[at, : len(text)] = 1.0
        for place, word in enumerate(text):
            rows[at, place, : len(word)] = word
    kept = torch.from_numpy(rows) * (torch.rand(rows.shape) > FORGOTTEN)
    kept = kept * (torch.rand(rows.shape[:2]) > FORGOTTEN / 2)[..., None]
    return kept, torch.from_numpy(real), torch.tensor([labels for _, labels, _ in batch], dtype=torch.float32)


def unseen(left_out: int) -> judging.Unseen:
    """Every message of one writer of each language, read by what the others taught."""
    writers = [at for at in range(max(len(phrases.files(code)) for code in phrases.languages())) if at != left_out]
    network, cutter = teach(writers), Cutter()
    found: list[Evidence] = []
    targets: list[tuple[str, ...]] = []
    for language in phrases.languages():
        files = phrases.files(language)
        if left_out >= len(files):
            continue
        others = train.classify([one for at, path in enumerate(files) if at != left_out for one in phrases.read(path)])
        for one in phrases.read(files[left_out]):
            found.append(gather(others, network, cutter.parts(cutter.own_words(one.text), language)))
            targets.append(one.intents)
    return judging.Unseen(found, judging.targets_of(targets))


def main() -> int:
    """Teach without each of LEFT_OUT, then with all; write the file. Returns the exit code."""
    started = time.monotonic()
    told = judging.together([unseen(writer) for writer in LEFT_OUT])
    judge = judging.judge_of(told)
    Shared(teach(), judge, judging.limits_of(told, judge), phrases.languages()).save()
    sys.stdout.write(f"{FILE.name}: {FILE.stat().st_size / 1e6:.1f} MB in {time.monotonic() - started:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
