"""The vault: personal text is sealed before it meets the database, and found again by keyed hash.

Sealed bytes are ``version(1) | key id(4) | nonce(12) | AES-256-GCM ciphertext``. The *place* (table, column and row, as
in ``message.text:0190…``) is authenticated with it: a sealed value copied into another row or column does not open.
Several secrets may be given while they are rotated: the first one seals, all of them open.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as system_random
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
MINIMUM_SECRET = 32
SHORTEST = 5 + 12 + 16  # bytes of a sealed nothing: head, nonce, tag


class VaultError(Exception):
    """A sealed value does not open: an unknown key, another place, or changed bytes."""


class Vault:
    """All keys of one installation, derived from its secrets by HKDF-SHA256 (RFC 5869), one key a purpose."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """`secrets`: the current one first, then the ones being rotated out; each at least 32 characters."""
        if not secrets or any(len(secret) < MINIMUM_SECRET for secret in secrets):
            raise VaultError(f"a secret key needs at least {MINIMUM_SECRET} characters")
        self._secrets = tuple(secrets)
        keys = [(_derive(secret, "key id", 4), _derive(secret, "seal", 32)) for secret in self._secrets]
        self._current = keys[0][0]
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys}
        self._purposes: dict[str, tuple[bytes, ...]] = {}

    def seal(self, place: str, text: str) -> bytes:
        """`text` as sealed bytes that open only at `place`."""
        return self.seal_bytes(place, text.encode("utf-8", "surrogatepass"))

    def open(self, place: str, sealed: bytes) -> str:
        """The text sealed for `place`. Raises VaultError where it does not open."""
        return self.open_bytes(place, sealed).decode("utf-8", "surrogatepass")

    def seal_bytes(self, place: str, data: bytes) -> bytes:
        """`data` as sealed bytes that open only at `place`."""
        nonce = system_random.token_bytes(12)
        head = VERSION + self._current
        return head + nonce + self._ciphers[self._current].encrypt(nonce, data, head + place.encode())

    def open_bytes(self, place: str, sealed: bytes) -> bytes:
        """The bytes sealed for `place`. Raises VaultError where they do not open."""
        head, nonce, body = sealed[:5], sealed[5:17], sealed[17:]
        cipher = self._ciphers.get(head[1:])
        if len(sealed) < SHORTEST or head[:1] != VERSION or cipher is None:
            raise VaultError("cut short, or sealed with a key that is not in this vault")
        try:
            return cipher.decrypt(nonce, body, head + place.encode())
        except InvalidTag:
            raise VaultError("a sealed value was changed or moved") from None

    def lookups(self, kind: str, value: str) -> tuple[str, ...]:
        """The keyed hashes (hex) under which `value` may be stored, the current key's first."""
        text = f"{kind}:{value}".encode("utf-8", "surrogatepass")
        return tuple(hmac.new(key, text, hashlib.sha256).hexdigest() for key in self.keys("lookup"))

    def lookup(self, kind: str, value: str) -> str:
        """The keyed hash (hex) under which `value` is stored from now on."""
        return self.lookups(kind, value)[0]

    def key(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose (links, cookies, codes, audit, threads) from the current secret."""
        return self.keys(purpose)[0]

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """The keys for one purpose from every secret, the current one first: what may be accepted while rotating."""
        if purpose not in self._purposes:
            self._purposes[purpose] = tuple(_derive(secret, purpose, 32) for secret in self._secrets)
        return self._purposes[purpose]


def _derive(secret: str, purpose: str, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=b"privacy desk 1", info=purpose.encode()).derive(secret.encode())
