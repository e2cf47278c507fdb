from __future__ import annotations

import shutil
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from pathlib import Path

import pytest

import company as room
from company import BadCompany, Company

KMAUTO = Path(room.__file__).parent / "kmauto"


@pytest.fixture(scope="module")
def company() -> Company:
    return Company.load(KMAUTO)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the company's folder that a test may change."""
    return Path(shutil.copytree(KMAUTO, tmp_path / "other"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_first_company_is_who_it_is(company: Company) -> None:
    assert (company.name, company.short) == ("KM Auto Export Co., Ltd.", "KM Auto Export")
    assert (company.home_country, company.timezone) == ("JP", "Asia/Tokyo")
    assert (company.floor_days, company.optout_hours, company.media_days, company.fee_text) == (14, 48, 7, "")


def test_the_policy_is_the_whole_text(company: Company) -> None:
    assert company.policy.startswith("Privacy Policy\n")
    assert company.policy.endswith("will be available through our official channels.")


def test_no_contact_is_made_up(company: Company) -> None:
    english = company.contacts_in("en")
    for phrase in (english.company_contact, english.sales_contact, english.policy_url):
        assert phrase in company.policy


def test_contacts_are_written_in_every_language_of_the_company_and_else_in_its_first(company: Company) -> None:
    assert company.contacts.keys() == set(company.languages)
    assert "ウェブサイト" in company.contacts_in("ja").company_contact
    assert company.contacts_in("xx") is company.contacts_in("en")


@pytest.mark.parametrize(
    ("right", "portable", "full", "level"),
    [
        ("opt_out", False, False, 0),
        ("marketing_objection", False, False, 0),
        ("complaint", False, False, 0),
        ("question", False, False, 0),
        ("human", False, False, 0),
        ("status", False, False, 0),
        ("restriction", False, False, 1),
        ("correction", False, False, 2),
        ("deletion", False, True, 2),
        ("objection", False, False, 2),
        ("disclosure", False, False, 2),
        ("access", False, False, 2),
        ("access", False, True, 3),
        ("access", True, False, 2),
        ("access", True, True, 3),
    ],
)
def test_the_level_table_is_the_one_of_the_design(
    company: Company, right: str, portable: bool, full: bool, level: int
) -> None:
    assert company.level_needed(right, portable, full) == level


def test_a_number_alone_on_file_counts_for_some_rights(company: Company) -> None:
    alone = company.only_contact
    assert (alone.days_on_file, alone.level) == (30, 2)
    assert alone.rights == {"correction", "restriction", "objection", "disclosure"}


def test_a_person_answers_by_the_end_of_the_next_working_day(company: Company) -> None:
    tuesday = datetime(2026, 12, 8, 0, 10, tzinfo=UTC)
    assert company.human_by(tuesday).isoformat() == "2026-12-09T18:00:00+09:00"
    friday_in_utc_and_saturday_in_japan = datetime(2026, 12, 11, 20, tzinfo=UTC)
    assert company.human_by(friday_in_utc_and_saturday_in_japan).isoformat() == "2026-12-14T18:00:00+09:00"


def test_a_moment_without_time_zone_is_refused(company: Company) -> None:
    with pytest.raises(ValueError, match="time zone"):
        company.is_open(datetime(2026, 12, 8))


def test_a_company_cannot_be_changed(company: Company) -> None:
    with pytest.raises(FrozenInstanceError):
        company.name = "Another"  # type: ignore[misc]


def test_another_company_is_another_folder(folder: Path) -> None:
    change(folder / "company.toml", "KM Auto Export Co., Ltd.", "Beispiel GmbH")
    change(folder / "company.toml", "Asia/Tokyo", "Europe/Berlin")
    change(folder / "company.toml", 'holidays_of = "JP"', 'holidays_of = "DE"')
    change(folder / "verification.toml", "restriction = 1", "restriction = 2")
    one, two = "HX" + "0" * 32, "HX" + "a" * 32
    change(folder / "whatsapp.toml", "[content]", f'[content]\nbuttons_2 = "{one}"\n"tpl_code:en" = "{two}"')
    (folder / "policy.txt").write_text("We keep little.", "utf-8")
    other = Company.load(folder)
    assert (other.name, other.policy, other.level_needed("restriction")) == ("Beispiel GmbH", "We keep little.", 2)
    assert other.content == {"buttons_2": one, "tpl_code:en": two}
    assert other.human_by(datetime(2026, 10, 2, 12, tzinfo=UTC)).isoformat() == "2026-10-05T18:00:00+02:00"


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("company.toml", 'name = "KM Auto Export Co., Ltd."', 'name = ""', "company.toml: name:"),
        ("company.toml", "floor_days = 14", "floor_days = 0", "company.toml: floor_days:"),
        ("company.toml", "floor_days = 14", "", "company.toml: floor_days:"),
        ("company.toml", '"Asia/Tokyo"', '"Asia/Nowhere"', "company.toml: timezone:"),
        ("company.toml", '"Asia/Tokyo"', '"../../etc/passwd"', "company.toml: timezone:"),
        ("company.toml", 'holidays_of = "JP"', 'holidays_of = "XX"', "company.toml: office.holidays_of:"),
        ("company.toml", "09:00:00", "19:00:00", "company.toml: office: .*opens must be before closes"),
        ("company.toml", '"01-03"', '"12-01"', "company.toml: office: .*60 days"),
        ("company.toml", '"mon", ', '"monday", ', "company.toml: office.days"),
        ("company.toml", "[contacts.en]", "[contacts.de]", "company.toml: .*contacts.en is missing"),
        ("company.toml", "sales_contact = ", "shop = ", "company.toml: contacts.en"),
        ("company.toml", 'url = "our official', 'url = "our\\r\\nBcc: ', "company.toml: contacts.en.policy_url"),
        ("company.toml", "short =", "colour = 'red'\nshort =", "company.toml: colour"),
        ("company.toml", "short =", "policy = 'none'\nshort =", "company.toml: policy: does not belong"),
        ("company.toml", "short =", "short", "company.toml: "),
        ("verification.toml", "opt_out = 0", "opt_out = 1", "verification.toml: levels.opt_out"),
        ("verification.toml", "deletion = 2", "deletion = 5", "verification.toml: levels.deletion"),
        ("verification.toml", "deletion = 2\n", "", "verification.toml: levels.deletion"),
        ("verification.toml", "[only_contact]", "[only]", "verification.toml: only: does not belong"),
        ("whatsapp.toml", "[content]", '[content]\nbuttons_4 = "HX"', "whatsapp.toml: content"),
        ("whatsapp.toml", "[content]", '[content]\nbuttons_2 = "HX12"', "whatsapp.toml: content.buttons_2"),
    ],
)
def test_a_broken_file_is_refused_by_name_and_key(folder: Path, file: str, old: str, new: str, words: str) -> None:
    change(folder / file, old, new)
    with pytest.raises(BadCompany, match=words):
        Company.load(folder)


@pytest.mark.parametrize("file", ["company.toml", "verification.toml", "whatsapp.toml", "policy.txt"])
def test_a_missing_or_unreadable_file_is_refused_by_name(folder: Path, file: str) -> None:
    (folder / file).write_bytes(b"\xff\xfe")
    with pytest.raises(BadCompany, match=file):
        Company.load(folder)
    (folder / file).unlink()
    with pytest.raises(BadCompany, match=file):
        Company.load(folder)


def test_an_empty_policy_is_refused(folder: Path) -> None:
    (folder / "policy.txt").write_text("", "utf-8")
    with pytest.raises(BadCompany, match=r"policy\.txt: policy"):
        Company.load(folder)
