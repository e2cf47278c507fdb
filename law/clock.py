"""By when one right, asked on one day, has to be answered: by law, and as we promise it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from law.calendars import Calendar
from law.counting import LastDay, last_day
from law.figures import Figure, Regime, Span
from law.regimes import Regimes, UnknownCountry
from law.rights import Right, figure_name


class UnknownRight(ValueError):
    """A word that names none of the rights."""


class BadDate(ValueError):
    """A moment of receipt that cannot be read, has no time zone, or lies outside the years 2000 to 2099."""


@dataclass(frozen=True, slots=True)
class Extension:
    """How far the law lets us go beyond `due_on`, if the person is told why by `notice_by`.

    `due_on` is None where the law only asks for "a reasonable time", which staff then have to name.
    """

    due_on: date | None
    notice_by: date
    condition: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """The dates of one right: `due_on` is the law's last day, or ours where not `statutory`, `target_on` our promise.

    `regime` is the regime's id, `law` the text behind `due_on`.
    """

    regime: str
    due_on: date
    target_on: date
    statutory: bool
    law: str
    extension: Extension | None


def deadline(
    regimes: Regimes,
    right: Right,
    portable: bool,
    received_at: datetime,
    timezone: str,
    country: str = "",
    subdivision: str = "",
) -> Deadline:
    """When a right received at `received_at` (aware) has to be answered to a person who lives in `country`.

    The day of receipt is the day in the company's `timezone`; it also decides which text holds where the law has
    changed. The promise is the house's figure, counted straight, but never later than the office's last working day on
    or before the law's date; a day off that moves the law's date is a margin we do not use. A figure of our own is
    counted straight too. Nothing stops the clock here. Raises `UnknownCountry`, `BadDate`.
    """
    received = _local(received_at, timezone)
    regime = regimes.regime_for(country, subdivision)
    figure = regime.figure(right, portable, received.date())
    if figure.ours:
        ours = _house_day(regimes, right, portable, received)
        return Deadline(regime.id, ours, ours, False, figure.cite, None)
    calendar = regimes.calendar(country if regime.calendar == "country" else regime.calendar)
    end = last_day(regime.counting, figure.span, received, calendar)
    latest = regimes.last_working_day(end.counted) if figure.binding else end.counted
    target = max(min(_house_day(regimes, right, portable, received), latest), received.date())
    longer = _extension(regime, figure, received, calendar)
    return Deadline(regime.id, end.due, target, figure.statutory, figure.cite, longer)


def deadline_line(regimes: Regimes, right: str, country: str, received: str, timezone: str) -> dict[str, object]:
    """The answer of `privacydesk due`: a right's name (or `portability`), `CC` or `CC-SUBDIVISION`, an ISO 8601 moment.

    A moment without offset is UTC, a date alone is that day in `timezone`, an empty country is "not stated".
    Raises `UnknownRight`, `UnknownCountry`, `BadDate`, each with one plain line.
    """
    asked, portable = _right(right)
    code, part = _country(country)
    found = deadline(regimes, asked, portable, _moment(received, timezone), timezone, code, part)
    return {
        "regime": found.regime,
        "due_on": found.due_on.isoformat(),
        "target_on": found.target_on.isoformat(),
        "statutory": found.statutory,
        "law": found.law,
        "extension": _extension_line(found.extension),
    }


def _local(received_at: datetime, timezone: str) -> datetime:
    if received_at.tzinfo is None:
        raise BadDate("the moment of receipt has no time zone")
    if not 2000 <= received_at.year <= 2099:
        raise BadDate("the moment of receipt must be in the years 2000 to 2099")
    return received_at.astimezone(ZoneInfo(timezone))


def _house_day(regimes: Regimes, right: Right, portable: bool, received: datetime) -> date:
    span = regimes.house.figures[figure_name(right, portable)]
    return last_day("exclude_first", span, received, regimes.calendar(regimes.house.calendar)).counted


def _extension(regime: Regime, figure: Figure, received: datetime, calendar: Calendar) -> Extension | None:
    longer = figure.extension
    if not longer:
        return None

    def end(span: Span) -> LastDay:
        return last_day(regime.counting, span, received, calendar)

    # Both are counted from receipt, never from a first date that a day off has moved.
    due = end(Span(figure.value + longer.value, figure.unit)).due if longer.value else None
    return Extension(due, end(longer.notice_within).counted, longer.condition)


def _extension_line(extension: Extension | None) -> dict[str, object] | None:
    if not extension:
        return None
    return {
        "due_on": extension.due_on.isoformat() if extension.due_on else None,
        "notice_by": extension.notice_by.isoformat(),
        "condition": extension.condition,
    }


def _right(text: str) -> tuple[Right, bool]:
    name = text.strip().lower().replace("-", "_")
    if name == "portability":
        return Right.ACCESS, True
    try:
        return Right(name), False
    except ValueError:
        raise UnknownRight(f"unknown right; use one of {', '.join(Right)} or portability") from None


def _country(text: str) -> tuple[str, str]:
    code = text.strip().upper()
    if code and not re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", code, re.ASCII):
        raise UnknownCountry("a country is written KE, or US-CA with its subdivision")
    country, _, subdivision = code.partition("-")
    return country, subdivision


def _moment(text: str, timezone: str) -> datetime:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return datetime.combine(date.fromisoformat(text), time(12), ZoneInfo(timezone))
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadDate("the moment of receipt must be ISO 8601, for example 2026-12-08T00:10:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
