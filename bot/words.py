"""What the customer reads: texts of one turn, filled and composed into messages, in the person's language.

The wordings are data (`bot/texts/<language>.toml`). Where a language lacks a text or has no file, English speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_time, get_timezone, get_timezone_gmt, get_timezone_location

from bot import composing, proofread
from bot.composing import BUTTON_TITLE, BUTTONS, PERSON, ROW_TITLE, ROWS, Choice, MailFrame, Part, Said
from bot.values import fill, one_line, shortened, template_values
from bot.wording import (
    OPEN_LISTS,
    BadText,
    MissingValue,
    Template,
    Text,
    UnknownText,
    Wording,
    WordsError,
    read_folder,
)

__all__ = [
    "BadText", "Choice", "Line", "MissingValue", "Page", "Said", "Template", "UnknownText", "Words", "WordsError",
]  # fmt: skip

Channel = Literal["whatsapp", "mail"]

_NOWHERE = "ZZ"  # CLDR's territory of zones that belong to no country, such as UTC


@dataclass(frozen=True, slots=True)
class Line:
    """One text id to be said, with its values.

    `choices`, pairs of id and title, take the place of the text's own buttons or list (references, readings); the
    text's button "A person" stays, last.
    """

    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A web page's heading, text and buttons; plain text, to be escaped by whoever shows it."""

    title: str
    text: str
    buttons: tuple[Choice, ...]
    language: str


