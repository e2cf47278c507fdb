"""Whose days off count: public holidays and weekends of one country or state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import holidays


@dataclass(frozen=True, slots=True)
class _Year:
    """One year's days off, and the days of its weekends that are worked in exchange (Russia, China)."""

    holidays: frozenset[date]
    worked: frozenset[date]


class Calendar:
    """Days off under a code such as `KE` or `US-CA`, by the `holidays` package. Safe to share between threads.

    Where holidays differ inside a country only those of the whole country count: a day off too few makes a date
    earlier, never later than the law. Raises `LookupError` for a code the package does not know.
    """

    def __init__(self, code: str) -> None:
        self._country, _, self._subdivision = code.partition("-")
        self._years: dict[int, _Year] = {}
        try:
            self._weekend = frozenset(self._build(2026).weekend)
        except NotImplementedError:
            raise LookupError(f"no holidays are known for {code}") from None

    def is_holiday(self, day: date) -> bool:
        """Whether the day is a public holiday."""
        return day in self._year(day).holidays

    def is_weekend(self, day: date) -> bool:
        """Whether the day is in the country's weekend (Friday and Saturday in some), and not worked all the same."""
        return day.weekday() in self._weekend and day not in self._year(day).worked

    def is_working(self, day: date) -> bool:
        """Whether offices work: neither weekend nor public holiday."""
        return not self.is_weekend(day) and not self.is_holiday(day)

    def _year(self, day: date) -> _Year:
        if day.year not in self._years:
            # Built whole before it is kept: the package fills its own cache in steps that another thread could see.
            built = self._build(day.year)
            self._years[day.year] = _Year(frozenset(built), frozenset(built.weekend_workdays))
        return self._years[day.year]

    def _build(self, year: int) -> holidays.HolidayBase:
        return holidays.country_holidays(self._country, subdiv=self._subdivision or None, years=year)
