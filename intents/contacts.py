"""Addresses and references typed in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import phonenumbers

from intents import tables
from intents.digits import in_digits
from intents.understanding import Contact

MAX_CONTACTS = 20

_EMAIL = re.compile(
    r"(?<![\w.+-])([A-Za-z0-9_](?:[\w.+'-]{0,62}[\w+-])?)"
    r"@((?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,5}[A-Za-z]{2,24})(?![\w-])",
    re.ASCII,
)
# A run of digits with the separators people use. What it is, `_phone` decides.
_NUMBER = re.compile(
    r"(?:(?<=wa\.me/)|(?<![A-Za-z0-9_./-]))(?:\+|00)?\(?\d(?:[ .()/\u2010-\u2015\u2212-]{0,2}\d){6,16}(?![A-Za-z0-9_-])"
)
_DATE = re.compile(r"(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d\d")
_BUSINESS = re.compile(
    r"(?:invoice|order|ref|stock|chassis|lot|bid|item|booking|container|b/?l|unit|account|#|no\.?|№)\s*[:.#]?\s*$",
    re.IGNORECASE,
)
# Crockford's alphabet with the letters people mistake for digits; U only ever is a check character.
_REFERENCE = re.compile(
    r"(?<!\w)P\s?R\s?[-\u2010-\u2015_ ]?\s?((?:[0-9A-Za-z][ \u2010-\u2015-]?){8}[0-9A-Za-z])(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_MISTAKEN = str.maketrans("OIL", "011")
MAX_SPELLED = 4_000
"""Beginning of a text in which addresses said in words are looked for."""


LONGEST_END = 4
"""Letters behind the last dot where only "at" stands for the sign: "look at this dot thing" is no address."""


@dataclass(frozen=True, slots=True)
class _Spelled:
    """What finds an address said in words, its dot, and the sign of each word."""

    address: re.Pattern[str]
    dot: re.Pattern[str]
    signs: tuple[tuple[str, re.Pattern[str]], ...]


@cache
def _spelled() -> _Spelled:
    words = tables.read("contacts")["spelled"]
    at, sure, dot, dash, under = (_any(words[name]) for name in ("at", "at_sure", "dot", "dash", "underscore"))
    name, label = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,40}", r"[A-Za-z0-9][A-Za-z0-9-]{0,40}"
    sign = rf"(?:{dot}|{under}|{dash}|\s?[._-]\s?)"
    address = (
        rf"(?<![A-Za-z0-9._@-]){name}(?:{sign}{name}){{0,4}}(?:(?P<sure>{sure}|\s?@\s?)|{at})"
        rf"{label}(?:(?:{dash}){label})?(?:(?:{dot}|\.){label}){{1,4}}(?![A-Za-z0-9@-])"
    )
    signs = (("@", rf"{sure}|{at}"), (".", dot), ("_", under), ("-", dash))
    compiled = tuple((written, re.compile(said, re.IGNORECASE)) for written, said in signs)
    return _Spelled(re.compile(address, re.IGNORECASE), re.compile(dot, re.IGNORECASE), compiled)


def _any(words: list[str]) -> str:
    """Any of the words: between spaces, or, where the script or a bracket sets them apart, without."""
    ordered = sorted(words, key=len, reverse=True)
    spaced = "|".join(re.escape(word) for word in ordered if word[0].isalpha())
    apart = "|".join(re.escape(word) for word in ordered if not word[0].isascii() or not word[0].isalpha())
    return rf"(?:\s(?:{spaced})\s" + (rf"|\s?(?:{apart})\s?)" if apart else ")")


def contacts_in(text: str) -> tuple[Contact, ...]:
    """Email addresses and phone numbers in order of appearance, each once; at most MAX_CONTACTS.

    An address said aloud ("j dot kamau at example dot net") and a number said in words are given as they are written.
    """
    text = in_digits(text)
    found = sorted([*_emails(text), *_phones(text)], key=lambda one: one[0])
    return tuple(dict.fromkeys(contact for _, contact in found))[:MAX_CONTACTS]


def references_in(text: str) -> tuple[str, ...]:
    """Ticket references (PR- and nine letters or digits) with the usual typing slips undone."""
    typed = (match[1] for match in _REFERENCE.finditer(text) if re.search(r"\d", match[1]))
    found = (re.sub(r"[^0-9A-Z]", "", code.upper()).translate(_MISTAKEN) for code in typed)
    return tuple(dict.fromkeys(f"PR-{code}" for code in found))[:MAX_CONTACTS]


def without_contacts(text: str) -> str:
    """The text with addresses and references blanked, for readers that must not stumble over them."""
    text = _EMAIL.sub(" ", text)
    for start, end, _ in reversed(list(spelled_emails(text))):
        text = f"{text[:start]} {text[end:]}"
    text = _REFERENCE.sub(lambda match: " " if re.search(r"\d", match[1]) else match[0], text)
    return _NUMBER.sub(lambda match: " " if _phone(match[0], "") else match[0], text)


def spelled_emails(text: str) -> Iterator[tuple[int, int, str]]:
    """Addresses whose signs are said in words, or stand apart: where they begin and end, and how they are written."""
    spelled = _spelled()
    for match in spelled.address.finditer(text, 0, min(len(text), MAX_SPELLED)):
        written = match[0]
        for sign, word in spelled.signs:
            written = word.sub(sign, written)
        written = re.sub(r"\s+", "", written)
        said = spelled.dot.search(match[0]) and len(written.rpartition(".")[2]) <= LONGEST_END
        if (match["sure"] or said) and _EMAIL.fullmatch(written):
            yield match.start(), match.end(), written


def _emails(text: str) -> Iterator[tuple[int, Contact]]:
    for match in _EMAIL.finditer(text):
        yield match.start(), Contact("email", f"{match[1]}@{match[2].lower()}")
    for start, _, address in spelled_emails(text):
        name, _, domain = address.rpartition("@")
        yield start, Contact("email", f"{name}@{domain.lower()}")


def _phones(text: str) -> Iterator[tuple[int, Contact]]:
    for match in _NUMBER.finditer(_REFERENCE.sub(lambda found: " " * len(found[0]), text)):
        number = _phone(match[0], text[max(0, match.start() - 12) : match.start()])
        if number:
            yield match.start(), Contact("phone", number)


def _phone(typed: str, before: str) -> str:
    """+digits where the country is clear, the bare digits where it is not, "" where it is no phone number."""
    digits = re.sub(r"\D", "", typed)
    if typed.startswith("+") or digits.startswith("00"):
        return _international("+" + (digits if typed.startswith("+") else digits[2:]))
    if _DATE.fullmatch(typed) or _BUSINESS.search(before) or _two_codes(typed):
        return ""
    if digits.startswith("0"):
        return digits if 8 <= len(digits) <= 12 else ""
    if len(digits) >= 10 and not typed.startswith("(") and (number := _international("+" + digits)):
        return number
    return digits if 9 <= len(digits) <= 12 else ""


def _international(typed: str) -> str:
    try:
        number = phonenumbers.parse(typed, None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _two_codes(typed: str) -> bool:
    return bool(re.fullmatch(r"\d{6}\D+\d{6}(?:\D+\d{6})*", typed))
