"""Addresses as they come in: strict about what they are, lenient about numbering plans."""

from __future__ import annotations

import re

import idna

from channels.base import Address

# Never checked with `phonenumbers`: real WhatsApp numbers of Mexico (+521...) and Brazil (without the 9) fail there.
_NUMBER = re.compile(r"whatsapp:(\+[0-9]{3,20})")
# Two letters of a country, a dot, at most 128 letters and digits; "ENT." marks the id of a parent company.
_USER = re.compile(r"whatsapp:([A-Za-z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128})")
_SAFE = r"""[^\s<>()\[\]\\,;:@"\x00-\x1f\x7f\ud800-\udfff]"""
_MAIL = re.compile(f"({_SAFE}{{1,128}})@({_SAFE}{{1,253}})")
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*")


def whatsapp_address(value: str) -> Address | None:
    """`whatsapp:+E164` or `whatsapp:CC.id` as Twilio writes them, else None."""
    if number := _NUMBER.fullmatch(value):
        return Address("whatsapp", number[1])
    if user := _USER.fullmatch(value):
        return Address("whatsapp_user", user[1])
    return None


def mail_address(value: str) -> Address | None:
    """A bare mail address with a possible domain, else None. The local part is kept as written (RFC 5321, 2.4)."""
    match = _MAIL.fullmatch(value.strip())
    if match is None or match[1].startswith(".") or match[1].endswith("."):
        return None
    domain = _domain(match[2])
    return Address("email", f"{match[1]}@{domain}") if domain else None


def _domain(text: str) -> str:
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    text = text.lower()
    return text if _DOMAIN.fullmatch(text) else ""


# A quote that never ends is matched as well, so that none of its characters is tried as a beginning again.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+("?)', re.DOTALL)
_COMMENT = re.compile(r"\([^()]*\)")
_ANGLE = re.compile(r"<([^<>]*)>")
_DEEPEST_COMMENT = 20


def mail_addresses(header: str) -> tuple[Address, ...]:
    """The addresses of an address header (RFC 5322, 3.4), at most 100. Display names count for nothing.

    The caller caps the length. An entry that is no address, or could be read as two, is left out.
    """
    bare = _QUOTED.sub(lambda quoted: " " if quoted[1] else quoted[0], header)
    for _ in range(_DEEPEST_COMMENT):
        bare, found = _COMMENT.subn(" ", bare)
        if not found:
            break
    entries = [_entry(part) for part in re.split(r"[,;]", bare)[:100]]
    return tuple(entry for entry in entries if entry)


def _entry(part: str) -> Address | None:
    angles = _ANGLE.findall(part)
    if len(angles) > 1:
        return None
    return mail_address(angles[0] if angles else part.rpartition(":")[2])
