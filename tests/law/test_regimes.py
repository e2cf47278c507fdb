from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

import law
from law.figures import FIGURE_NAMES
from law.regimes import BadRegime, Regimes, UnknownCountry
from law.rights import Right

HERE = Path(law.__file__).parent


@pytest.fixture(scope="module")
def regimes() -> Regimes:
    return Regimes.load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the law that a test may break."""
    for name in ("house.toml", "countries.toml"):
        shutil.copy(HERE / name, tmp_path)
    shutil.copytree(HERE / "regimes", tmp_path / "regimes")
    return tmp_path


def test_every_country_of_the_world_has_a_regime(regimes: Regimes) -> None:
    assert len(regimes.countries) == 250
    assert {regimes.regime_for(country).id for country in regimes.countries} >= {"jp_appi", "eu_gdpr", "ke_dpa"}


def test_every_country_has_a_calendar(regimes: Regimes) -> None:
    assert all(regimes.calendar(country).is_holiday for country in regimes.countries)


def test_every_regime_says_something_about_every_right(regimes: Regimes) -> None:
    for regime in regimes.by_id.values():
        assert regime.rights.keys() == FIGURE_NAMES
        assert regime.authority
        assert regime.authority_url.startswith("https://")


@pytest.mark.parametrize(
    ("country", "regime"),
    [("JP", "jp_appi"), ("FR", "eu_gdpr"), ("NO", "eu_gdpr"), ("GB", "uk_gdpr"), ("KE", "ke_dpa"), ("CH", "jp_appi")],
)
def test_a_country_has_the_regime_whose_file_names_it(regimes: Regimes, country: str, regime: str) -> None:
    assert regimes.regime_for(country).id == regime


@pytest.mark.parametrize("part", ["CA", "US-CA"])
def test_california_has_its_own_law_and_texas_the_floor(regimes: Regimes, part: str) -> None:
    assert regimes.regime_for("US", part).id == "us_ca_ccpa"
    assert regimes.regime_for("US", "TX") is regimes.floor
    assert regimes.regime_for("CA") is regimes.floor


def test_the_subdivision_of_a_country_without_own_parts_does_not_matter(regimes: Regimes) -> None:
    assert regimes.regime_for("GB", "SCT").id == "uk_gdpr"


@pytest.mark.parametrize("code", ["XX", "UK", "ke", "KEN", "K"])
def test_a_code_that_is_no_country_is_refused(regimes: Regimes, code: str) -> None:
    with pytest.raises(UnknownCountry):
        regimes.regime_for(code)


def test_the_floor_guesses_no_authority_and_promises_nothing_as_law(regimes: Regimes) -> None:
    assert regimes.floor.authority == ""
    assert not any(figure.statutory or figure.binding for figure in regimes.floor.rights.values())
    assert regimes.floor.figure(Right.ACCESS, portable=True).value == 30


def test_portability_has_its_own_figure(regimes: Regimes) -> None:
    kenya = regimes.regime_for("KE")
    assert (kenya.figure(Right.ACCESS).value, kenya.figure(Right.ACCESS, portable=True).value) == (7, 30)


def test_the_house_is_closed_on_weekends_holidays_and_around_new_year(regimes: Regimes) -> None:
    closed = [date(2026, 12, 12), date(2026, 11, 23), date(2026, 12, 29), date(2026, 12, 31), date(2028, 1, 3)]
    assert not any(regimes.office_works(day) for day in closed)
    assert regimes.office_works(date(2026, 12, 28))
    assert regimes.office_works(date(2027, 1, 4))


def test_a_new_regime_is_one_more_file(folder: Path) -> None:
    text = (folder / "regimes/ke_dpa.toml").read_text("utf-8")
    (folder / "regimes/br_lgpd.toml").write_text(text.replace('["KE"]', '["BR"]'), "utf-8")
    assert Regimes.load(folder).regime_for("BR").id == "br_lgpd"


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("regimes/ke_dpa.toml", "value = 7\n", "value = 0\n", "ke_dpa.toml: rights.access.value"),
        ("regimes/ke_dpa.toml", "value = 7\n", "", "ke_dpa.toml: rights.access.value"),
        ("regimes/ke_dpa.toml", '"calendar_days"', '"days"', "ke_dpa.toml: rights.access.unit"),
        ("regimes/ke_dpa.toml", '"regulation"', '"rumour"', "ke_dpa.toml: rights.access.basis"),
        ("regimes/ke_dpa.toml", 'cite = "', 'cite = ""\nwhy = "', "ke_dpa.toml: rights.access.cite"),
        ("regimes/ke_dpa.toml", "[rights.complaint]", "[rights.complaints]", "complaint"),
        ("regimes/ke_dpa.toml", 'counting = "ke"', 'counting = "moon"', "ke_dpa.toml: counting"),
        ("regimes/ke_dpa.toml", 'calendar = "KE"', 'calendar = "KE-ZZ"', "ke_dpa.toml: calendar"),
        ("regimes/ke_dpa.toml", '["KE"]', '["FR"]', "eu_gdpr has FR already"),
        ("regimes/ke_dpa.toml", '["KE"]', '["XX"]', "XX is not in countries.toml"),
        ("regimes/ke_dpa.toml", "https://", "http://", "ke_dpa.toml: authority_url"),
        ("regimes/ke_dpa.toml", "name =", "name", "ke_dpa.toml: cannot be read"),
        ("regimes/ke_dpa.toml", "name =", "nickname = 'x'\nname =", "ke_dpa.toml: nickname"),
        ("regimes/eu_gdpr.toml", 'value = 2\nunit = "months"', 'value = 60\nunit = "calendar_days"', "same unit"),
        ("house.toml", "complaint =", "complaints =", "house.toml: figures"),
        ("house.toml", '"12-29"', '"13-29"', "house.toml: year_end.0"),
        ("house.toml", 'calendar = "JP"', 'calendar = "XX"', "house.toml: calendar"),
        ("countries.toml", '"jp_appi"', '"us_none"', "countries.toml: default"),
    ],
)
def test_a_broken_file_is_refused_by_name_and_key(folder: Path, file: str, old: str, new: str, words: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(BadRegime, match=words.replace(".", r"\.")):
        Regimes.load(folder)


def test_a_missing_file_is_refused_by_name(folder: Path) -> None:
    (folder / "house.toml").unlink()
    with pytest.raises(BadRegime, match=r"house\.toml"):
        Regimes.load(folder)
