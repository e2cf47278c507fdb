"""`make bench-understanding`: what is understood of the frozen messages, beside two plain baselines and a curve.

The baselines answer the same messages in the same run: the keyword rule of a market leader's mail intake (five
keywords, so five labels), and TF-IDF with logistic regression as every tutorial has it, trained on the same phrases.
Nobody who wrote phrases has seen the messages in `tests/understanding`; nothing is trained on them.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program itself does

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from intents import Reader, features, models, phrases, report, train, wishes
from intents.classifier import Classifier
from intents.clauses import Cutter
from intents.fold import clean
from intents.model import Model, Shared
from intents.phrases import LABELS, Phrase
from intents.report import Answer, Ask, Case, Report

CASES = Path(__file__).parent / "understanding"
KEYWORDS = {
    "access": "access",
    "delet": "deletion",
    "correct": "correction",
    "opt out": "opt_out",
    "do not sell": "objection",
}
SHARES = (0.1, 0.25, 0.5, 1.0)
EVERYDAY = 400
"""Messages whose time is measured one by one."""


def main() -> None:
    """Print everything."""
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, one core\n")
    cases = report.cases_in(CASES)
    reader = Reader()
    ask = report.reading(reader)
    Report.of(cases, ask)  # every language's model is in memory now
    ours = Report.of(cases, ask)
    for line in report.lines(ours, reader, CASES):
        print(line)
    print(f"\nmemory of this process {memory():.0f} MB; {times(reader, cases)}\n")
    print("exact label set       " + "".join(f"{language:>8}" for language in ours.by(by_language)) + "     all")
    rows = {"ours": ours, "five keywords": Report.of(cases, keywords), "TF-IDF + regression": Report.of(cases, plain())}
    for name, row in rows.items():
        print(
            f"{name:<22}"
            + "".join(f"{part.exact():>8.1%}" for part in row.by(by_language).values())
            + f"{row.exact():>8.1%}"
        )
    if "--ablation" in sys.argv:
        print("\nexact label set, part by part (language given)")
        for name, part in ablation():
            print(f"  {name:<58} {Report.of(cases, part).exact():.1%}")
    if "--curve" in sys.argv:
        print("\nTF-IDF + regression with a share of the phrases")
        for share in SHARES:
            print(f"  {share:>4.0%}  {Report.of(cases, plain(share)).exact():.1%}")


def by_language(case: Case) -> str:
    return case.language


def keywords(case: Case) -> Answer:
    """The labels whose keyword stands in the text."""
    found = {label for word, label in KEYWORDS.items() if word in case.text.lower()}
    return Answer(tuple(sorted(found)) or report.NOTHING)


def plain(share: float = 1.0) -> Ask:
    """TF-IDF of words and characters, one regression for each label, no care taken; the language is given."""
    models = {language: _fitted(_some(phrases.of_language(language), share)) for language in phrases.languages()}

    def ask(case: Case) -> Answer:
        vectorisers, model = models[case.language]
        scores = model.predict_proba(hstack([one.transform([case.text]) for one in vectorisers]))[0]
        labels = {label for label, score in zip(LABELS, scores, strict=True) if score >= 0.5}
        return Answer(tuple(sorted(labels or {LABELS[int(np.argmax(scores))]})))

    return ask


def _some(given: Sequence[Phrase], share: float) -> list[Phrase]:
    return [given[at] for at in np.random.default_rng(train.SEED).permutation(len(given))[: int(len(given) * share)]]


def _fitted(given: Sequence[Phrase]) -> tuple[tuple[TfidfVectorizer, TfidfVectorizer], OneVsRestClassifier]:
    texts = [phrase.text for phrase in given]
    vectorisers = (TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5)))
    table = hstack([one.fit_transform(texts) for one in vectorisers])
    targets = np.array([[label in phrase.intents for label in LABELS] for phrase in given])
    model = OneVsRestClassifier(LogisticRegression(C=10, solver="liblinear")).fit(table, targets)
    return vectorisers, model


def ablation() -> Iterator[tuple[str, Ask]]:
    """Our own reader, built up."""
    one = {code: phrases.read(phrases.files(code)[0]) for code in phrases.languages()}
    every = {code: phrases.of_language(code) for code in phrases.languages()}
    unmarked = {code: [replace(phrase, marks=()) for phrase in given] for code, given in every.items()}
    yield (
        "n-grams of the whole text, one writer",
        _whole({code: train.classify(given) for code, given in one.items()}),
    )
    yield "all writers", _whole({code: train.classify(given) for code, given in unmarked.items()})
    yield "marked clauses learned too", _whole({code: train.classify(given) for code, given in every.items()})
    shared, loaded, cutter = Shared.open(), models.load(), Cutter()
    alone = {code: replace(loaded[code], network=None) for code in phrases.languages()}
    yield "sentences and pieces weighed by the judge", _parts(alone, cutter)
    yield "the network alone, whole text", _network(shared)
    yield "both readers", _parts({code: loaded[code] for code in phrases.languages()}, cutter)


def _whole(made: Mapping[str, Classifier]) -> Ask:
    def ask(case: Case) -> Answer:
        return Answer(_best(made[case.language].read([features.shape(case.text)])[0]))

    return ask


def _network(shared: Shared) -> Ask:
    return lambda case: Answer(_best(shared.network.read([features.shape(case.text)])[0]))


def _best(scores: NDArray[np.float32]) -> tuple[str, ...]:
    """The best label, and every other that is likelier than not."""
    at = int(np.argmax(scores))
    chosen = {LABELS[at]} | {label for label, score in zip(LABELS, scores, strict=True) if score > 0}
    return report.NOTHING if LABELS[at] == "out_of_scope" else tuple(sorted(chosen - {"out_of_scope"}))


def _parts(made: Mapping[str, Model], cutter: Cutter) -> Ask:
    def ask(case: Case) -> Answer:
        parts = cutter.parts(cutter.own_words(clean(case.text)), case.language)
        return Answer(wishes.read(made[case.language], parts).labels)

    return ask


def times(reader: Reader, cases: Sequence[Case]) -> str:
    """Milliseconds of single chat messages, and of 100 KB."""
    taken = sorted(_taken(reader, [case.text for case in cases if case.kind == "chat"][:EVERYDAY]))
    (long,) = _taken(reader, ["delete my data and tell me who has it, please. " * 2_200])
    slow = taken[int(len(taken) * 0.99)]
    return f"a chat message p50 {statistics.median(taken):.2f} ms, p99 {slow:.2f} ms; 100 KB {long:.0f} ms"


def _taken(reader: Reader, texts: Sequence[str]) -> Iterator[float]:
    for text in texts:
        started = time.perf_counter()
        reader.understand(text)
        yield (time.perf_counter() - started) * 1000


def memory() -> float:
    """Resident megabytes of this process now."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


if __name__ == "__main__":
    main()
