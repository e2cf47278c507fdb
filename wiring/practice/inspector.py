"""What the desk understood: the last turns of one customer, read from the store.

A turn is one transaction, so everything it wrote carries the very moment of the message it began with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale, UnknownLocaleError
from sqlalchemy import Row, select

from storage import tickets
from storage.db import Tx
from storage.tables import audit, challenge, item, message, ticket
from wiring.practice.hand import Delivery

SHOWN = 2  # turns
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five")
_CODES_TYPED = {"code.failed", "code.locked", "code.proved"}
_CODES_ASKED = {"code.sent", "code.not_sent"}
_SAID = ("code.sent", "code.not_sent", "code.failed", "code.locked", "code.proved", "code.denied")


@dataclass(frozen=True, slots=True)
class Label:
    """One label with its confidence, 0 to 1, and whether the desk went by it."""

    name: str
    confidence: float
    taken: bool

    @property
    def width(self) -> float:
        """Of a bar 56 wide."""
        return round(56 * self.confidence, 1)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the desk did: a title, the figures behind it, and a table of labels where there is one."""

    title: str
    lines: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()


def turns(tx: Tx, deliveries: Sequence[Delivery]) -> list[tuple[Step, ...]]:
    """The steps of the newest deliveries, newest turn first."""
    return [tuple(_steps(tx, one)) for one in deliveries[:SHOWN]]


def _steps(tx: Tx, delivery: Delivery) -> Iterator[Step]:
    queued = tx.conn.execute(select(item).where(item.c.dedup == delivery.dedup)).first()
    yield _arrival(delivery, queued)
    if queued is None:
        return
    row = tx.conn.execute(select(message).where(message.c.dedup == delivery.dedup, message.c.direction == "in")).first()
    if row is None:
        waits = queued.status == "new"
        yield Step("Waits for its turn" if waits else "Set aside: it could not be read", _error(queued))
        return
    events = tx.conn.execute(select(audit).where(audit.c.at == row.at).order_by(audit.c.id)).all()
    yield from _read(tx, row, {one.event for one in events})
    yield from _done(tx, row, events)


def _arrival(delivery: Delivery, queued: Row[Any] | None) -> Step:
    where = f"   {queued.lane.partition(':')[0]}:{queued.lane[-6:]} #{queued.seq}" if queued else ""
    lines = [f"POST {one.path}  {one.status or 'no answer'}  {one.milliseconds} ms" for one in delivery.outcomes]
    lines[0] += where
    if delivery.forged:
        refused = ("Signature forged, refused", "nothing stored")
        title, what = refused if queued is None else ("Signature forged, and yet taken", "a fault of the desk")
        return Step(title, (*lines, what))
    if queued is None:
        return Step("Not taken, nothing stored", tuple(lines))
    if len(lines) > 1:
        return Step("Signature good, the second one a repeat", (*lines, "stored once"))
    return Step("Signature good, message new", tuple(lines))


def _error(queued: Row[Any]) -> tuple[str, ...]:
    return (queued.error,) if queued.error else ()


def _read(tx: Tx, row: Row[Any], events: set[str]) -> Iterator[Step]:
    """What was understood of the words, or which button was tapped; a typed code or contact is no sentence."""
    reading: Mapping[str, Any] = row.reading or {}
    if row.kind != "message":
        yield Step(f"Kept as {row.kind}: never answered")
        return
    choice = json.loads(tx.vault.open(f"message.more:{row.id}", row.more_sealed)).get("choice", "")
    if choice:
        yield Step("A tapped button, nothing to guess", (choice,))
        return
    if not reading or events & _CODES_TYPED:
        return
    if reading["labels"] == ["out_of_scope"] and events & _CODES_ASKED:
        yield Step("A contact typed, as was asked")
        return
    language, score = str(reading["language"]), float(reading["language_score"])
    yield Step(_language(language), (f"{language} {score:.2f}" if score else f"{language}, kept from before",))
    labels = tuple(_labels(reading))
    unsure = () if reading["sure"] else ("not sure enough to act on it alone",)
    yield Step(_counted([one for one in labels if one.taken]), unsure, labels)


def _labels(reading: Mapping[str, Any]) -> Iterator[Label]:
    taken = set(reading["labels"])
    for one in reading["intents"]:
        yield Label(one["name"], one["confidence"], one["name"] in taken)


def _counted(taken: Sequence[Label]) -> str:
    count = _NUMBERS[len(taken)] if len(taken) < len(_NUMBERS) else str(len(taken))
    return f"{count} label{'' if len(taken) == 1 else 's'}"


def _language(code: str) -> str:
    try:
        return Locale.parse(code.replace("-", "_")).get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


def _done(tx: Tx, row: Row[Any], events: Sequence[Row[Any]]) -> Iterator[Step]:
    """What the turn did: tickets, opt-outs, codes, what went out, and what is on record."""
    if any(one.event == "optout.added" for one in events):
        yield Step("Opt-out in force at once", ("level 0 needed, no code asked",))
    filed = tx.conn.execute(select(ticket).where(ticket.c.message_id == row.id).order_by(ticket.c.id))
    for one in filed:
        yield _ticket(one)
    for one in events:
        if one.event in _SAID:
            yield _code(tx, one)
        elif one.event == "conversation.to_staff":
            yield Step("Handed to a person", (str(json.loads(one.data).get("reason", "")),))
    yield _sum(tx, row, events)


def _ticket(row: Row[Any]) -> Step:
    law = f"  {row.law}" if row.law else ""
    lines = (
        f"{row.reference}  {row.right}  {row.regime}",
        f"due {row.due_on:%Y-%m-%d}{law if row.statutory else '  no date in law, ours'}",
        f"aim {row.target_on:%Y-%m-%d}",
        f"now {row.state}, level {row.level} of {row.needs}",
    )
    closed = row.state in tickets.CLOSED_STATES
    return Step("Ticket filed and closed" if closed else "Ticket filed, clock started", lines)


def _code(tx: Tx, event: Row[Any]) -> Step:
    known = json.loads(event.data).get("challenge")
    tries = tx.conn.scalar(select(challenge.c.tries).where(challenge.c.id == known)) if known else None
    matters = {
        "code.sent": ("Contact matches the directory", "code sent; the customer reads the same\nas without a match"),
        "code.not_sent": ("No match, or too many codes", "no code sent; the customer reads the same\nas with a match"),
        "code.failed": ("Code did not fit", f"try {tries} of 5"),
        "code.locked": ("Code dead after the fifth wrong try", "the customer reads the same words"),
        "code.proved": ("Code right", f"proved by {json.loads(event.data).get('method', 'code')}"),
        "code.denied": ("Not asked by its owner", "no code goes there for 24 hours"),
    }
    title, text = matters[event.event]
    return Step(title, tuple(text.split("\n")))


def _sum(tx: Tx, row: Row[Any], events: Sequence[Row[Any]]) -> Step:
    where = (message.c.at == row.at, message.c.direction == "out", message.c.conversation_id == row.conversation_id)
    statuses = [str(status) for status in tx.conn.scalars(select(message.c.status).where(*where))]
    figures = ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses))
    out = f"{len(statuses)} out: {figures}" if statuses else "nothing out"
    rows = f"{len(events)} audit row{'' if len(events) == 1 else 's'}"
    return Step("Answered" if statuses else "No answer due", (out, rows))
