from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from babel import Locale

import law
from law.figures import FIGURE_NAMES, Span
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


def test_every_country_of_the_world_has_exactly_one_regime(regimes: Regimes) -> None:
    named = [country for regime in regimes.by_id.values() for country in regime.countries]
    assert len(regimes.countries) == 250
    assert sorted(named) == sorted(regimes.countries)
    assert all(country in regimes.regime_for(country).countries for country in regimes.countries)


def test_the_countries_are_those_of_iso_3166_and_kosovo(regimes: Regimes) -> None:
    groups = {"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"}
    reserved = {"AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
    territories = {code for code in map(str, Locale.parse("en").territories) if len(code) == 2 and code.isalpha()}
    assert regimes.countries == territories - groups - reserved


def test_there_is_a_file_for_every_regime_of_the_law_table(regimes: Regimes) -> None:
    assert len(regimes.by_id) == 71
    assert {regime.id for regime in regimes.by_id.values() if not regime.countries} == {"us_ca_ccpa"}


def test_every_country_has_a_calendar(regimes: Regimes) -> None:
    assert all(regimes.calendar(country).is_holiday for country in regimes.countries)


def test_every_regime_says_something_about_every_right(regimes: Regimes) -> None:
    for regime in regimes.by_id.values():
        assert regime.rights.keys() == FIGURE_NAMES
        assert not regime.authority_url or regime.authority


def test_a_law_fits_into_the_line_that_a_ticket_keeps_of_it(regimes: Regimes) -> None:
    assert max(len(figure.cite) for regime in regimes.by_id.values() for figure in regime.rights.values()) <= 200


def test_what_no_law_says_is_the_houses_own_figure(regimes: Regimes) -> None:
    ours = [
        (name, figure)
        for regime in regimes.by_id.values()
        for name, figure in regime.rights.items()
        if figure.basis in ("house", "unread")
    ]
    assert len(ours) > 100
    assert all(figure.span == regimes.house.figures[name] for name, figure in ours)
    assert not any(figure.statutory or figure.binding or figure.extension for _, figure in ours)


def test_only_a_statute_or_a_regulation_is_told_to_a_person_as_the_laws_period(regimes: Regimes) -> None:
    for regime in regimes.by_id.values():
        for figure in regime.rights.values():
            assert figure.statutory == (figure.basis in ("statute", "regulation"))
            assert not (figure.statutory and figure.right_exists is False)


def test_mexico_has_a_second_period_after_the_answer(regimes: Regimes) -> None:
    assert regimes.regime_for("MX").figure(Right.CORRECTION).then_implement == Span(15, "business_days")


def test_only_the_union_and_britain_stop_the_clock(regimes: Regimes) -> None:
    stopping = {regime.id for regime in regimes.by_id.values() if any(f.pause for f in regime.rights.values())}
    assert stopping == {"eu_gdpr", "uk_gdpr"}


def test_what_was_asked_before_a_law_changed_is_under_the_older_text(regimes: Regimes) -> None:
    chile = regimes.regime_for("CL")
    assert chile.figure(Right.ACCESS, received=date(2026, 11, 30)) is chile.before
    assert chile.figure(Right.ACCESS, received=date(2026, 12, 1)) is chile.figure(Right.ACCESS)
    assert chile.figure(Right.ACCESS).value == 30


def test_a_law_to_come_moves_no_date(regimes: Regimes) -> None:
    for country in ("IN", "LK", "PY"):
        regime = regimes.regime_for(country)
        assert regime.later
        assert regime.figure(Right.COMPLAINT, received=date(2026, 1, 1)) == regime.figure(Right.COMPLAINT)


@pytest.mark.parametrize(
    ("country", "regime"),
    [("JP", "jp_appi"), ("FR", "eu_gdpr"), ("NO", "eu_gdpr"), ("GB", "uk_gdpr"), ("KE", "ke_dpa"), ("CH", "ch_fadp")],
)
def test_a_country_has_the_regime_whose_file_names_it(regimes: Regimes, country: str, regime: str) -> None:
    assert regimes.regime_for(country).id == regime


@pytest.mark.parametrize("part", ["CA", "US-CA"])
def test_california_has_its_own_law_and_texas_that_of_the_other_states(regimes: Regimes, part: str) -> None:
    assert regimes.regime_for("US", part).id == "us_ca_ccpa"
    assert regimes.regime_for("US", "TX") is regimes.regime_for("US") is regimes.by_id["us_other"]
    assert regimes.regime_for("CA").id == "ca_pipeda"


def test_no_country_and_a_country_without_a_file_have_the_floor(folder: Path) -> None:
    (folder / "regimes/ch_fadp.toml").unlink()
    regimes = Regimes.load(folder)
    assert regimes.regime_for("CH") is regimes.regime_for("") is regimes.floor


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
    (folder / "regimes/br_lgpd.toml").unlink()
    (folder / "regimes/br_new.toml").write_text(text.replace('["KE"]', '["BR"]'), "utf-8")
    assert Regimes.load(folder).regime_for("BR").id == "br_new"


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
        ("regimes/nz_pa.toml", 'basis = "working_figure"', 'basis = "statute"', "a right that it does not know"),
        ("regimes/eu_gdpr.toml", 'basis = "statute"', 'basis = "unread"', "extend a figure of our own"),
        ("regimes/cl_21719.toml", "in_force_from = 2026-12-01\n", "", "stand together"),
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
