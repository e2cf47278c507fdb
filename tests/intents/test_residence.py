"""Where somebody says they live."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.phrases import languages
from intents.residence import LONGEST, ResidenceReader

RESIDENCE = ResidenceReader()


@pytest.mark.parametrize(
    ("language", "text", "place"),
    [
        ("en", "I live in Nairobi", "Nairobi"),
        ("en", "I'm living in Dubai and want my data deleted", "Dubai"),
        ("en", "we are based in São Paulo, Brazil", "São Paulo"),
        ("en", "I no longer live in Kigali", ""),
        ("en", "I live 5 km from port", ""),
        ("en", "delete my data", ""),
        ("es", "vivo en Lima", "Lima"),
        ("es", "ya no vivo en Lima", ""),
        ("es", "soy de Bolivia y quiero mis datos", "Bolivia"),
        ("fr", "j'habite à Abidjan", "Abidjan"),
        ("fr", "je vis en Côte d'Ivoire depuis 2 ans", "Côte d'Ivoire"),
        ("pt", "moro em Maputo", "Maputo"),
        ("pt", "vivo no Brasil", "Brasil"),
        ("ru", "живу в Бишкеке", "Бишкеке"),
        ("ru", "я из Казахстана", "Казахстана"),
        ("sw", "naishi Dar es Salaam", "Dar es Salaam"),
        ("sw", "niko Mombasa", "Mombasa"),
        ("ar", "أعيش في الدار البيضاء", "الدار البيضاء"),
        ("ar", "انا من مصر", "مصر"),
        ("ja", "東京に住んでいます", "東京"),
        ("ja", "私は大阪府堺市に住んでいます", "大阪府堺市"),
        ("ja", "ケニア在住です", "ケニア"),
    ],
)
def test_the_place_is_given_as_it_was_typed(language: str, text: str, place: str) -> None:
    assert RESIDENCE.read(text, language) == place


@given(st.text(max_size=300), st.sampled_from([*languages(), "de"]))
def test_a_place_is_part_of_the_text(text: str, language: str) -> None:
    place = RESIDENCE.read(f"I live in {text}", language)
    assert len(place) <= LONGEST
    assert "".join(place.split()) in "".join(f"I live in {text}".split())


@pytest.mark.parametrize("text", ["live in " * 12_000, "に住んで" * 25_000, "i am in " * 12_000])
def test_a_long_text_is_read_in_bounds(text: str) -> None:
    assert isinstance(RESIDENCE.read(text, "ja"), str)
