from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.clock import BadDate, Deadline, UnknownRight, deadline, deadline_line
from law.figures import Regime
from law.regimes import Regimes, UnknownCountry
from law.rights import Right

TOKYO = "Asia/Tokyo"
REGIMES = Regimes.load()
RECEIVED = datetime(2026, 12, 8, 0, 10, tzinfo=UTC)  # 09:10 in Tokyo


def asked(right: Right, country: str = "", portable: bool = False, at: datetime = RECEIVED) -> Deadline:
    code, _, part = country.partition("-")
    return deadline(REGIMES, right, portable, at, TOKYO, code, part)


@pytest.mark.parametrize(
    ("right", "portable", "country", "due_on", "target_on", "statutory"),
    [
        (Right.ACCESS, False, "", "2026-12-22", "2026-12-22", False),
        (Right.ACCESS, True, "", "2027-01-07", "2027-01-07", False),
        (Right.OPT_OUT, False, "", "2026-12-10", "2026-12-10", False),
        (Right.ACCESS, False, "KE", "2026-12-15", "2026-12-15", True),
        (Right.DISCLOSURE, False, "KE", "2026-12-15", "2026-12-15", True),
        (Right.COMPLAINT, False, "KE", "2026-12-22", "2026-12-22", False),
        (Right.ACCESS, False, "FR", "2027-01-08", "2026-12-22", True),
        (Right.ACCESS, True, "FR", "2027-01-08", "2027-01-07", True),
        (Right.OPT_OUT, False, "FR", "2026-12-10", "2026-12-10", False),
        (Right.DELETION, False, "GB", "2027-01-08", "2026-12-22", True),
        (Right.COMPLAINT, False, "GB", "2027-01-07", "2026-12-22", True),
        (Right.ACCESS, False, "US-CA", "2027-01-22", "2026-12-22", True),
        (Right.OPT_OUT, False, "US-CA", "2026-12-22", "2026-12-10", True),
        (Right.RESTRICTION, False, "US-CA", "2026-12-30", "2026-12-22", True),
        (Right.ACCESS, False, "US-TX", "2027-01-22", "2026-12-22", True),
        (Right.ACCESS, True, "BR", "2026-12-23", "2026-12-23", False),
        (Right.ACCESS, True, "BW", "2027-01-07", "2027-01-07", False),
        (Right.ACCESS, False, "JP", "2026-12-22", "2026-12-22", False),
    ],
)
def test_what_came_on_8_december_is_due(
    right: Right, portable: bool, country: str, due_on: str, target_on: str, statutory: bool
) -> None:
    found = asked(right, country, portable)
    assert (found.due_on.isoformat(), found.target_on.isoformat()) == (due_on, target_on)
    assert found.statutory is statutory
    assert found.law


def test_the_day_of_receipt_is_the_day_at_the_company() -> None:
    before = asked(Right.ACCESS, at=datetime(2026, 12, 7, 14, 59, tzinfo=UTC))
    after = asked(Right.ACCESS, at=datetime(2026, 12, 7, 15, 0, tzinfo=UTC))
    assert (before.due_on, after.due_on) == (date(2026, 12, 21), date(2026, 12, 22))


def test_the_house_date_is_not_moved_by_a_day_off() -> None:
    sunday = asked(Right.ACCESS, at=datetime(2026, 12, 6, 3, tzinfo=UTC))
    assert sunday.target_on == date(2026, 12, 20)


def test_the_margin_of_a_moved_date_is_not_used() -> None:
    found = asked(Right.ACCESS, "KE", at=datetime(2026, 12, 5, 3, tzinfo=UTC))
    assert found.due_on == date(2026, 12, 14)  # the 12th is a holiday in Kenya, the 13th a Sunday
    assert found.target_on == date(2026, 12, 11)  # the last working day before the 12th, a Saturday


def test_a_promise_never_falls_into_the_closure_at_new_year() -> None:
    found = asked(Right.ACCESS, "KE", at=datetime(2026, 12, 25, 3, tzinfo=UTC))
    assert (found.due_on, found.target_on) == (date(2027, 1, 2), date(2026, 12, 28))


def test_a_promise_never_lies_before_the_day_of_receipt() -> None:
    kenya = REGIMES.by_id["ke_dpa"]
    one_day = replace(kenya.figure(Right.ACCESS), value=1)
    hurried = replace(kenya, rights={**kenya.rights, "access": one_day})
    regimes = Regimes([REGIMES.by_id["jp_appi"], hurried], REGIMES.house, "jp_appi", REGIMES.countries)
    found = deadline(regimes, Right.ACCESS, False, datetime(2026, 12, 29, 3, tzinfo=UTC), TOKYO, "KE")
    assert (found.due_on, found.target_on) == (date(2026, 12, 30), date(2026, 12, 29))


def test_an_extension_is_counted_from_receipt() -> None:
    longer = asked(Right.ACCESS, "FR", at=datetime(2027, 1, 31, 3, tzinfo=UTC)).extension
    assert longer is not None
    assert longer.due_on == date(2027, 4, 30)
    assert longer.notice_by == date(2027, 2, 28)  # a Sunday: the notice goes out inside the month itself


def test_kenya_extends_portability_only() -> None:
    assert asked(Right.ACCESS, "KE").extension is None
    longer = asked(Right.ACCESS, "KE", portable=True).extension
    assert longer is not None
    assert longer.due_on == date(2027, 2, 6)  # 60 days; a Saturday, which the law of Kenya does not move


def test_a_law_that_asks_for_a_reasonable_time_names_no_date_but_a_day_for_the_notice() -> None:
    longer = asked(Right.ACCESS, "NZ").extension
    assert longer is not None
    assert (longer.due_on, longer.notice_by) == (None, date(2027, 1, 27))


