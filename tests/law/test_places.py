from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import law
from law.places import Place, Places, country_name
from law.regimes import Regimes

PLACES = Places.load()
COUNTRIES = Regimes.load().countries
FILE = tomllib.loads((Path(law.__file__).parent / "places.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Kenya", "KE"),
        ("kenia", "KE"),
        ("KENYA!!", "KE"),
        ("Mombasa", "KE"),
        ("ninaishi Kenya", "KE"),
        ("ケニアに住んでいます", "KE"),
        ("ｹﾆｱ", "KE"),
        ("я живу в Кении", "KE"),
        ("أعيش في كينيا", "KE"),
        ("بكينيا", "KE"),
        ("I'm in the UK", "GB"),
        ("u.k.", "GB"),
        ("Deutschland", "DE"),
        ("Vivo en México", "MX"),
        ("Côte d’Ivoire", "CI"),
        ("cote d'ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Trinidad and Tobago", "TT"),
        ("Trinidad & Tobago", "TT"),
        ("saint lucia", "LC"),
        ("日本在住です", "JP"),
        ("الإمارات", "AE"),
        ("Dubai, UAE", "AE"),
        ("I AM IN DUBAI", "AE"),
        ("в Узбекистане", "UZ"),
        ("New Zealand", "NZ"),
        ("nz", "NZ"),
        ("Tbilisi, Georgia", "GE"),
        ("DR Congo", "CD"),
        ("Papua New Guinea", "PG"),
        ("Dar es Salaam", "TZ"),
        ("I live in Jordan", "JO"),
        ("US", "US"),
        ("in the US now", "US"),
        ("U.S.A.", "US"),
    ],
)
def test_a_country_is_read_in_many_words(text: str, country: str) -> None:
    place = PLACES.country_of(text)
    assert place is not None
    assert (place.country, place.ambiguous) == (country, ())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("California", Place("US", "CA")),
        ("Los Angeles, California, USA", Place("US", "CA")),
        ("Georgia USA", Place("US", "GA")),
        ("New Mexico", Place("US", "NM")),
        ("Northern Ireland", Place("GB", "NIR")),
        ("Scotland, UK", Place("GB", "SCT")),
    ],
)
def test_a_part_of_a_country_is_read_as_such(text: str, place: Place) -> None:
    assert PLACES.country_of(text) == place


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("Georgia?", ("GE", "US-GA")),
        ("Congo", ("CD", "CG")),
        ("Kampala or Nairobi", ("KE", "UG")),
        ("Paris, Texas", ("FR", "US-TX")),
        ("between California and Texas", ("US-CA", "US-TX")),
        ("Virgin Islands", ("VG", "VI")),
    ],
)
def test_what_fits_several_places_is_ambiguous(text: str, choices: tuple[str, ...]) -> None:
    assert PLACES.country_of(text) == Place("", "", choices)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "asdf",
        "no",
        "NO",
        "skip",
        "482917",
        "tell us more about it",
        "CONTACT US NOW",
        "él usa mi correo",
        "l'eau",
        "日本語でお願いします",
        "my name is Jordan Smith, thanks",
        "ничего из того, что я просил",
        "Kenyan",
        "mexicano",
        "the Bank of America",
        "🇰🇪",
    ],
)
def test_what_names_no_place_is_none(text: str) -> None:
    assert PLACES.country_of(text) is None


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert PLACES.country_of("a " * 190 + "Kenya") == Place("KE")
    assert PLACES.country_of("a " * 200 + "Kenya") is None


@given(st.text(max_size=600))
def test_any_text_gives_known_countries_or_none(text: str) -> None:
    place = PLACES.country_of(text)
    if place is None:
        return
    assert bool(place.country) != bool(place.ambiguous)
    assert {code[:2] for code in (place.country, *place.ambiguous) if code} <= COUNTRIES


@given(st.sampled_from(sorted(COUNTRIES)), st.sampled_from(["en", "ja", "es", "fr", "pt", "ru", "sw", "ar", "de"]))
def test_every_country_is_read_back_from_its_name_in_every_language(code: str, language: str) -> None:
    place = PLACES.country_of(country_name(code, language))
    assert place is not None
    assert code == place.country or code in place.ambiguous


def test_every_word_of_the_places_file_is_read_as_its_place() -> None:
    for code, names in FILE["names"].items():
        for name in names:
            place = PLACES.country_of(name)
            assert place is not None, name
            found = place.ambiguous or ("-".join(filter(None, (place.country, place.subdivision))),)
            assert code in found, name


def test_every_place_of_the_file_is_in_a_country() -> None:
    assert {code[:2] for part in ("codes", "names") for code in FILE[part]} <= COUNTRIES


def test_a_country_has_a_name_in_every_language_and_english_where_we_know_none() -> None:
    names = [country_name("KE", language) for language in ("en", "ja", "pt", "ar")]
    assert names == ["Kenya", "ケニア", "Quênia", "كينيا"]
    assert country_name("KE", "xx") == country_name("KE", "not a language") == country_name("KE", "") == "Kenya"
    assert country_name("??", "en") == "??"
