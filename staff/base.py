"""What the desk is given to work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from company import Company
from law import Regimes
from staff.scales import Scales
from storage.db import Store


class Refused(Exception):
    """Something cannot be done. `code` has its words in `words/*.toml` under [refused]; `values` fill them in."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the pages and the API need; wiring makes it once.

    `public_url` is where browsers reach us, without a slash at the end. `practice`: show the way to it.
    """

    store: Store
    company: Company
    regimes: Regimes
    public_url: str
    secure_cookies: bool
    practice: bool
    scales: Scales = field(default_factory=Scales)

    def local(self, moment: datetime) -> datetime:
        """A moment as the office's clocks show it."""
        return moment.astimezone(ZoneInfo(self.company.timezone))

    def today(self, now: datetime) -> date:
        """The office's day."""
        return self.local(now).date()
