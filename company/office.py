"""When people work at the company: its days and hours, in its own time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Literal

import holidays
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


def _known_calendar(code: str) -> str:
    if code and code not in holidays.list_supported_countries():
        raise ValueError("is no country whose holidays are known")
    return code


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Office:
    """Opening hours. All moments are local time.

    `holidays_of` is the country whose public holidays are kept ("" for none), `year_end` the first and last day
    (month-day) of a yearly closure.
    """

    opens: time
    closes: time
    days: Annotated[frozenset[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], Field(min_length=1)]
    holidays_of: Annotated[str, AfterValidator(_known_calendar)] = ""
    year_end: tuple[_MonthDay, _MonthDay] | None = None

    def works_on(self, day: date) -> bool:
        """Whether people work on that day at all."""
        off = self.holidays_of and day in _holidays(self.holidays_of, day.year)
        return _DAYS[day.weekday()] in self.days and not off and not self._shut(day)

    def is_open(self, moment: datetime) -> bool:
        """Whether people work at that moment: from `opens` on, until just before `closes`."""
        return self.works_on(moment.date()) and self.opens <= moment.time() < self.closes

    def next_opening(self, moment: datetime) -> datetime:
        """The first opening at or after a moment."""
        day = moment.date() + timedelta(days=moment.time() > self.opens)
        return datetime.combine(self._working_day(day), self.opens, moment.tzinfo)

    def end_of_next_day(self, moment: datetime) -> datetime:
        """Closing time of the first working day after the day of a moment."""
        day = moment.date() + timedelta(days=1)
        return datetime.combine(self._working_day(day), self.closes, moment.tzinfo)

    def _working_day(self, day: date) -> date:
        while not self.works_on(day):
            day += timedelta(days=1)
        return day

    def _shut(self, day: date) -> bool:
        if not self.year_end:
            return False
        (first, last), today = self.year_end, f"{day:%m-%d}"
        return first <= today <= last if first <= last else today >= first or today <= last

    @model_validator(mode="after")
    def _possible(self) -> Office:
        if self.opens >= self.closes:
            raise ValueError("opens must be before closes")
        if sum(self._shut(date(2024, 1, 1) + timedelta(days=n)) for n in range(366)) > 60:
            raise ValueError("year_end must close the office for 60 days at most")
        return self


@lru_cache(maxsize=16)
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
