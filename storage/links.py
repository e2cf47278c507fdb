"""Signed links in mails: JSON Web Tokens that name a row, never a person.

python-jose with the algorithm pinned, audience and expiry required, keys of 32 bytes from the vault (RFC 8725 3.1 and
3.9). A token whose header is not the one we write is not even parsed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from jose import JWTError, jwt

from storage.vault import Vault

ALGORITHM = "HS256"
HEADER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."  # {"alg":"HS256","typ":"JWT"}
LONGEST = 2048  # characters of a token we look at


def sign(vault: Vault, audience: str, subject: str, now: datetime, life: timedelta) -> str:
    """A token that says `subject` to `audience` (`confirm`, `unsubscribe`, `api`) until `now + life`."""
    claims = {"sub": subject, "aud": audience, "iat": int(now.timestamp()), "exp": int((now + life).timestamp())}
    return str(jwt.encode(claims, vault.key("link").hex(), algorithm=ALGORITHM))


def read(vault: Vault, audience: str, token: str, now: datetime) -> str | None:
    """The subject of a good token; None for a forged, expired, foreign or malformed one. `now` decides expiry."""
    # No "require_exp": jose then looks at the machine's clock whatever "verify_exp" says.
    options = {"require_aud": True, "require_sub": True, "verify_exp": False}
    if len(token) > LONGEST or not token.isascii() or not token.startswith(HEADER):
        return None
    for key in vault.keys("link"):
        try:
            claims = jwt.decode(token, key.hex(), algorithms=[ALGORITHM], audience=audience, options=options)
        except JWTError:
            continue
        # Expiry is checked against the clock we were given, which the practice set-up can move.
        expires = claims.get("exp")
        return str(claims["sub"]) if isinstance(expires, int) and now.timestamp() < expires else None
    return None
