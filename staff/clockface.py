"""The clock face: a ticket's dated moves as a drawing and as a ledger, the law beside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from staff import line
from staff.line import Mark
from staff.listing import Lister
from storage import tickets
from storage.tickets import Move, Ticket

LONGEST_LAW = 34  # characters beside the drawing; the ledger has all of it


@dataclass(frozen=True, slots=True)
class Clock:
    """The drawing of a ticket's clock and its ledger (label, when, law, css class)."""

    marks: list[Mark]
    months: list[tuple[date, float]]
    used: float
    end: float
    over: float | None
    now: float | None
    start: float
    ledger: list[tuple[str, str, str, str]]
    label: str
    foot: str


def clock(lister: Lister, one: Ticket) -> Clock:
    """The ticket's dated moves as a drawing and as a list."""
    desk, words, today = lister.desk, lister.words, lister.today
    moves = tickets.moves(lister.tx, one.id)
    received = desk.today(one.received_at)
    until = desk.today(one.closed_at) if one.closed_at else today
    last = max(one.due_on, until, one.target_on)

    def at(day: date) -> float:
        return line.place(day, received, last)

    marks = [_move_mark(lister, move, at(desk.today(move.at))) for move in moves]
    marks += [Mark(at(day), "was", (words("drawing.due_first"), words.date(day))) for day in _earlier(moves, one)]
    marks.append(Mark(at(one.target_on), "aim", (words("drawing.aim"), words.date(one.target_on))))
    marks.append(_due_mark(lister, one, at(one.due_on)))
    if not one.closed_at:
        day = words("drawing.day", n=(today - received).days)
        marks.append(Mark(at(today), "now", (words("drawing.today"), day)))
    # The two ends are placed first: they must have their labels whatever lies between them.
    order = {"due": 0, "now": 1, "received": 2}
    placed = line.labelled(sorted(marks, key=lambda mark: (order.get(mark.shape, 3), mark.at)))
    late = at(one.due_on) if until > one.due_on else None
    regime = desk.regimes.by_id.get(one.regime)
    fixed = next((desk.today(move.at) for move in reversed(moves) if move.due_on == one.due_on), received)
    foot = "drawing.foot" if one.statutory else "drawing.foot_soft"
    return Clock(
        marks=placed,
        months=line.months(received, last),
        used=at(until) if late is None else late,
        end=at(max(one.due_on, until)),
        over=None if late is None else at(until),
        now=None if one.closed_at else at(today),
        start=at(received),
        ledger=_ledger(lister, one, moves),
        label=words("drawing.clock", first=words.date(received), last=words.date(last)),
        foot=words(foot, regime=regime.name if regime else one.regime, day=words.date(fixed)),
    )


def _move_mark(lister: Lister, move: Move, at: float) -> Mark:
    words = lister.words
    when = words.moment(lister.desk.local(move.at))
    shape = "received" if move.move == "received" else "move"
    return Mark(at, shape, tuple(filter(None, (words.of("moves", move.move), when, _cut(move.law)))))


def _due_mark(lister: Lister, one: Ticket, at: float) -> Mark:
    words = lister.words
    title = words("drawing.due" if one.statutory else "drawing.due_ours")
    law = _cut(one.law) if one.statutory else ""
    return Mark(at, "due", tuple(filter(None, (title, f"{words.date(one.due_on)}, {_away(lister, one.due_on)}", law))))


def _earlier(moves: Sequence[Move], one: Ticket) -> list[date]:
    days = {move.due_on for move in moves if move.due_on and move.due_on != one.due_on}
    return sorted(days)


def _ledger(lister: Lister, one: Ticket, moves: Sequence[Move]) -> list[tuple[str, str, str, str]]:
    """Label, when, law and class of every move, in the order of their days; what lies ahead is marked `yet`."""
    words, desk, today = lister.words, lister.desk, lister.today
    lines: list[tuple[date, int, tuple[str, str, str, str]]] = []
    for move in moves:
        day = desk.today(move.at)
        who = lister.actor(move.by)
        due = words("moves.due", day=words.date(move.due_on)) if move.due_on else ""
        law = " · ".join(filter(None, (move.law, due, who)))
        css = "stopped" if move.move == "stopped" else ""
        lines.append((day, 0, (words.of("moves", move.move), words.moment(desk.local(move.at)), law, css)))
    if not one.closed_at:
        received = desk.today(one.received_at)
        day_n = words("drawing.day", n=(today - received).days)
        lines.append((today, 2, (words("drawing.today"), words.date(today), day_n, "yet today")))
    ends = [("drawing.aim", one.target_on, "")]
    if one.statutory:
        ends.append(("drawing.due", one.due_on, one.law))
    else:
        ends.append(("drawing.due_ours", one.due_on, words("drawing.unnamed")))
    for title, day, law in ends:
        when = f"{words.date(day)}, {_away(lister, day)}"
        lines.append((day, 1, (words(title), when, law, "yet" if day > today and not one.closed_at else "")))
    return [entry for _, _, entry in sorted(lines, key=lambda item: item[:2])]


def _away(lister: Lister, day: date) -> str:
    days = (day - lister.today).days
    if days == 0:
        return lister.words("drawing.now")
    return lister.words.many("drawing.in" if days > 0 else "drawing.ago", abs(days))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_LAW else text[: LONGEST_LAW - 1].rstrip() + "…"
