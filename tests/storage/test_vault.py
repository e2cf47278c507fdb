"""The vault seals, opens, rotates, and notices what was changed or moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.vault import Vault, VaultError
from tests.storage.rig import OLD_SECRET, SECRET

PLACE = "message.text:019"
any_text = st.text(st.characters(codec=None, categories=None))  # lone surrogates and NUL included


@given(any_text)
def test_whatever_is_sealed_opens_as_it_was(text: str) -> None:
    vault = Vault([SECRET])
    assert vault.open(PLACE, vault.seal(PLACE, text)) == text


def test_a_value_copied_to_another_place_does_not_open() -> None:
    vault = Vault([SECRET])
    with pytest.raises(VaultError):
        vault.open("message.text:020", vault.seal(PLACE, "hello"))


def test_no_changed_byte_goes_unnoticed() -> None:
    vault = Vault([SECRET])
    sealed = vault.seal(PLACE, "hello")
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(VaultError):
            vault.open(PLACE, changed)


@given(st.integers(0, 37))
def test_a_value_cut_short_does_not_open(length: int) -> None:
    vault = Vault([SECRET])
    sealed = vault.seal(PLACE, "hello")
    with pytest.raises(VaultError):
        vault.open(PLACE, sealed[:length])


def test_the_same_text_is_never_sealed_twice_the_same() -> None:
    vault = Vault([SECRET])
    assert vault.seal(PLACE, "hello") != vault.seal(PLACE, "hello")


def test_while_rotating_old_values_open_and_new_ones_use_the_new_secret() -> None:
    old, both, new = Vault([OLD_SECRET]), Vault([SECRET, OLD_SECRET]), Vault([SECRET])
    assert both.open(PLACE, old.seal(PLACE, "hello")) == "hello"
    assert new.open(PLACE, both.seal(PLACE, "hello")) == "hello"
    with pytest.raises(VaultError):
        new.open(PLACE, old.seal(PLACE, "hello"))


def test_while_rotating_both_lookups_are_searched_and_the_new_one_is_written() -> None:
    old, both = Vault([OLD_SECRET]), Vault([SECRET, OLD_SECRET])
    assert old.lookup("email", "a@example.com") in both.lookups("email", "a@example.com")
    assert both.lookup("email", "a@example.com") == Vault([SECRET]).lookup("email", "a@example.com")


def test_keys_of_different_purposes_and_secrets_differ() -> None:
    both = Vault([SECRET, OLD_SECRET])
    assert len({both.key("link"), both.key("code"), *both.keys("audit")}) == 4


@pytest.mark.parametrize("secrets", [[], ["short"], [SECRET, "short"]])
def test_a_short_secret_is_refused_without_being_repeated(secrets: list[str]) -> None:
    with pytest.raises(VaultError) as raised:
        Vault(secrets)
    assert "short" not in str(raised.value)
