"""Content of the pretend account: the interactive messages and approved templates that a ContentSid stands for."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from bot.words import Words
from wiring.practice.phone import Option

TEMPLATES = ("tpl_code", "tpl_news", "tpl_proof_reminder", "tpl_unconfirmed", "tpl_new_date", "tpl_by_mail")
_VARIABLE = re.compile(r"\{\{([0-9]{1,2})\}\}")


class BadVariables(ValueError):
    """The variables are not what the content asks for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the phone shows it. `template` says that it may come outside the 24 hours."""

    text: str
    options: tuple[Option, ...] = ()
    list_title: str = ""
    template: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """One content: `text` with `{{1}}`, `{{2}}`..., and its options, whose titles and ids may be variables as well."""

    text: str
    options: tuple[Option, ...] = ()
    list_title: str = ""
    template: bool = False

    def show(self, given: str) -> Shown:
        """With the variables of a JSON text filled in. Raises BadVariables for wrong JSON, or too few or too many."""
        values = _variables(given)
        strings = [self.text, self.list_title, *(text for one in self.options for text in (one.id, one.title))]
        if {name for string in strings for name in _VARIABLE.findall(string)} != set(values):
            raise BadVariables

        def filled(string: str) -> str:
            return _VARIABLE.sub(lambda found: values[found[1]], string)

        options = tuple(Option(filled(one.id), filled(one.title)) for one in self.options)
        return Shown(filled(self.text), options, filled(self.list_title), self.template)


def catalogue(words: Words) -> Mapping[str, Content]:
    """Every content by its name: `buttons_1` to `_3`, `list_2` to `_10`, and `<template>:<language>`."""
    shapes = {f"buttons_{count}": Content("{{1}}", _options(2, count)) for count in (1, 2, 3)}
    shapes |= {f"list_{count}": Content("{{1}}", _options(3, count), "{{2}}") for count in range(2, 11)}
    pairs = [(name, language) for name in TEMPLATES for language in words.languages]
    return shapes | {f"{name}:{language}": _template(words, name, language) for name, language in pairs}


def draw_sid(prefix: str) -> str:
    """An id as Twilio makes them: two letters and 32 hex digits."""
    return prefix + secrets.token_hex(16)


def _options(first: int, count: int) -> tuple[Option, ...]:
    """Titles and ids take turns: the title is variable `first`, its id the one after it."""
    numbers = range(first, first + 2 * count, 2)
    return tuple(Option(f"{{{{{number + 1}}}}}", f"{{{{{number}}}}}") for number in numbers)


def _template(words: Words, name: str, language: str) -> Content:
    template = words.template(name, language)
    options = tuple(Option(f"btn:{button}", words.phrase(f"btn_{button}", language)) for button in template.buttons)
    return Content(template.numbered, options, template=True)


def _variables(given: str) -> dict[str, str]:
    try:
        values = json.loads(given or "{}")
    except (ValueError, RecursionError):
        raise BadVariables from None
    if not isinstance(values, dict) or not all(isinstance(value, str) and value for value in values.values()):
        raise BadVariables
    return values
