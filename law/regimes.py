"""All regimes we know, read once from their files, and which of them speaks for a country."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, StringConstraints
from pydantic.dataclasses import dataclass

from law.calendars import Calendar
from law.figures import FIGURE_NAMES, Country, Figure, Regime, Span
from law.files import BadRegime as BadRegime
from law.files import read

_HERE = Path(__file__).parent
_STRICT = ConfigDict(extra="forbid")
_MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


class UnknownCountry(ValueError):
    """A code that is no country of ISO 3166-1."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class House:
    """Our own figures, aimed at everywhere, and the calendar of our working days (`house.toml`)."""

    calendar: Country
    year_end: tuple[_MonthDay, _MonthDay]
    figures: Mapping[str, Span]


@dataclass(frozen=True, slots=True, config=_STRICT)
class _Countries:
    default: str
    codes: frozenset[Country]


class Regimes:
    """The laws by id, the house's figures, and whose law each country has. Wiring loads it once and passes it on.

    `floor` is the home law's texts with the house's figures: what holds where no country was named, or where its law
    has no file yet. Its `authority` is empty, for nobody's authority may be guessed.
    """

    def __init__(self, regimes: Iterable[Regime], house: House, default: str, countries: frozenset[str]) -> None:
        """Raises `BadRegime` if two regimes name one place, or one names a place or a calendar that does not exist."""
        self.by_id: Mapping[str, Regime] = {regime.id: regime for regime in regimes}
        if default not in self.by_id:
            raise BadRegime(f"countries.toml: default: there is no regimes/{default}.toml")
        self.house = house
        self.countries = countries
        self.floor = _floor(self.by_id[default], house)
        self._places = _places(self.by_id.values(), countries)
        named = {f"{regime.id}.toml": regime.calendar for regime in self.by_id.values()}
        self._calendars = _calendars({**named, "house.toml": house.calendar})

    @classmethod
    def load(cls, folder: Path | None = None) -> Regimes:
        """Read `house.toml`, `countries.toml` and every `regimes/*.toml` of the folder (by default this package's own).

        Raises `BadRegime`.
        """
        folder = folder or _HERE
        house = read(folder / "house.toml", House)
        if house.figures.keys() != FIGURE_NAMES:
            raise BadRegime(f"house.toml: figures: must be exactly {', '.join(sorted(FIGURE_NAMES))}")
        countries = read(folder / "countries.toml", _Countries)
        files = sorted((folder / "regimes").glob("*.toml"))
        return cls([read(path, Regime, id=path.stem) for path in files], house, countries.default, countries.codes)

    def regime_for(self, country: str, subdivision: str = "") -> Regime:
        """The law of a country, or of a part of it (`US` and `CA`, or `US-CA`) where the part has its own.

        Raises `UnknownCountry`.
        """
        if not country:
            return self.floor
        if country not in self.countries:
            raise UnknownCountry("this is no country code of ISO 3166-1")
        part = f"{country}-{subdivision.removeprefix(country + '-')}"
        return self._places.get(part) or self._places.get(country) or self.floor

    def calendar(self, code: str) -> Calendar:
        """The days off under a code, kept for the next question."""
        if code not in self._calendars:
            self._calendars[code] = Calendar(code)
        return self._calendars[code]

    def office_works(self, day: date) -> bool:
        """Whether that day is a working day of the house."""
        first, last = self.house.year_end
        today = f"{day:%m-%d}"
        shut = first <= today <= last if first <= last else today >= first or today <= last
        return not shut and self.calendar(self.house.calendar).is_working(day)

    def last_working_day(self, day: date) -> date:
        """That day, or the house's last working day before it."""
        while not self.office_works(day):
            day -= timedelta(days=1)
        return day


def _floor(home: Regime, house: House) -> Regime:
    def ours(name: str, span: Span) -> Figure:
        return replace(home.rights[name], value=span.value, unit=span.unit, basis="house", extension=None)

    rights = {name: ours(name, span) for name, span in house.figures.items()}
    return replace(home, authority="", authority_url="", rights=rights)


def _places(regimes: Iterable[Regime], countries: frozenset[str]) -> dict[str, Regime]:
    places: dict[str, Regime] = {}
    for regime in regimes:
        for place in (*regime.countries, *regime.subdivisions):
            if place[:2] not in countries:
                raise BadRegime(f"{regime.id}.toml: countries: {place} is not in countries.toml")
            if place in places:
                raise BadRegime(f"{regime.id}.toml: countries: {places[place].id} has {place} already")
            places[place] = regime
    return places


def _calendars(named: Mapping[str, str]) -> dict[str, Calendar]:
    calendars = {}
    for file, code in named.items():
        if code == "country":
            continue
        try:
            calendars[code] = Calendar(code)
        except LookupError as wrong:
            raise BadRegime(f"{file}: calendar: {wrong}") from wrong
    return calendars
