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
Counting = Literal["jp_civil_code", "eu_1182_71", "uk_month", "us_ca", "ke", "exclude_first"]

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
    which is never later.
    """

    value: Amount
    unit: Unit
    starts: Starts
    basis: Basis
    cite: Text
    confidence: Literal["high", "medium", "low"]
    checked_on: date
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

    @model_validator(mode="after")
    def _one_unit(self) -> Figure:
        if self.extension and self.extension.value and self.extension.unit != self.unit:
            raise ValueError("the extension must have the same unit as the first period")
        return self


@dataclass(frozen=True, slots=True, config=_STRICT)
class Regime:
    """One country's (or state's) law. `calendar` is whose public holidays count: a code, or `country` for the asker's.

    An empty `authority` means that none is known for the person's country.
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

    def figure(self, right: Right, portable: bool = False) -> Figure:
        """The figure for a right; portability has its own."""
        return self.rights[figure_name(right, portable)]

    @model_validator(mode="after")
    def _every_right(self) -> Regime:
        missing, strange = FIGURE_NAMES - self.rights.keys(), self.rights.keys() - FIGURE_NAMES
        if missing or strange:
            raise ValueError(f"rights missing: {sorted(missing)}, unknown: {sorted(strange)}")
        return self
