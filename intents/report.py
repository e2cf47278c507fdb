"""How well texts are understood: cases with known answers, read as customers' messages are, and the figures of it.

A case file is JSON lines: `{"text", "labels", "kind"?, "channel"?}` in `<language>.jsonl` for what is asked;
`{"text", "lang", "field", "new_value"}` in `details.jsonl`; `{"text", "lang", "act", "code"}` in `codes.jsonl`.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intents.phrases import LABELS, RIGHTS
from intents.reader import Reader
from intents.understanding import Reading

NOTHING = ("out_of_scope",)
BINS = 10


class BadCases(ValueError):
    """A folder or file of cases that cannot be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Case:
    """A message and what it asks for, as a person sees it."""

    text: str
    language: str
    labels: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader made of a case: `sure` is false where the bot would ask back."""

    labels: tuple[str, ...]
    sure: bool = True
    readings: tuple[Reading, ...] = ()


Ask = Callable[[Case], Answer]


def cases_in(folder: Path) -> list[Case]:
    """The cases of every language. Raises BadCases."""
    files = sorted(path for path in folder.glob("*.jsonl") if path.stem not in ("details", "codes"))
    if not files:
        raise BadCases(f"{folder} holds no file like en.jsonl")
    return [
        Case(row["text"], path.stem, tuple(sorted(row["labels"])), row.get("kind", "message"))
        for path in files
        for row in _rows(path, "text", "labels")
    ]


def _rows(path: Path, *needed: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
        except ValueError:
            raise BadCases(f"{path.name}, line {number}: not JSON") from None
        if not isinstance(row, dict) or not all(name in row for name in needed):
            raise BadCases(f"{path.name}, line {number}: {', '.join(needed)} are needed")
        yield row


def reading(reader: Reader) -> Ask:
    """How the running system answers: the language is found from the text alone."""

    def ask(case: Case) -> Answer:
        found = reader.understand(case.text)
        return Answer(found.labels, found.sure, found.readings)

    return ask


@dataclass(frozen=True, slots=True)
class Report:
    """The figures over a set of cases, each with the answer it got."""

    pairs: tuple[tuple[Case, Answer], ...]
    seconds: float

    @classmethod
    def of(cls, cases: Iterable[Case], ask: Ask) -> Report:
        """Ask for every case, one after the other."""
        given = tuple(cases)
        started = time.perf_counter()
        answers = [ask(case) for case in given]
        return cls(tuple(zip(given, answers, strict=True)), time.perf_counter() - started)

    def exact(self) -> float:
        """Share of cases with exactly the right labels."""
        return _share([case.labels == answer.labels for case, answer in self.pairs])

    def by(self, key: Callable[[Case], str]) -> dict[str, Report]:
        """A report for each value of `key`, in order of first appearance."""
        parts: dict[str, list[tuple[Case, Answer]]] = defaultdict(list)
        for pair in self.pairs:
            parts[key(pair[0])].append(pair)
        return {value: Report(tuple(pairs), self.seconds) for value, pairs in parts.items()}

    def label(self, name: str) -> tuple[float, float, float]:
        """Precision, recall and their harmonic mean (F1) of one label."""
        both = sum(name in case.labels and name in answer.labels for case, answer in self.pairs)
        said = sum(name in answer.labels for _, answer in self.pairs)
        true = sum(name in case.labels for case, _ in self.pairs)
        return both / max(1, said), both / max(1, true), 2 * both / max(1, said + true)

    def macro_f1(self) -> float:
        """Mean F1 of the labels."""
        return sum(self.label(name)[2] for name in LABELS) / len(LABELS)

    def missed(self) -> float:
        """Share of messages with a right that end as plain business: not found, and nobody asked back."""
        with_right = [answer for case, answer in self.pairs if {*RIGHTS} & {*case.labels}]
        return _share([answer.sure and answer.labels == NOTHING for answer in with_right])

    def false_tickets(self) -> float:
        """Share of messages without a wish that open a ticket without being asked back."""
        without = [answer for case, answer in self.pairs if case.labels == NOTHING]
        return _share([answer.sure and bool({*RIGHTS} & {*answer.labels}) for answer in without])

    def asked_back(self) -> float:
        """Share of all messages about which the bot would ask."""
        return _share([not answer.sure for _, answer in self.pairs])

    def reliability(self) -> list[tuple[float, float, int]]:
        """Mean confidence, share that was right, and number, of the readings in each tenth of confidence."""
        bins: Mapping[int, list[tuple[float, bool]]] = defaultdict(list)
        for case, answer in self.pairs:
            for one in answer.readings:
                bins[min(BINS - 1, int(one.confidence * BINS))].append((one.confidence, one.name in case.labels))
        return [
            (sum(sure for sure, _ in bins[at]) / len(bins[at]), _share([right for _, right in bins[at]]), len(bins[at]))
            for at in sorted(bins)
        ]

    def calibration_error(self) -> float:
        """Expected calibration error: how far confidence and share of right readings are apart, by number."""
        rows = self.reliability()
        return sum(abs(sure - right) * count for sure, right, count in rows) / max(1, sum(row[2] for row in rows))


def _share(held: Sequence[bool]) -> float:
    return sum(held) / len(held) if held else 0.0


def details_right(reader: Reader, folder: Path) -> dict[str, tuple[int, int]]:
    """For each language: corrections whose field and literal new value were both read exactly, and their number."""
    return _counted(_details(reader, folder / "details.jsonl"))


def _details(reader: Reader, path: Path) -> Iterator[tuple[str, bool]]:
    for row in _rows(path, "text", "lang", "field", "new_value") if path.is_file() else ():
        found = reader.understand(row["text"], row["lang"]).details
        first = (found[0].field, found[0].new_value) if found else (None, None)
        yield row["lang"], first == (row["field"], row["new_value"])


def codes_right(reader: Reader, folder: Path) -> dict[str, tuple[int, int]]:
    """For each language: texts that came while a code was awaited and were read rightly, and their number."""
    return _counted(_codes(reader, folder / "codes.jsonl"))


def _codes(reader: Reader, path: Path) -> Iterator[tuple[str, bool]]:
    for row in _rows(path, "text", "lang", "act") if path.is_file() else ():
        found = reader.understand(row["text"], row["lang"])
        code = found.code.code or None
        yield row["lang"], (found.act("code"), code) == (row["act"], row.get("code"))


def _counted(answers: Iterable[tuple[str, bool]]) -> dict[str, tuple[int, int]]:
    counts: dict[str, list[bool]] = defaultdict(list)
    for language, right in answers:
        counts[language].append(right)
    return {language: (sum(rights), len(rights)) for language, rights in counts.items()}


def lines(report: Report, reader: Reader, folder: Path) -> Iterator[str]:
    """The whole report as lines of text."""
    yield f"messages {len(report.pairs)}  exact label set {report.exact():.1%}  macro-F1 {report.macro_f1():.3f}"
    yield f"missed rights {report.missed():.1%}  false tickets {report.false_tickets():.1%}"
    yield f"asked back {report.asked_back():.1%}"
    yield f"{len(report.pairs) / max(report.seconds, 1e-9):,.0f} messages a second on one core"
    for title, key in (("language", lambda case: case.language), ("difficulty", lambda case: case.kind)):
        yield ""
        yield f"{title:<14} cases  exact  missed  false  asked"
        for value, part in report.by(key).items():
            yield (
                f"{value:<14} {len(part.pairs):>5} {part.exact():>6.1%} {part.missed():>7.1%}"
                f" {part.false_tickets():>6.1%} {part.asked_back():>6.1%}"
            )
    yield ""
    yield f"{'label':<14} precision recall    F1"
    for name in LABELS:
        precision, recall, f1 = report.label(name)
        yield f"{name:<14} {precision:>9.1%} {recall:>6.1%} {f1:>5.3f}"
    yield ""
    yield f"reliability (expected calibration error {report.calibration_error():.3f})"
    for sure, right, count in report.reliability():
        yield f"  said {sure:>6.1%}  right {right:>6.1%}  of {count}"
    for title, counts in (("details", details_right(reader, folder)), ("codes", codes_right(reader, folder))):
        if counts:
            right, all_of = (sum(part) for part in zip(*counts.values(), strict=True))
            each = "  ".join(f"{language} {held}/{of}" for language, (held, of) in counts.items())
            yield f"{title} exact {right / all_of:.1%}  ({each})"
