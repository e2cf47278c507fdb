"""From phrases to what the classifier learns: whole messages, and the clauses of the marked ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from intents.clauses import long_enough, split
from intents.phrases import FIELDS, Mark, Phrase

LONG = 300
"""A longer message is no lesson as a whole, in characters: it is read by its sentences."""
ROOMY = 120
"""From this length the sentences of a message without a wish are lessons of their own."""
NOTHING = ("out_of_scope",)

Lesson = tuple[str, tuple[str, ...]]


def lessons(phrases: Iterable[Phrase]) -> list[Lesson]:
    """Text and labels of everything these phrases teach, each once, in order."""
    return list(dict.fromkeys(lesson for phrase in phrases for lesson in _of(phrase)))


def _of(phrase: Phrase) -> Iterator[Lesson]:
    wishes = [mark for mark in phrase.marks if mark.name not in FIELDS]
    if len(phrase.text) <= LONG or not (wishes or phrase.intents == NOTHING):
        yield phrase.text, phrase.intents
    if wishes:
        yield from _marked(phrase, wishes)
    elif phrase.intents == NOTHING and len(phrase.text) > ROOMY:
        yield from ((part, NOTHING) for part in split(phrase.text) if long_enough(part))


def _marked(phrase: Phrase, wishes: Sequence[Mark]) -> Iterator[Lesson]:
    """The marked clauses, and what stands between them: a correction where it holds a new value, else nothing."""
    values = [mark for mark in phrase.marks if mark.name in FIELDS]
    starts, ends = [mark.start for mark in wishes], [mark.end for mark in wishes]
    yield from ((phrase.text[mark.start : mark.end], (mark.name,)) for mark in wishes)
    for start, end in zip([0, *ends], [*starts, len(phrase.text)], strict=True):
        at = start
        for part in split(phrase.text[start:end]):
            at = phrase.text.index(part, at)
            if any(at <= value.start < at + len(part) for value in values):
                yield part, ("correction",)
            elif long_enough(part) and "correction" not in phrase.intents:
                yield part, NOTHING
            at += len(part)
