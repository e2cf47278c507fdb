"""Names and addresses as a list may show them: enough to tell two people apart, not enough to write to them."""

from __future__ import annotations

import phonenumbers

from storage.addresses import EMAIL, WHATSAPP

DOTS = "•••"  # always three: the length tells nothing
MOST_NAMES = 3


def name(text: str) -> str:
    """The first letter of each of the first three names."""
    return " ".join(word[0] + DOTS for word in text.split()[:MOST_NAMES])


def address(kind: str, value: str) -> str:
    """A mail without its names, a number with its country's digits and its end, any other id by its end alone."""
    if kind == EMAIL:
        local, _, domain = value.rpartition("@")
        ending = domain.rpartition(".")[2]
        return f"{local[:1]}{DOTS}@{DOTS}.{ending}"
    if kind == WHATSAPP:
        return f"{_country(value)} {DOTS} {value[-3:]}" if len(value) > 9 else DOTS
    return DOTS + value[-3:]


def _country(number: str) -> str:
    try:
        return f"+{phonenumbers.parse(number, None).country_code}"
    except phonenumbers.NumberParseException:
        return "+"
