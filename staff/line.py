"""The line: received, time used, the law's date. One drawing for the list (a shared calendar) and for one ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

BEFORE, AFTER = 24, 36  # days of the shared calendar on each side of today
LETTER, GAP = 0.55, 1.0  # per cent of the drawing's width: one letter of a label, and the air behind it


@dataclass(frozen=True, slots=True)
class Line:
    """Where the strokes of one line lie, in per cent of its width; None for what is not drawn."""

    start: float
    used: float
    end: float
    over: float | None  # where the red stroke begins
    dot: float | None
    aim: float | None
    due: float | None
    off_left: bool
    off_right: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """One labelled point of a ticket's clock. `row` is "top" or "low", or empty where its label found no room."""

    at: float
    shape: str
    lines: tuple[str, ...]
    end: bool = False  # the label ends here instead of beginning
    row: str = ""


def percent(day: date, today: date) -> float:
    """A day's place on the shared calendar; below 0 or above 100 outside of it."""
    return round(((day - today).days + BEFORE) / (BEFORE + AFTER) * 100, 2)


def weeks(today: date) -> list[tuple[date, float]]:
    """Every Monday of the shared calendar with its place."""
    first = today - timedelta(days=BEFORE)
    monday = first + timedelta(days=-first.weekday() % 7)
    days = [monday + timedelta(weeks=n) for n in range((BEFORE + AFTER) // 7 + 1)]
    return [(day, percent(day, today)) for day in days if percent(day, today) <= 100]


def row(received: date, aim: date, due: date, today: date, closed: date | None) -> Line:
    """One ticket on the shared calendar."""
    start, end = percent(received, today), percent(due, today)
    now = percent(closed or today, today)
    late = end if now > end else None
    return Line(
        start=_inside(start),
        used=_inside(now if late is None else end),
        end=_inside(max(end, now)),
        over=None if late is None else _inside(late),
        dot=_drawn(start),
        aim=_drawn(percent(aim, today)),
        due=_drawn(end),
        off_left=start < 0,
        off_right=end > 100,
    )


def place(day: date, first: date, last: date) -> float:
    """A day's place in a drawing from `first` to `last`, with a little air on both sides."""
    span = max((last - first).days, 1)
    return round(3 + (day - first).days / span * 93, 2)


def months(first: date, last: date) -> list[tuple[date, float]]:
    """The first day of every month inside a drawing, with its place."""
    days = [date(year, month, 1) for year in range(first.year, last.year + 1) for month in range(1, 13)]
    return [(day, place(day, first, last)) for day in days if first < day < last]


def labelled(marks: Sequence[Mark]) -> list[Mark]:
    """The marks with a row for each label, above or below the line, so that no two meet; first come, first placed."""
    taken: dict[str, list[tuple[float, float]]] = {"top": [], "low": []}
    done = []
    for mark in marks:
        wide = max(map(len, mark.lines)) * LETTER + GAP
        turned = mark.at + wide > 100
        room = (mark.at - wide, mark.at) if turned else (mark.at, mark.at + wide)
        free = [name for name, spans in taken.items() if all(room[1] <= a or b <= room[0] for a, b in spans)]
        if free:
            taken[free[0]].append(room)
        done.append(replace(mark, end=turned, row=free[0] if free else ""))
    return done


def _inside(at: float) -> float:
    return min(max(at, 0.0), 100.0)


def _drawn(at: float) -> float | None:
    return at if 0 <= at <= 100 else None
