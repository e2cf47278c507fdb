from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents import Contact
from intents.contacts import MAX_CONTACTS, contacts_in, references_in, spelled_emails, without_contacts
from intents.fold import clean


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("ali@example.com or +44 7700 900102", ["ali@example.com", "+447700900102"]),
        ("call +44 (7700) 900-102 or mail Ali.Hassan@EXAMPLE.com.", ["+447700900102", "Ali.Hassan@example.com"]),
        ("00447700900102", ["+447700900102"]),
        ("254712345678", ["+254712345678"]),
        ("my number 0712 345 678", ["0712345678"]),
        ("⁦nour@example.com⁩", ["nour@example.com"]),
        ("連絡先はtanaka@example.comです", ["tanaka@example.com"]),
        ("a@example.com a@example.com", ["a@example.com"]),
        ("invoice 223145678", []),
        ("2026-12-08", []),
        ("482917", []),
        ("482917 105586", []),
        ("PR-3FCH26W17", []),
        ("NHP10-6123456", []),
        ("my name is Ali Hassan", []),
        ("not@an@address", []),
        ("j dot kamau at example dot net", ["j.kamau@example.net"]),
        ("ana punto lopez arroba ejemplo punto com", ["ana.lopez@ejemplo.com"]),
        ("fatou tiret bas ba arobase orange point sn", ["fatou_ba@orange.sn"]),
        ("joao ponto silva arroba exemplo ponto pt", ["joao.silva@exemplo.pt"]),
        ("ivan точка petrov собака example точка ru", ["ivan.petrov@example.ru"]),
        ("juma nukta ali at example nukta com", ["juma.ali@example.com"]),
        ("omar at example نقطة com", ["omar@example.com"]),
        ("tanakaドットkenアットマークexampleドットco.jp", ["tanaka.ken@example.co.jp"]),
        ("ali(at)example.com", ["ali@example.com"]),
        ("ali [at] Example [dot] com", ["ali@example.com"]),
        ("ali @ example.com", ["ali@example.com"]),
        ("meet me at example.com", []),
        ("look at this dot thing", []),
        ("+44 (0)7700 900102", ["+447700900102"]),
        ("https://wa.me/254712345678", ["+254712345678"]),
        ("tel:+254712345678", ["+254712345678"]),
        ("+1 (809) 555-2231", ["+18095552231"]),
        ("(11) 90000-1234", ["11900001234"]),
        ("0 6 6 1 4 4 9 0 2 3", ["0661449023"]),
        ("0712345678/0722345678", ["0712345678"]),
        ("電話は090-1234-5678です", ["09012345678"]),
        ("٠٧١٢ ٣٤٥ ٦٧٨", ["0712345678"]),
        ("０９０−１２３４−５６７８", ["09012345678"]),
        ("sifuri saba nne tano sifuri sifuri sifuri tatu mbili moja", ["0745000321"]),
        ("zero seven double one, triple five two nine one", ["0711555291"]),
    ],
)
def test_addresses_are_found_in_the_order_typed(text: str, values: list[str]) -> None:
    assert [contact.value for contact in contacts_in(clean(text))] == values


def test_a_contact_says_what_it_is() -> None:
    assert contacts_in("a@example.com") == (Contact("email", "a@example.com"),)


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("status of PR-D25VT4F51", ("PR-D25VT4F51",)),
        ("pr d25vt4f51?", ("PR-D25VT4F51",)),
        ("PR-D25 VT4 F5I and PR-OO0000001", ("PR-D25VT4F51", "PR-000000001")),
        ("PRD25VT4F51", ("PR-D25VT4F51",)),
        ("my problematic thing", ()),
        ("PR-D25VT4", ()),
    ],
)
def test_references_are_read_with_their_slips(text: str, references: tuple[str, ...]) -> None:
    assert references_in(text) == references


def test_an_address_said_aloud_is_known_by_its_place() -> None:
    text = "write to j dot kamau at example dot net please"
    ((start, end, address),) = spelled_emails(text)
    assert (text[start:end], address) == ("j dot kamau at example dot net", "j.kamau@example.net")


def test_blanking_leaves_the_words() -> None:
    assert without_contacts("mail a at example dot com, thanks").split() == ["mail", ",", "thanks"]
    assert without_contacts("mail a@example.com about PR-D25VT4F51 now").split() == ["mail", "about", "now"]


@given(st.text(max_size=400))
def test_no_text_breaks_the_readers(text: str) -> None:
    assert len(contacts_in(clean(text))) <= MAX_CONTACTS
    assert len(references_in(clean(text))) <= MAX_CONTACTS


@pytest.mark.parametrize(
    "text",
    ["1 " * 10_000, "a" * 20_000, "a@" * 10_000, "pr-" * 6_000, "0-" * 10_000, "a dot " * 15_000, "a at " * 15_000],
)
def test_hostile_text_is_read_to_its_end(text: str) -> None:
    # A catastrophic expression would never come back from here.
    assert len(contacts_in(text)) <= MAX_CONTACTS
    assert references_in(text) == ()
