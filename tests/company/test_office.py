from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from company.office import Office

TOKYO = ZoneInfo("Asia/Tokyo")
WEEKDAYS = frozenset({"mon", "tue", "wed", "thu", "fri"})
OFFICE = Office(time(9), time(18), WEEKDAYS, "JP", ("12-29", "01-03"))  # type: ignore[arg-type]

moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 12, 31)).map(lambda moment: moment.replace(tzinfo=TOKYO))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-12-08T08:59:59", False),
        ("2026-12-08T09:00:00", True),
        ("2026-12-08T17:59:59", True),
        ("2026-12-08T18:00:00", False),
        ("2026-12-12T12:00:00", False),  # Saturday
        ("2026-11-23T12:00:00", False),  # a holiday
        ("2026-12-29T12:00:00", False),  # year-end
        ("2027-01-01T12:00:00", False),
        ("2027-01-04T12:00:00", True),
    ],
)
def test_the_office_is_open_in_its_hours_on_its_days(moment: str, is_open: bool) -> None:
    assert OFFICE.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-12-08T08:00:00", "2026-12-08T09:00:00"),
        ("2026-12-08T09:00:00", "2026-12-08T09:00:00"),
        ("2026-12-08T09:00:01", "2026-12-09T09:00:00"),
        ("2026-12-11T19:00:00", "2026-12-14T09:00:00"),
        ("2026-12-28T19:00:00", "2027-01-04T09:00:00"),
    ],
)
def test_the_next_opening_leaves_out_days_off(moment: str, opening: str) -> None:
    assert OFFICE.next_opening(at(moment)) == at(opening)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-12-08T00:00:00", "2026-12-09T18:00:00"),
        ("2026-12-11T12:00:00", "2026-12-14T18:00:00"),
        ("2026-12-13T12:00:00", "2026-12-14T18:00:00"),
        ("2026-12-28T12:00:00", "2027-01-04T18:00:00"),
    ],
)
def test_the_next_day_ends_at_closing_time(moment: str, end: str) -> None:
    assert OFFICE.end_of_next_day(at(moment)) == at(end)


def test_an_office_may_work_on_holidays_and_be_closed_inside_one_year() -> None:
    office = Office(time(9), time(18), WEEKDAYS, "", ("08-10", "08-16"))  # type: ignore[arg-type]
    assert office.works_on(date(2026, 11, 23))
    assert not office.works_on(date(2026, 8, 10))
    assert office.works_on(date(2026, 12, 29))


@given(moments)
def test_the_office_is_open_at_its_next_opening_which_is_near(moment: datetime) -> None:
    opening = OFFICE.next_opening(moment)
    assert OFFICE.is_open(opening)
    assert moment <= opening <= moment + timedelta(days=14)


@given(moments)
def test_an_answer_is_promised_for_a_working_day_after_today(moment: datetime) -> None:
    end = OFFICE.end_of_next_day(moment)
    assert OFFICE.works_on(end.date())
    assert end.date() > moment.date()
    assert OFFICE.next_opening(moment) <= end
