"""What the desk says: one file of words per language, and how it writes dates and numbers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from markupsafe import Markup, escape

from law import country_name

FOLDER = Path(__file__).parent / "words"


class Wording:
    """One language of the desk. A text is named by its table and key (`login.title`)."""

    def __init__(self, code: str, table: Mapping[str, Any]) -> None:
        self.code = code
        self._table = table
        self.name: str = table["name"]

    def __call__(self, name: str, /, **values: object) -> str:
        """The text with this name, filled in. Raises KeyError where there is none."""
        table, _, key = name.rpartition(".")
        text: str = (self._table[table] if table else self._table)[key]
        return text.format(**values) if values else text

    def many(self, name: str, n: int, /, **values: object) -> str:
        """The text for one or for several."""
        return self(f"{name}_{'one' if n == 1 else 'many'}", n=n, **values)

    def of(self, table: str, code: str) -> str:
        """A code's word; the code itself, made readable, where the table has none (a new reason of the bot's)."""
        return str(self._table[table].get(code, code.replace("_", " ")))

    def options(self, table: str) -> list[tuple[str, str]]:
        """Every code of a table with its word."""
        return list(self._table[table].items())

    def number(self, n: int) -> str:
        """A small number as a word, a greater one in digits."""
        words: Sequence[str] = self._table["numbers"]
        return words[n] if n < len(words) else str(n)

    def join(self, parts: Sequence[Markup]) -> Markup:
        """Several clauses as one."""
        if len(parts) < 2:
            return Markup("").join(parts)
        return escape(self("join")).join(parts[:-1]) + escape(self("join_last")) + parts[-1]

    def date(self, day: date, form: str = "day") -> str:
        """A day in one of the forms `day`, `day_short`, `day_long`."""
        return format_date(day, self(form), locale=self("locale"))

    def moment(self, moment: datetime, form: str = "moment") -> str:
        """A local moment in one of the forms `moment`, `time`, or one of the days."""
        return format_datetime(moment, self(form), locale=self("locale"))

    def country(self, code: str) -> str:
        """A country's name, with its part (`US-CA`) behind it."""
        country, _, part = code.partition("-")
        name = country_name(country, self.code)
        return f"{name}, {part}" if part else name

    def language(self, code: str) -> str:
        """A language's name; its code where it is not known."""
        try:
            return Locale.parse(code).get_display_name(self("locale")) or code
        except (UnknownLocaleError, ValueError):
            return code


class Languages:
    """All languages of the desk, read once."""

    def __init__(self, folder: Path = FOLDER) -> None:
        files = sorted(folder.glob("*.toml"))
        self._all = {path.stem: Wording(path.stem, tomllib.loads(path.read_text("utf-8"))) for path in files}

    def __iter__(self) -> Any:
        return iter(self._all.values())

    def pick(self, chosen: str, accepted: str) -> Wording:
        """The chosen language, else the first accepted one we have (RFC 9110 12.5.4, order only), else English."""
        wanted = [chosen, *(part.partition(";")[0].strip()[:2].lower() for part in accepted[:200].split(","))]
        return next((self._all[code] for code in wanted if code in self._all), self._all["en"])


def explain(words: Wording, code: str, values: Mapping[str, object]) -> str:
    """A refusal (`work.Refused`) in words, with states and days as the reader writes them."""
    shown = {key: words.of("states", str(value)) if key in ("state", "to") else value for key, value in values.items()}
    shown = {key: words.date(value) if isinstance(value, date) else value for key, value in shown.items()}
    return words(f"refused.{code}", **shown)
