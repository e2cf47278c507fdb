"""One regime's law as values: how long an answer may take, by which text, and how sure we are of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

from law.rights import Right, figure_name

Unit = Literal["hours", "calendar_days", "business_days", "months"]
Basis = Literal["statute", "regulation", "guidance", "working_figure", "unread", "house"]
Starts = Literal["receipt", "latest_of_receipt_identity_fee"]
Counting = Literal["jp_civil_code", "eu_1182_71", "uk_month", "us_ca", "ke", "za", "nz_working", "exclude_first"]

Text = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Subdivision = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")]
Calendar = Annotated[str, StringConstraints(pattern=r"^(country|[A-Z]{2}(-[A-Z0-9]{1,3})?)$")]
Amount = Annotated[int, Field(gt=0, le=400)]

FIGURE_NAMES = frozenset({*Right, "portability"})
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, config=_STRICT)
class Span:
    """A length of time as a law writes it."""

    value: Amount
    unit: Unit


@dataclass(frozen=True, slots=True, config=_STRICT)
class Longer:
    """How a first period may be made longer. `value` is added to it; 0 is "a reasonable time you must state".

    `notice_within` is counted from receipt: a notice sent later extends nothing.
    """

    value: Annotated[int, Field(ge=0, le=400)]
    unit: Unit
    notice_within: Span
    condition: Text


@dataclass(frozen=True, slots=True, config=_STRICT)
class Figure:
    """What one law says about one right.

    `basis`: who set the number. `working_figure` is ours where the law says "without delay" or nothing, `unread` a law
    whose period was not read, `house` no law at all. `starts` is what the law names; we always count from receipt,
    which is never later. `pause` says when the law would stop the clock: for staff to read, nothing here stops.
    `then_implement` is a second period that begins with our answer. `right_exists` is false where the law knows no
    such right and an answer is a courtesy, absent where that was not looked into.
    """

    value: Amount
    unit: Unit
    starts: Starts
    basis: Basis
    cite: Text
    confidence: Literal["high", "medium", "low"]
    checked_on: date
    right_exists: bool | None = None
    pause: Text | None = None
    then_implement: Span | None = None
    extension: Longer | None = None

    @property
    def span(self) -> Span:
        return Span(self.value, self.unit)

    @property
    def statutory(self) -> bool:
        """Whether the number stands in a law, and may be told to a person as the law's."""
        return self.basis in ("statute", "regulation")

    @property
    def binding(self) -> bool:
        """Whether somebody other than us set the number, an authority's guidance included."""
        return self.statutory or self.basis == "guidance"

    @property
    def ours(self) -> bool:
        """Whether the number is the house's own, for want of a law or of its text."""
        return self.basis in ("house", "unread")

    @model_validator(mode="after")
    def _sensible(self) -> Figure:
        if self.extension and self.extension.value and self.extension.unit != self.unit:
            raise ValueError("the extension must have the same unit as the first period")
        if self.right_exists is False and self.binding:
            raise ValueError("no law sets a period for a right that it does not know")
        if self.extension and self.ours:
            raise ValueError("nobody can extend a figure of our own")
        return self


@dataclass(frozen=True, slots=True, config=_STRICT)
class Regime:
    """One country's (or state's) law. `calendar` is whose public holidays count: a code, or `country` for the asker's.

    An empty `authority` means that none is known for the person's country. Where the law has just changed, `before` is
    what held for every right asked before `in_force_from`. `later` is what is known of a law to come: it moves no date.
    """

    id: Text
    name: Text
    authority: Annotated[str, StringConstraints(max_length=200)]
    authority_url: Annotated[str, StringConstraints(pattern=r"^(https://\S+)?$", max_length=200)]
    countries: tuple[Country, ...]
    subdivisions: tuple[Subdivision, ...]
    counting: Counting
    calendar: Calendar
    rights: Mapping[str, Figure]
    in_force_from: date | None = None
    before: Figure | None = None
    later: Text | None = None

    def figure(self, right: Right, portable: bool = False, received: date = date.max) -> Figure:
        """The figure for a right (portability has its own) asked on the day `received`, by default the newest."""
        if self.before and self.in_force_from and received < self.in_force_from:
            return self.before
        return self.rights[figure_name(right, portable)]

    @model_validator(mode="after")
    def _one_switch(self) -> Regime:
        if bool(self.before) != bool(self.in_force_from):
            raise ValueError("before and in_force_from stand together")
        return self

    @model_validator(mode="after")
    def _every_right(self) -> Regime:
        missing, strange = FIGURE_NAMES - self.rights.keys(), self.rights.keys() - FIGURE_NAMES
        if missing or strange:
            raise ValueError(f"rights missing: {sorted(missing)}, unknown: {sorted(strange)}")
        return self
