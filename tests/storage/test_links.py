"""Signed links: only ours, only for their purpose, only while they last."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from jose import jwt

from storage import links
from storage.vault import Vault
from tests.storage.rig import OLD_SECRET, SECRET, START

VAULT = Vault([SECRET])
KEY = VAULT.key("link").hex()
LIFE = timedelta(minutes=10)
HEADER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"  # {"alg":"HS256","typ":"JWT"}
GOOD = {"sub": "x", "aud": "confirm", "exp": int((START + LIFE).timestamp())}


def read(token: str, vault: Vault = VAULT, audience: str = "confirm", after: timedelta = timedelta()) -> str | None:
    return links.read(vault, audience, token, START + after)


def by_hand(header: Any, claims: Any, key: bytes = KEY.encode()) -> str:
    """A token with any header, signed by HMAC-SHA256."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    return f"{head}.{part(hmac.new(key, head.encode(), hashlib.sha256).digest())}"


def test_a_good_link_says_its_subject() -> None:
    token = links.sign(VAULT, "confirm", "x", START, LIFE)
    assert read(token) == "x"
    assert read(jwt.encode(GOOD, KEY, algorithm="HS256")) == "x"
    assert token.startswith(f"{HEADER}.")


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, True), (599, True), (600, False), (10**9, False)])
def test_the_clock_that_is_passed_in_decides_expiry(seconds: int, good: bool) -> None:
    token = links.sign(VAULT, "confirm", "x", START, LIFE)
    assert (read(token, after=timedelta(seconds=seconds)) == "x") is good


@pytest.mark.parametrize("audience", ["unsubscribe", "api", "", "confirm "])
def test_a_link_is_good_for_its_own_purpose_alone(audience: str) -> None:
    assert read(links.sign(VAULT, "confirm", "x", START, LIFE), audience=audience) is None


@pytest.mark.parametrize("missing", ["sub", "aud", "exp"])
def test_a_token_that_lacks_a_claim_is_no_good(missing: str) -> None:
    claims = {key: value for key, value in GOOD.items() if key != missing}
    assert read(jwt.encode(claims, KEY, algorithm="HS256")) is None


@pytest.mark.parametrize("odd", ["soon", 1.5, None, [], {}, "9" * 30])
def test_an_expiry_that_is_no_whole_number_is_no_good(odd: Any) -> None:
    assert read(by_hand({"alg": "HS256", "typ": "JWT"}, GOOD | {"exp": odd})) is None


@pytest.mark.parametrize("header", [
    {"alg": "none", "typ": "JWT"}, {"alg": "None"}, {"alg": "HS512", "typ": "JWT"}, {"typ": "JWT"}, {}, [],
    {"alg": "HS256", "typ": "JWT", "kid": "../../dev/null"}, {"alg": "HS256", "jwk": {"kty": "oct", "k": "eA"}},
])  # fmt: skip
def test_a_token_with_another_header_is_no_good_however_it_is_signed(header: Any) -> None:
    token = by_hand(header, GOOD)
    assert read(token) is None
    assert read(token.rpartition(".")[0] + ".") is None


def test_a_token_signed_by_any_other_key_is_no_good() -> None:
    assert read(links.sign(Vault(["another secret of more than 32 signs"]), "confirm", "x", START, LIFE)) is None
    assert read(jwt.encode(GOOD, VAULT.key("cookie").hex(), algorithm="HS256")) is None


def test_public_keys_are_not_taken_for_secrets_nor_other_algorithms_for_ours() -> None:
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert read(jwt.encode(GOOD, pem.decode(), algorithm="RS256")) is None
    for key in (private.public_key(), ec.generate_private_key(ec.SECP256R1()).public_key()):
        for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER):
            public = key.public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
            assert read(by_hand({"alg": "HS256", "typ": "JWT"}, GOOD, public)) is None


def test_while_rotating_a_link_of_the_old_secret_is_good() -> None:
    token = links.sign(Vault([OLD_SECRET]), "confirm", "x", START, LIFE)
    assert read(token, Vault([SECRET, OLD_SECRET])) == "x"
    assert read(token, Vault([SECRET])) is None
    assert read(token, Vault([SECRET, OLD_SECRET]), after=LIFE) is None


def test_a_huge_or_deeply_nested_token_is_no_good_and_harmless() -> None:
    assert read(links.sign(VAULT, "confirm", "x" * 3000, START, LIFE)) is None
    assert read("a" * 10_000_000) is None
    nested = base64.urlsafe_b64encode(b"[" * 1500).rstrip(b"=").decode()
    assert read(f"{nested}.e30.e30") is None
    assert read(f"{HEADER}.{nested}.e30") is None


@given(st.text() | st.builds("{}.{}.{}".format, st.just(HEADER), st.text(), st.text()))
def test_nothing_that_is_typed_makes_it_raise(token: str) -> None:
    assert read(token) is None


def test_one_changed_character_is_noticed() -> None:
    token = links.sign(VAULT, "confirm", "x", START, LIFE)
    for at, sign in enumerate(token[:-1]):
        assert read(token[:at] + ("A" if sign != "A" else "B") + token[at + 1 :]) is None
