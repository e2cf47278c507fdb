"""One row of the company's own directory, checked before it is taken in."""

from __future__ import annotations

from collections.abc import Mapping

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from storage.addresses import EMAIL, WHATSAPP
from storage.directory import Entry

LONGEST = {"customer": 64, "name": 200, "email": 254, "whatsapp": 32, "language": 8, "country": 8}


class BadRow(ValueError):
    """A row that cannot be taken in. The text names the column and what is wrong, never the value."""


def entry(row: Mapping[str, str]) -> Entry:
    """The directory entry of a row with the columns `customer,name,email,whatsapp,language,country`. Raises BadRow.

    Several addresses in one column are parted by a semicolon. A number needs its country code.
    """
    plain = {column: (row.get(column) or "").strip() for column in LONGEST}
    for column, most in LONGEST.items():
        if len(plain[column]) > most * (8 if column in (EMAIL, WHATSAPP) else 1):
            raise BadRow(f"{column}: too long")
    if not plain["customer"]:
        raise BadRow("customer: missing")
    contacts = [(EMAIL, _mail(one)) for one in _several(plain["email"])]
    contacts += [(WHATSAPP, _number(one)) for one in _several(plain["whatsapp"])]
    if not contacts:
        raise BadRow("email, whatsapp: one of them is needed")
    return Entry(plain["customer"], plain["name"], tuple(contacts), plain["language"].lower(), plain["country"].upper())


def _several(text: str) -> list[str]:
    return [one.strip() for one in text.split(";") if one.strip()]


def _mail(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise BadRow("email: this is no mail address") from None


def _number(text: str) -> str:
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise BadRow("whatsapp: a number needs + and its country code") from None
    if not phonenumbers.is_possible_number(number):
        raise BadRow("whatsapp: this is no possible number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
