"""The company as one value, read from its folder and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from company.office import Office


class BadCompany(ValueError):
    """A company folder that cannot be used. The text names the file, the key and what is wrong with it."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError) as wrong:  # the package raises each of them for a name it cannot open
        raise ValueError("is no time zone of the IANA database") from wrong
    return name


_STRICT = ConfigDict(extra="forbid")
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\r\n]*$", strip_whitespace=True)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Level = Annotated[int, Field(ge=0, le=4)]
Days = Annotated[int, Field(ge=1, le=366)]
ContentName = Annotated[str, StringConstraints(pattern=r"^(buttons_[1-3]|list_([2-9]|10)|tpl_[a-z_]+:[a-z]{2,3})$")]
ContentId = Annotated[str, StringConstraints(pattern=r"^HX[0-9a-fA-F]{32}$")]


@dataclass(frozen=True, slots=True, config=_STRICT)
class Contacts:
    """Where the bot sends people for what is not its own, as a phrase of one language."""

    company_contact: Line
    sales_contact: Line
    policy_url: Line


@dataclass(frozen=True, slots=True, config=_STRICT)
class Extent:
    """The level for a summary and the level for the full copy."""

    summary: Level
    full: Level


@dataclass(frozen=True, slots=True, config=_STRICT)
class Levels:
    """How strongly a person must be proved, by what they ask."""

    question: Level
    human: Level
    status: Level
    opt_out: Literal[0]  # never made to wait for proof, whatever the company
    marketing_objection: Literal[0]
    complaint: Level
    restriction: Level
    correction: Level
    deletion: Level
    objection: Level
    disclosure: Level
    access: Extent
    portability: Extent


@dataclass(frozen=True, slots=True, config=_STRICT)
class OnlyContact:
    """When the number that writes, as the only contact on file, counts as a level by itself, and for which rights."""

    days_on_file: Days
    level: Level
    rights: frozenset[Literal["access", "correction", "deletion", "restriction", "objection", "disclosure"]]


@dataclass(frozen=True, slots=True, config=_STRICT)
class Company:
    """Who the company is: its names, promises, hours, level table and policy. Made by `Company.load`.

    `content` holds the ids of approved WhatsApp content by name, `brand` what the pages show, `policy` the text
    verbatim. An empty `fee_text` means that the company has said nothing about fees.
    """

    name: Line
    short: Line
    home_country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    timezone: Annotated[str, AfterValidator(_known_zone)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    floor_days: Days
    optout_hours: Annotated[int, Field(ge=1, le=240)]
    media_days: Days
    fee_text: Annotated[str, StringConstraints(max_length=300)]
    contacts: Mapping[Language, Contacts]
    office: Office
    brand: Mapping[str, Line]
    levels: Levels
    only_contact: OnlyContact
    content: Mapping[ContentName, ContentId]
    policy: Annotated[str, StringConstraints(min_length=1)]

    @classmethod
    def load(cls, folder: Path) -> Company:
        """Read the four files of a company's folder. Raises `BadCompany`."""
        found: dict[str, Any] = {"policy": _text(folder / "policy.txt")}
        for name in ("company.toml", "verification.toml", "whatsapp.toml"):
            found |= _table(folder / name)
        try:
            return TypeAdapter(cls).validate_python(found)
        except ValidationError as wrong:
            raise BadCompany(_explain(wrong)) from wrong

    def contacts_in(self, language: str) -> Contacts:
        """The contact phrases in a language, or in the company's first one."""
        return self.contacts.get(language) or self.contacts[self.languages[0]]

    def level_needed(self, right: str, portable: bool = False, full: bool = False) -> int:
        """The level a right needs. `full` asks for the full copy instead of the summary (access and portability)."""
        level: int | Extent = getattr(self.levels, "portability" if portable and right == "access" else right)
        if isinstance(level, Extent):
            return level.full if full else level.summary
        return level

    def is_open(self, now: datetime) -> bool:
        """Whether people work at the company at this moment."""
        return self.office.is_open(self._here(now))

    def opens_at(self, now: datetime) -> datetime:
        """The first opening of the office at or after this moment, in the company's time zone."""
        return self.office.next_opening(self._here(now))

    def human_by(self, now: datetime) -> datetime:
        """By when a person answers: the end of the next working day after today, in the company's time zone."""
        return self.office.end_of_next_day(self._here(now))

    def _here(self, now: datetime) -> datetime:
        if now.tzinfo is None:
            raise ValueError("the moment has no time zone")
        return now.astimezone(ZoneInfo(self.timezone))

    @model_validator(mode="after")
    def _speaks_its_first_language(self) -> Company:
        if self.languages[0] not in self.contacts:
            raise ValueError(f"contacts.{self.languages[0]} is missing")
        return self


_FILES = {
    "levels": "verification.toml",
    "only_contact": "verification.toml",
    "content": "whatsapp.toml",
    "policy": "policy.txt",
}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadCompany(f"{path.name}: cannot be read as UTF-8 text: {type(wrong).__name__}") from wrong


def _table(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as wrong:
        raise BadCompany(f"{path.name}: {wrong}") from wrong
    for key in table:
        if _FILES.get(key, "company.toml") != path.name:
            raise BadCompany(f"{path.name}: {key}: does not belong in this file")
    return table


def _explain(wrong: ValidationError) -> str:
    first = wrong.errors()[0]
    key = ".".join(str(step) for step in first["loc"])
    file = _FILES.get(str(first["loc"][0]) if key else "", "company.toml")
    return f"{file}: {key}: {first['msg']}" if key else f"{file}: {first['msg']}"
