"""Pretend customers: who they are, and what of it the company's directory holds."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from storage.addresses import EMAIL, WHATSAPP
from storage.directory import Entry

FILE = Path(__file__).with_name("customers.toml")


@dataclass(frozen=True, slots=True)
class Customer:
    """One pretend customer. `phone` or `user` (a hidden number's user id) is set, `email` may be empty."""

    key: str
    name: str
    about: str
    language: str
    country: str
    email: str
    on_file: tuple[str, ...]
    phone: str = ""
    user: str = ""

    @property
    def number(self) -> str:
        """What stands after `whatsapp:` in From and To."""
        return self.phone or self.user

    @property
    def title(self) -> str:
        """How the page calls them."""
        return f"{self.name}, {self.about}"

    @property
    def entry(self) -> Entry | None:
        """Their record in the company's directory; None for a stranger."""
        contacts = {"phone": (WHATSAPP, self.phone), "email": (EMAIL, self.email)}
        held = tuple(contacts[name] for name in self.on_file)
        return Entry(f"PRACTICE-{self.key}", self.name, held, self.language, self.country) if held else None


def read(file: Path = FILE) -> Mapping[str, Customer]:
    """All pretend customers by key, in the order of the file."""
    rows = tomllib.loads(file.read_text("utf-8"))["customer"]
    return {row["key"]: Customer(**(row | {"on_file": tuple(row["on_file"])})) for row in rows}
