from __future__ import annotations

import pytest

from intents import LANGUAGES, Reader
from intents.details import DetailReader
from intents.phrases import DATA, read


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("my email changed, new one is jo.new@example.com", "email", "jo.new@example.com"),
        ("My name is spelled Jon Smyth, fix it", "name", "Jon Smyth"),
        ("pls correct my address, new: 12 Harbour Road, Mombasa", "address", "12 Harbour Road, Mombasa"),
        ("change MY phone number then", "phone", None),
        ("please update my phone from +44 7700 900101 to +44 7700 900102", "phone", "+447700900102"),
        ("Please change my company name to Blue Nile Motors Ltd", "company", "Blue Nile Motors Ltd"),
        ("My address should be 4 Palm Street, Tema, please update it", "address", "4 Palm Street, Tema"),
        ("my surname is wrong in your records", "name", None),
    ],
)
def test_field_and_new_value_are_read(reader: Reader, text: str, field: str, value: str | None) -> None:
    found = reader.understand(text, "en")
    assert [(detail.field, detail.new_value) for detail in found.details] == [(field, value)]


def test_only_the_clause_that_corrects_gives_details(reader: Reader) -> None:
    text = "Stop the promo mails. My name is spelled Jon Smyth, fix it. And tell me who has my data."
    found = reader.understand(text)
    assert [(detail.field, detail.new_value) for detail in found.details] == [("name", "Jon Smyth")]


def test_a_text_that_corrects_nothing_has_no_details(reader: Reader) -> None:
    assert reader.understand("delete all my data and my email jo@example.com").details == ()


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_marked_addresses_and_numbers_are_found_in_every_language(language: str) -> None:
    details = DetailReader()
    marked = [one for one in read(DATA / f"{language}.yml") if one.field == "email" and one.new_value.count("@") == 1]
    read_right = [
        one for one in marked if any(found.new_value == one.new_value for found in details.read([one.text], language))
    ]
    assert len(read_right) >= 0.8 * len(marked)
