"""What a single setting's value must look like. Each check returns the value to keep or raises ValueError with the rest
of a sentence that begins with the setting's name; the value itself is never in it."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

SHORTEST_SECRET = 32  # characters: an HMAC-SHA256 key shorter than its digest weakens it (RFC 2104, section 3)

SHORTEST_TOKEN = 16  # characters


def public_url(value: str) -> str:
    """Twilio signs the very URL it was given: whatever a parser would change on the way breaks the signature."""
    parts = _split(value, "http", "https")
    if value.endswith("/"):
        raise ValueError("must not end with a slash")
    if "?" in value or "#" in value or "@" in parts.netloc:
        raise ValueError("must be scheme, host and perhaps a path, without a user, `?` or `#`")
    if "_" in parts.netloc:
        raise ValueError("must not have an underscore in its host name, because Twilio refuses such addresses")
    return value


def web_url(value: str) -> str:
    """An address of somebody else's service; a slash at the end makes no difference."""
    _split(value, "http", "https")
    return value.rstrip("/")


def smtp_url(value: SecretStr) -> SecretStr:
    """`smtp://` (STARTTLS) or `smtps://` (TLS from the start)."""
    _split(value.get_secret_value(), "smtp", "smtps")
    return value


def database_url(value: SecretStr) -> SecretStr:
    """PostgreSQL is always spoken to by psycopg 3, however its URL was written."""
    scheme, _, rest = value.get_secret_value().partition("://")
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"} and rest:
        return SecretStr(f"postgresql+psycopg://{rest}")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return value
    raise ValueError("must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")


def secret_keys(value: SecretStr) -> SecretStr:
    """One key, or several with commas between them while rotating."""
    if any(len(key) < SHORTEST_SECRET for key in parts(value)):
        raise ValueError(f"must have at least {SHORTEST_SECRET} characters in each key")
    return value


def bearer(value: SecretStr) -> SecretStr:
    """A token as it fits into a header: plain ASCII without spaces, and long enough that nobody guesses it."""
    token = value.get_secret_value()
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError(f"must be at least {SHORTEST_TOKEN} plain ASCII characters without spaces")
    return value


def folder(value: Path) -> Path:
    """An absolute path, so that a later change of the working folder moves nothing."""
    return Path(os.path.expanduser(value)).absolute()


def parts(value: SecretStr) -> tuple[str, ...]:
    """The comma-separated parts of a secret, in order."""
    return tuple(part.strip() for part in value.get_secret_value().split(","))


def is_loopback(url: str) -> bool:
    """Whether a URL names this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(value: str, *schemes: str) -> SplitResult:
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)
    problem = f"must be an address that begins with {wanted} and names a host"
    try:
        split = urlsplit(value)
        port_is_fine = split.port is None or split.port > 0
    except ValueError:
        raise ValueError(problem) from None
    plain = all(character.isprintable() and not character.isspace() for character in value)
    if split.scheme not in schemes or not split.hostname or not port_is_fine or not plain:
        raise ValueError(problem)
    return split
