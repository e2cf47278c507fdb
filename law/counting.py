"""How a law counts days: from which day, with which days, and what happens when the last one is a day off.

Every rule leaves out the day of receipt and ends a month on the day of the same number, or on the month's last day
where that number is missing. A business day is a day that is neither weekend nor public holiday in the calendar of the
law; hours run through days off (Indonesia, Law 27/2022 Arts 30-41: three times 24 hours). The rules differ in the rest:

- `jp_civil_code`: Japan, Civil Code Arts 140-143. A last day on a Sunday or holiday moves to the next day (Art. 142).
  Saturday is not moved: by law it is a day like others.
- `eu_1182_71`: Regulation (EEC, Euratom) 1182/71 Art. 3. A last day on a public holiday, Saturday or Sunday moves to
  the end of the next working day (Art. 3(4)); so reads EDPB Guidelines 01/2022, para 160.
- `uk_month`: guidance of the Information Commissioner. A weekend or bank holiday moves to the next working day.
- `us_ca`: 11 CCR 7021(b), 45 calendar days from receipt; Civil Code s. 10 leaves out the first day and would move a
  last day on a holiday, which we do not use. Nothing is moved.
- `ke`: Interpretation and General Provisions Act (Cap. 2) s. 57. A last day on a Sunday or public holiday moves to the
  next day; in a period of six days or less such days are not counted at all.
- `za`: South Africa, Interpretation Act 33 of 1957 s. 4 and the POPIA Regulations of 2025. Calendar days; a last day
  on a Sunday or public holiday moves to the next day.
- `nz_working`: New Zealand, Privacy Act 2020 s. 7(1). No working days are Saturdays, Sundays, the country's public
  holidays (Matariki and Mondayised days among them), and the days from 25 December to 15 January.
- `exclude_first`: everywhere else, among them Brazil, Russia, Korea and Australia: no rule that moves a last day was
  read, so nothing is moved. A date that the law might move is then early, never late.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from law.calendars import Calendar
from law.figures import Counting, Span

DayOff = Callable[[Calendar, date], bool]


@dataclass(frozen=True, slots=True)
class LastDay:
    """The end of a period: `counted` by the figure alone, `due` after a day off at its end has moved it."""

    counted: date
    due: date


def _never(calendar: Calendar, day: date) -> bool:
    return False


def _sunday_or_holiday(calendar: Calendar, day: date) -> bool:
    return day.isoweekday() == 7 or calendar.is_holiday(day)


def _no_working_day(calendar: Calendar, day: date) -> bool:
    return not calendar.is_working(day)


def _closed_in_new_zealand(calendar: Calendar, day: date) -> bool:
    return not calendar.is_working(day) or (day.month, day.day) >= (12, 25) or (day.month, day.day) <= (1, 15)


@dataclass(frozen=True, slots=True)
class _Rule:
    off: DayOff  # a last day that moves
    uncounted_up_to: int = 0  # periods of at most this many days leave days off out
    closed: DayOff = _no_working_day  # what is no business day


_RULES: dict[Counting, _Rule] = {
    "jp_civil_code": _Rule(_sunday_or_holiday),
    "eu_1182_71": _Rule(_no_working_day),
    "uk_month": _Rule(_no_working_day),
    "us_ca": _Rule(_never),
    "ke": _Rule(_sunday_or_holiday, uncounted_up_to=6),
    "za": _Rule(_sunday_or_holiday),
    "nz_working": _Rule(_never, closed=_closed_in_new_zealand),
    "exclude_first": _Rule(_never),
}


def last_day(counting: Counting, span: Span, received: datetime, calendar: Calendar) -> LastDay:
    """The last day of a period that begins with `received` (local time, whose day is not counted)."""
    rule = _RULES[counting]
    day = received.date()
    if span.unit == "hours":
        end = (received + timedelta(hours=span.value)).date()
        return LastDay(end, end)
    if span.unit == "months":
        counted = add_months(day, span.value)
    elif span.unit == "business_days":
        counted = _count(day, span.value, calendar, rule.closed)
    elif span.value <= rule.uncounted_up_to:
        counted = _count(day, span.value, calendar, rule.off)
    else:
        counted = day + timedelta(days=span.value)
    return LastDay(counted, _moved(counted, calendar, rule.off))


def add_months(day: date, months: int) -> date:
    """The day of the same number `months` later, or that month's last day (31 August and one month: 30 September)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _count(day: date, days: int, calendar: Calendar, off: DayOff) -> date:
    while days:
        day += timedelta(days=1)
        days -= not off(calendar, day)
    return day


def _moved(day: date, calendar: Calendar, off: DayOff) -> date:
    while off(calendar, day):
        day += timedelta(days=1)
    return day
