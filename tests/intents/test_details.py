"""What a correction wants changed: field and new value, as typed, in every language."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents import Reader, languages
from intents.details import MAX_VALUE, DetailReader, without_others
from intents.phrases import FIELDS, of_language

DETAILS = DetailReader()


@pytest.mark.parametrize(
    ("language", "text", "field", "value"),
    [
        ("en", "please update my phone from +44 7700 900101 to +44 7700 900102", "phone", "+44 7700 900102"),
        ("en", "my email changed, new one is jo.new@example.com", "email", "jo.new@example.com"),
        ("en", "My name is spelled Jon Smyth, fix it", "name", "Jon Smyth"),
        ("en", "pls correct my address, new: 12 Harbour Road, Mombasa", "address", "12 Harbour Road, Mombasa"),
        ("en", "Please change my company name to Blue Nile Motors Ltd", "company", "Blue Nile Motors Ltd"),
        ("en", "My address should be 4 Palm Street, Tema, please update it", "address", "4 Palm Street, Tema"),
        ("en", "replace 0712 345 678 with 0722 111 222", "phone", "0722 111 222"),
        ("en", "my number was 0712 345 678 now 0722 111 222", "phone", "0722 111 222"),
        ("en", "not jon@example.com but john@example.com", "email", "john@example.com"),
        ("en", "my name is john smyth not jon smith", "name", "john smyth"),
        ("en", "new email j dot kamau at example dot net", "email", "j dot kamau at example dot net"),
        ("en", "address change:\n14 Rathmines Road\nthanks", "address", "14 Rathmines Road"),
        ("en", 'my surname is written "Okafor" but it is "Okafor-Bell"', "name", "Okafor-Bell"),
        ("en", "my passport number is wrong, it is A0238841", "other", "A0238841"),
        ("en", "consignee phone on my profile should be +256 701 554 312", "consignee", "+256 701 554 312"),
        ("es", "mi correo nuevo es ana punto lopez arroba ejemplo punto com", "email",
         "ana punto lopez arroba ejemplo punto com"),
        ("es", "mi apellido es Muñoz, no Munoz", "name", "Muñoz"),
        ("es", "cambien mi teléfono a +51 987 220 416", "phone", "+51 987 220 416"),
        ("es", "me mudé, ahora vivo en Calle Olmo 23, Albacete", "address", "Calle Olmo 23, Albacete"),
        ("fr", "mon numéro était 77 640 18 52, maintenant c'est 78 111 22 33", "phone", "78 111 22 33"),
        ("fr", "nouvelle adresse : 9 chemin des Lilas, 74100 Annemasse", "address",
         "9 chemin des Lilas, 74100 Annemasse"),
        ("pt", "o meu nome é Hermelinda Cossa e não Ermelinda", "name", "Hermelinda Cossa"),
        ("pt", "mudei de casa, agora moro na Rua das Acácias 310, Curitiba", "address",
         "Rua das Acácias 310, Curitiba"),
        ("ru", "моя фамилия Кушнир, а не Кушнер", "name", "Кушнир"),
        ("ru", "новый адрес: Хабаровск, ул. Ленина 5, кв 17", "address", "Хабаровск, ул. Ленина 5, кв 17"),
        ("ru", "почта dima точка ivanov собака example точка ru", "email", "dima точка ivanov собака example точка ru"),
        ("sw", "namba yangu mpya ni 0715 908 334", "phone", "0715 908 334"),
        ("sw", "jina langu ni Mwakyusa si Mwakusa", "name", "Mwakyusa"),
        ("ar", "رقمي الجديد ٠٥٠١١٨٢٣٤٧ عدلوه", "phone", "٠٥٠١١٨٢٣٤٧"),
        ("ar", "عنواني الجديد: بغداد، الكرادة، شارع 12", "address", "بغداد، الكرادة، شارع 12"),
        ("ja", "名前が違います。正しくは田中 健太です", "name", "田中 健太"),
        ("ja", "電話番号を090-1234-5678に変更してください", "phone", "090-1234-5678"),
        ("ja", "番号は０９０−１２３４−５６７８です、登録を直して", "phone", "０９０−１２３４−５６７８"),
    ],
)  # fmt: skip
def test_the_new_value_is_given_as_it_was_typed(language: str, text: str, field: str, value: str) -> None:
    first = DETAILS.read(text, language)[0]
    assert (first.field, first.new_value) == (field, value)


@pytest.mark.parametrize(
    ("language", "text", "field"),
    [
        ("en", "change MY phone number then", "phone"),
        ("en", "my surname is wrong in your records", "name"),
        ("en", "update my info", "other"),
        ("es", "mi dirección está mal", "address"),
        ("fr", "je veux corriger mon mail", "email"),
        ("pt", "meu telefone mudou", "phone"),
        ("ru", "в моих данных ошибка", "other"),
        ("sw", "email yangu si sahihi", "email"),
        ("ar", "رقمي غلط عندكم", "phone"),
        ("ja", "登録の電話番号が古いです", "phone"),
    ],
)
def test_where_no_value_is_given_none_is_invented(language: str, text: str, field: str) -> None:
    assert [(one.field, one.new_value) for one in DETAILS.read(text, language)] == [(field, None)]


@pytest.mark.parametrize("language", languages())
def test_what_the_phrases_mark_is_read(language: str) -> None:
    """They taught the reader, so this shows that its weights fit the code; docs say how it does on other writers."""
    marked = [one for one in of_language(language) if one.details and one.intents == ("correction",)]
    right = [one for one in marked if _first(one.text, language) in one.details]
    assert len(right) >= 0.93 * len(marked)


def _first(text: str, language: str) -> tuple[str, str | None]:
    first = DETAILS.read(text, language)[0]
    return first.field, first.new_value


def test_two_corrections_in_one_message_are_two_details() -> None:
    text = "new phone 0722 111 222 and my email is now jo.new@example.com"
    found = {one.field: one.new_value for one in DETAILS.read(text, "en")}
    assert found == {"phone": "0722 111 222", "email": "jo.new@example.com"}


def test_the_clauses_that_ask_for_something_else_hold_no_value() -> None:
    text = "delete my number 0712 345 678. my email is now jo.new@example.com"
    found = DETAILS.read(text, "en", ["delete my number 0712 345 678."])
    assert [(one.field, one.new_value) for one in found] == [("email", "jo.new@example.com")]
    assert len(without_others(text, ["delete my number 0712 345 678."])) == len(text)


@given(text=st.text(max_size=400), language=st.sampled_from([*languages(), "de"]))
@settings(deadline=None)
def test_a_value_is_always_part_of_the_text(text: str, language: str) -> None:
    for one in DETAILS.read(text, language):
        assert one.field in FIELDS
        assert one.new_value is None or (one.new_value in text and 0 < len(one.new_value) <= MAX_VALUE)


@pytest.mark.parametrize(
    "text",
    ["a " * 50_000, "my name is X Y " * 7_000, "あ" * 100_000, "x@y.com " * 12_000, "\n" * 100_000,
     "name: A. " * 11_000, "\ud800" * 100, "ﷺ" * 20_000],
)  # fmt: skip
def test_a_long_text_is_read_in_bounds(text: str) -> None:
    assert all(one.field in FIELDS for one in DETAILS.read(text, "en"))


def test_a_message_gives_the_details_of_its_correction(reader: Reader) -> None:
    found = reader.understand("please update my phone from +44 7700 900101 to +44 7700 900102", "en")
    assert [(one.field, one.new_value) for one in found.details] == [("phone", "+44 7700 900102")]


def test_only_the_clause_that_corrects_gives_details(reader: Reader) -> None:
    text = "Stop the promo mails. My name is spelled Jon Smyth, fix it. And tell me who has my data."
    found = reader.understand(text)
    assert [(one.field, one.new_value) for one in found.details] == [("name", "Jon Smyth")]


def test_a_text_that_corrects_nothing_has_no_details(reader: Reader) -> None:
    assert reader.understand("delete all my data and my email jo@example.com").details == ()


def test_nothing_personal_is_in_the_repr(reader: Reader) -> None:
    shown = repr(reader.understand("I live in Kisumu, change my name to Jon Smyth", "en"))
    assert not any(secret in shown for secret in ("Kisumu", "Smyth"))
