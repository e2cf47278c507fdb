from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.calendars import Calendar
from law.counting import add_months, last_day
from law.figures import Counting, Span, Unit

CALENDARS = {code: Calendar(code) for code in ("JP", "FR", "BE", "GB", "KE", "US-CA", "EG", "ZA", "NZ", "RU", "CN")}

moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 12, 31))
countings = st.sampled_from(get_args(Counting))
calendars = st.sampled_from(sorted(CALENDARS)).map(CALENDARS.__getitem__)
spans = st.builds(Span, st.integers(1, 90), st.sampled_from(get_args(Unit)))


def due(counting: Counting, value: int, unit: Unit, received: str, calendar: str) -> str:
    moment = datetime.fromisoformat(received)
    return last_day(counting, Span(value, unit), moment, CALENDARS[calendar]).due.isoformat()


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-03-05", "2026-04-07"),  # 5 April is Easter Sunday, the 6th Easter Monday
        ("2026-08-31", "2026-09-30"),  # no 31 September
        ("2027-01-31", "2027-03-01"),  # 28 February is a Sunday
        ("2026-12-08", "2027-01-08"),
        ("2026-11-25", "2026-12-28"),  # Christmas on a Friday
    ],
)
def test_a_month_of_the_union_ends_on_the_same_day_number_or_the_next_working_day(received: str, expected: str) -> None:
    assert due("eu_1182_71", 1, "months", received, "FR") == expected


def test_three_months_of_the_union_are_counted_from_receipt_and_not_from_a_moved_date() -> None:
    assert due("eu_1182_71", 3, "months", "2027-01-31", "FR") == "2027-04-30"


def test_the_last_day_in_japan_moves_over_a_holiday_and_a_sunday_but_not_a_saturday() -> None:
    assert due("jp_civil_code", 14, "calendar_days", "2026-10-20", "JP") == "2026-11-04"  # 3 November: Culture Day
    assert due("jp_civil_code", 14, "calendar_days", "2026-11-22", "JP") == "2026-12-07"  # 6 December: Sunday
    assert due("jp_civil_code", 14, "calendar_days", "2026-11-21", "JP") == "2026-12-05"  # 5 December: Saturday


def test_seven_days_in_kenya_count_sundays_and_end_on_the_next_day_if_the_last_is_one() -> None:
    assert due("ke", 7, "calendar_days", "2026-12-08", "KE") == "2026-12-15"
    assert due("ke", 7, "calendar_days", "2026-12-06", "KE") == "2026-12-14"
    assert due("ke", 7, "calendar_days", "2026-12-05", "KE") == "2026-12-14"  # 12 December is Jamhuri Day


def test_six_days_or_less_in_kenya_leave_sundays_and_holidays_out() -> None:
    assert due("ke", 6, "calendar_days", "2026-12-08", "KE") == "2026-12-16"  # without the 12th and the 13th


def test_forty_five_days_in_california_end_on_a_sunday_if_they_end_there() -> None:
    assert due("us_ca", 45, "calendar_days", "2026-12-03", "US-CA") == "2027-01-17"


def test_business_days_leave_out_weekends_and_holidays() -> None:
    assert due("us_ca", 15, "business_days", "2026-12-08", "US-CA") == "2026-12-30"  # without Christmas
    assert due("us_ca", 10, "business_days", "2026-03-20", "US-CA") == "2026-04-06"  # without Cesar Chavez Day


def test_a_bank_holiday_of_one_nation_alone_does_not_make_a_british_date_later() -> None:
    assert due("uk_month", 1, "months", "2026-02-17", "GB") == "2026-03-17"  # Saint Patrick's Day
    assert due("uk_month", 1, "months", "2026-11-25", "GB") == "2026-12-29"  # Christmas, weekend, Boxing Day moved


def test_a_last_day_in_south_africa_moves_over_a_sunday_and_a_holiday_but_not_a_saturday() -> None:
    assert due("za", 30, "calendar_days", "2026-11-16", "ZA") == "2026-12-17"  # Day of Reconciliation
    assert due("za", 30, "calendar_days", "2026-11-27", "ZA") == "2026-12-28"  # a Sunday
    assert due("za", 30, "calendar_days", "2026-12-10", "ZA") == "2027-01-09"  # a Saturday


def test_new_zealand_does_not_count_the_days_from_25_december_to_15_january() -> None:
    assert due("nz_working", 1, "business_days", "2026-12-23", "NZ") == "2026-12-24"
    assert due("nz_working", 1, "business_days", "2026-12-24", "NZ") == "2027-01-18"
    assert due("nz_working", 20, "business_days", "2026-06-15", "NZ") == "2026-07-14"  # without Matariki


def test_a_weekend_worked_in_exchange_for_a_holiday_counts_as_a_working_day() -> None:
    assert CALENDARS["CN"].is_working(date(2026, 2, 14))
    assert due("exclude_first", 2, "business_days", "2026-02-12", "CN") == "2026-02-14"
    assert not CALENDARS["RU"].is_working(date(2026, 12, 31))


@pytest.mark.parametrize("calendar", ["FR", "ZA", "NZ", "RU"])
def test_where_no_rule_was_read_nothing_is_moved(calendar: str) -> None:
    assert due("exclude_first", 30, "calendar_days", "2026-11-27", calendar) == "2026-12-27"  # a Sunday
    assert due("exclude_first", 1, "months", "2026-11-25", calendar) == "2026-12-25"


def test_hours_run_through_days_off_and_cross_midnight() -> None:
    assert due("exclude_first", 48, "hours", "2026-12-31T23:59", "JP") == "2027-01-02"


def test_a_friday_is_weekend_where_the_country_says_so() -> None:
    assert CALENDARS["EG"].is_weekend(date(2026, 12, 11))
    assert not CALENDARS["JP"].is_weekend(date(2026, 12, 11))


@pytest.mark.parametrize("code", ["XX", "US-ZZ"])
def test_an_unknown_calendar_is_refused(code: str) -> None:
    with pytest.raises(LookupError):
        Calendar(code)


@given(countings, spans, moments, calendars)
def test_no_period_ends_before_it_began_and_a_day_off_only_moves_its_end_forward(
    counting: Counting, span: Span, received: datetime, calendar: Calendar
) -> None:
    end = last_day(counting, span, received, calendar)
    assert received.date() <= end.counted <= end.due
    assert end.due - end.counted <= timedelta(days=12)


@given(countings, spans, moments, st.timedeltas(timedelta(0), timedelta(days=40)), calendars)
def test_what_came_later_is_never_due_earlier(
    counting: Counting, span: Span, received: datetime, later: timedelta, calendar: Calendar
) -> None:
    first = last_day(counting, span, received, calendar)
    second = last_day(counting, span, received + later, calendar)
    assert first.due <= second.due
    assert first.counted <= second.counted


@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)), st.integers(0, 40))
def test_months_keep_the_day_number_or_end_with_the_month(day: date, months: int) -> None:
    end = add_months(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == min(day.day, monthrange(end.year, end.month)[1])