class Words:
    """The texts of all languages."""

    def __init__(self, wordings: Mapping[str, Wording]) -> None:
        self._wordings = dict(wordings)
        self._english = wordings["en"]

    @classmethod
    def load(cls, folder: Path) -> Words:
        """Every language file of the folder. Raises `BadText`, naming file and key."""
        return cls(read_folder(folder))

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages with a file, sorted."""
        return tuple(sorted(self._wordings))

    def fallback(self, language: str) -> bool:
        """Whether that language has no file, so that English is used."""
        return self._find(language) is None

    def own_name(self, language: str) -> str:
        """What a language calls itself, for example English."""
        return self._wording(language).name

    def say(
        self, lines: Sequence[Line], *, channel: Channel, language: str, frame: Mapping[str, str], reference: str = ""
    ) -> tuple[Said, ...]:
        """The lines of one turn as messages: one, unless a text stands alone or a chat message grows too long.

        Texts that do not exist on the channel are left out. `frame` holds values that every text may use;
        `reference` is for the mail subject. Raises `UnknownText` and `MissingValue`.
        """
        wording = self._wording(language)
        together: list[Part] = []
        alone: list[list[Part]] = []
        for line in lines:
            text = self._text(line.name)
            if channel in text.bodies:
                part = self._part(text, line, channel, wording, frame)
                alone.append([part]) if text.alone else together.append(part)
        groups = [together, *alone] if together else alone
        if channel == "mail":
            return tuple(self._mail(group, wording, frame, reference) for group in groups)
        return tuple(said for group in groups for said in self._chat(group, wording))

    def phrase(self, name: str, language: str, /, **values: str) -> str:
        """A name (`right_access`, `stage_open`, `btn_yes`, `menu_deletion`, `fields_email`) or one text, filled."""
        wording = self._wording(language)
        if name in self._english.names:
            return self._name(name, wording)
        bodies = self._text(name).bodies
        place = next(place for place in ("whatsapp", "mail", "web") if place in bodies)
        return fill(self._body(name, place, wording), values, rtl=wording.rtl)

    def choices(self, name: str, language: str) -> tuple[tuple[str, str], ...]:
        """A text's own buttons or rows as pairs of id and title, to be offered under another text (`resume_other`)."""
        offered = self._own_choices(self._text(name), "whatsapp", self._wording(language))
        return tuple((choice.id, choice.title) for choice in offered)

    def page(self, name: str, language: str, /, **values: str) -> Page:
        """A web page. Raises `UnknownText` for a text that is no page, and `MissingValue`."""
        wording, text = self._wording(language), self._text(name)
        if "web" not in text.bodies:
            raise UnknownText(name)
        title, body = (fill(self._body(name, place, wording), values, rtl=wording.rtl) for place in ("title", "web"))
        return Page(title, body, self._own_choices(text, "whatsapp", wording), wording.language)

    def template(self, name: str, language: str) -> Template:
        """A template as it is submitted to Meta in that language. Raises `UnknownText`."""
        found = self._wording(language).templates.get(name) or self._english.templates.get(name)
        if found is None:
            raise UnknownText(name)
        return found

    def join(self, items: Iterable[str], language: str) -> str:
        """Several phrases (`ack_ref_line`) as one value, with the language's own separator."""
        return self._wording(language).between.join(items)

    def date(self, day: date, language: str) -> str:
        """A day in full without its weekday: 22 December 2026."""
        return format_date(day, "long", locale=self._wording(language).locale)

    def moment(self, at: datetime, timezone: str, language: str) -> str:
        """An aware time on the clock of an IANA time zone: 9 December 2026, 18:00 (Japan time)."""
        wording = self._wording(language)
        return fill(wording.moment, _parts(at.astimezone(UTC), timezone, wording.locale))

    def check(self) -> list[str]:
        """What a proofreader would mark, each with file and key; empty when all is well."""
        return proofread.complaints(self._wordings)

    def _find(self, language: str) -> Wording | None:
        code = language.lower().replace("_", "-")
        return self._wordings.get(code) or self._wordings.get(code.partition("-")[0])

    def _wording(self, language: str) -> Wording:
        return self._find(language) or self._english

    def _text(self, name: str) -> Text:
        """The English text: its buttons, channels and template hold for every language."""
        text = self._english.texts.get(name)
        if text is None:
            raise UnknownText(name)
        return text

    def _body(self, name: str, place: str, wording: Wording) -> str:
        own = wording.texts.get(name)
        return own.bodies[place] if own and place in own.bodies else self._english.texts[name].bodies[place]

    def _name(self, name: str, wording: Wording) -> str:
        return wording.names.get(name) or self._english.names[name]

    def _part(self, text: Text, line: Line, channel: Channel, wording: Wording, frame: Mapping[str, str]) -> Part:
        values = {**frame, **line.values}
        subject = self._body(text.name, "subject", wording) if channel == "mail" and "subject" in text.bodies else ""
        template = self.template(text.template, wording.language).variables if text.template else ()
        choices = self._offered(text, line, channel, wording)
        body = fill(self._body(text.name, channel, wording), values, rtl=wording.rtl).strip()
        if not body:
            raise MissingValue(text.name)  # an answer of nothing would leave the person without one
        return Part(
            name=text.name,
            body=body,
            subject=one_line(fill(subject, values)),
            choices=choices,
            as_list=bool(text.rows) or len(choices) > BUTTONS or any(len(c.title) > BUTTON_TITLE for c in choices),
            template=text.template if channel == "whatsapp" else "",
            variables=template_values(template, values) if channel == "whatsapp" else (),
        )

    def _offered(self, text: Text, line: Line, channel: Channel, wording: Wording) -> tuple[Choice, ...]:
        own = tuple(self._own_choices(text, channel, wording))
        if not line.choices:
            if text.rows in OPEN_LISTS:
                raise MissingValue("choices")
            return own
        given = [Choice(id, shortened(one_line(title), ROW_TITLE)) for id, title in line.choices if id != PERSON]
        wanted = any(id == PERSON for id, _ in line.choices) or any(choice.id == PERSON for choice in own)
        person = [Choice(PERSON, self._name("btn_person", wording))] if wanted else []
        return (*given[: ROWS - len(person)], *person)

    def _own_choices(self, text: Text, channel: Channel, wording: Wording) -> tuple[Choice, ...]:
        rows = [(text.rows, row) for row in self._english.lists.get(text.rows, ())]
        buttons = [("btn", name) for name in (text.mail_buttons if channel == "mail" else text.buttons)]
        return tuple(Choice(f"{group}:{key}", self._name(f"{group}_{key}", wording)) for group, key in rows + buttons)

    def _chat(self, parts: Sequence[Part], wording: Wording) -> Iterator[Said]:
        return composing.chat(parts, language=wording.language, list_title=self._name("btn_choose", wording))

    def _mail(self, parts: Sequence[Part], wording: Wording, frame: Mapping[str, str], reference: str) -> Said:
        def filled(name: str, **values: str) -> str:
            return fill(self._body(name, "mail", wording), {**frame, **values}, rtl=wording.rtl)

        last = composing.last_offer(parts)
        choices = [choice for choice in last.choices if choice.id != PERSON] if last else []
        offer = filled("mail_choices", labels=" / ".join(choice.title for choice in choices)) if choices else ""
        subject = filled("mail_subject", ref=reference) if reference else filled("mail_subject_plain")
        around = MailFrame(filled("mail_marker"), filled("mail_footer"), one_line(subject))
        return composing.mail(parts, language=wording.language, frame=around, choices=choices, offer=offer)


@lru_cache(maxsize=256)  # the answers of a whole day name the same two moments, by when and from when staff are there
def _parts(at: datetime, timezone: str, locale: str) -> Mapping[str, str]:
    local = at.astimezone(get_timezone(timezone))
    return {
        "date": format_date(local.date(), "long", locale=locale),
        "time": format_time(local.time(), "short", locale=locale),
        "place": _place(local, timezone, locale),
    }


def _place(local: datetime, timezone: str, locale: str) -> str:
    """Whose clock it is: the country where it has only one zone, else the zone's city, else the distance to GMT.

    CLDR's own location format is not used: in some languages it says "summer time" all year.
    """
    zone = get_global("zone_aliases").get(timezone, timezone)
    country = get_global("zone_territories").get(zone, _NOWHERE)
    if country == _NOWHERE:
        return get_timezone_gmt(local, "long", locale=locale)
    if len(get_global("territory_zones")[country]) == 1:
        return str(Locale.parse(locale).territories[country])
    return get_timezone_location(get_timezone(zone), locale=locale, return_city=True).rpartition("/")[2]