def test_the_day_of_receipt_decides_which_text_of_a_changed_law_holds() -> None:
    old = asked(Right.ACCESS, "CL", at=datetime(2026, 11, 30, 14, 59, tzinfo=UTC))
    new = asked(Right.ACCESS, "CL", at=datetime(2026, 11, 30, 15, 0, tzinfo=UTC))
    assert (old.due_on, old.extension) == (date(2026, 12, 2), None)
    assert "before" in old.law
    assert new.due_on == date(2026, 12, 31)
    assert new.extension is not None


def test_a_figure_of_our_own_is_never_moved_by_a_day_off_and_never_said_to_be_the_laws() -> None:
    sunday = datetime(2026, 12, 6, 3, tzinfo=UTC)
    for country in ("PK", "BW", "ZM", "TT"):
        found = asked(Right.ACCESS, country, at=sunday)
        assert (found.due_on, found.target_on, found.statutory) == (date(2026, 12, 20), date(2026, 12, 20), False)


def test_no_country_means_no_extension() -> None:
    assert asked(Right.ACCESS).extension is None


@given(
    st.sampled_from(Right),
    st.booleans(),
    st.sampled_from(["", "US-CA", *sorted(REGIMES.countries)]),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)),
)
def test_a_promise_lies_between_receipt_and_the_law(right: Right, portable: bool, country: str, at: datetime) -> None:
    found = asked(right, country, portable, at)
    received = at.astimezone(ZoneInfo(TOKYO)).date()
    house = asked(right, "", portable, at).target_on
    assert received <= found.target_on <= min(found.due_on, house)
    if found.extension and found.extension.due_on:
        assert found.extension.due_on > found.due_on
        assert received < found.extension.notice_by <= found.due_on


@given(
    st.sampled_from(Right),
    st.booleans(),
    st.sampled_from(["", "US-CA", *(regime.countries[0] for regime in REGIMES.by_id.values() if regime.countries)]),
    st.integers(-100, 3000),
)
def test_what_came_a_day_later_is_never_promised_earlier(right: Right, portable: bool, country: str, days: int) -> None:
    at = RECEIVED + timedelta(days=days)
    first = asked(right, country, portable, at)
    second = asked(right, country, portable, at + timedelta(days=1))
    assert first.target_on <= second.target_on
    assert first.due_on <= second.due_on


SWITCHED = [regime for regime in REGIMES.by_id.values() if regime.in_force_from]


@given(st.sampled_from(Right), st.booleans(), st.sampled_from(SWITCHED), st.integers(-72, 72))
def test_a_change_of_law_never_puts_a_date_before_receipt(
    right: Right, portable: bool, regime: Regime, hours: int
) -> None:
    assert regime.in_force_from is not None
    changed = datetime.combine(regime.in_force_from, time(), ZoneInfo(TOKYO))
    at = changed + timedelta(hours=hours)
    found = asked(right, regime.countries[0], portable, at)
    assert at.astimezone(ZoneInfo(TOKYO)).date() <= found.target_on <= found.due_on
    assert (found.law == (regime.before.cite if regime.before else "")) == (at < changed)


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(BadDate):
        asked(Right.ACCESS, at=datetime(2026, 12, 8))


def test_the_command_answers_with_plain_values() -> None:
    assert deadline_line(REGIMES, "access", "KE", "2026-12-08T00:10:00Z", TOKYO) == {
        "regime": "ke_dpa",
        "due_on": "2026-12-15",
        "target_on": "2026-12-15",
        "statutory": True,
        "law": "Data Protection Act 2019 s. 26(b); General Regulations 2021 reg. 9",
        "extension": None,
    }
    assert deadline_line(REGIMES, "portability", "fr", "2026-12-08T09:10:00+09:00", TOKYO)["extension"] == {
        "due_on": "2027-03-08",
        "notice_by": "2027-01-08",
        "condition": "complexity and number of requests",
    }


@pytest.mark.parametrize(
    "received", ["2026-12-08", "2026-12-07T15:00:00", "2026-12-08T00:10Z", "2026-12-08T23:59+09:00"]
)
def test_a_day_is_the_companys_and_a_moment_without_offset_is_utc(received: str) -> None:
    assert deadline_line(REGIMES, "opt-out", "", received, TOKYO)["due_on"] == "2026-12-10"


@pytest.mark.parametrize(
    ("right", "country", "received", "error"),
    [
        ("money", "KE", "2026-12-08", UnknownRight),
        ("", "KE", "2026-12-08", UnknownRight),
        ("access", "XX", "2026-12-08", UnknownCountry),
        ("access", "Kenya", "2026-12-08", UnknownCountry),
        ("access", "US_CA", "2026-12-08", UnknownCountry),
        ("access", "KE", "yesterday", BadDate),
        ("access", "KE", "2026-02-30", BadDate),
        ("access", "KE", "", BadDate),
        ("access", "KE", "1999-12-31", BadDate),
        ("access", "KE", "0001-01-01T00:00:00+23:59", BadDate),
        ("access", "KE", "9999-12-31T23:59:59-23:59", BadDate),
    ],
)
def test_bad_input_is_one_plain_line(right: str, country: str, received: str, error: type[ValueError]) -> None:
    with pytest.raises(error) as caught:
        deadline_line(REGIMES, right, country, received, TOKYO)
    assert str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=60), st.text(max_size=12), st.text(max_size=40))
def test_any_words_give_a_date_or_a_plain_refusal(right: str, country: str, received: str) -> None:
    for word in (right, "access"):
        with suppress(UnknownRight, UnknownCountry, BadDate):
            line = deadline_line(REGIMES, word, country, received, TOKYO)
            assert date.fromisoformat(str(line["target_on"])) <= date.fromisoformat(str(line["due_on"]))
