"""What a proofreader marks in the text files: provider limits, variables lost in translation, forbidden words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from bot.composing import BODY_ALONE, BODY_WITH_CHOICES, BUTTON_TITLE, BUTTONS, ROW_TITLE, ROWS
from bot.wording import VARIABLE, Text, Wording

META_WORDED = "authentication"  # Meta fixes the wording of such a template, variable in front and all


def complaints(wordings: Mapping[str, Wording]) -> list[str]:
    """One line per mistake, each naming file and key; empty when all is well."""
    english = wordings["en"]
    found: list[str] = []
    for language, wording in sorted(wordings.items()):
        marked = [*_limits(wording), *_voice(wording), *_templates(wording)]
        if wording is not english:
            marked += [*_losses(wording, english), *_template_losses(wording, english)]
        found += [f"{language}.toml: {mark}" for mark in sorted(marked)]
    return found


def _limits(wording: Wording) -> Iterator[str]:
    for name, title in wording.names.items():
        group = name.partition("_")[0]
        limit = {"btn": BUTTON_TITLE}.get(group, ROW_TITLE if group in wording.lists else None)
        if limit and len(title) > limit:
            yield f"{name}: {len(title)} characters, at most {limit} are shown"
    for group, rows in wording.lists.items():
        if len(rows) > ROWS:
            yield f"{group}: {len(rows)} rows, at most {ROWS} are shown"
    for text in wording.texts.values():
        limit = BODY_WITH_CHOICES if text.buttons or text.rows else BODY_ALONE
        if len(text.bodies.get("whatsapp", "")) > limit:
            yield f"{text.name}: longer than {limit} characters"
        if len(text.buttons) > BUTTONS:
            yield f"{text.name}: {len(text.buttons)} buttons, at most {BUTTONS} are shown"


def _voice(wording: Wording) -> Iterator[str]:
    never = [(word, re.compile(rf"(?<![a-z]){re.escape(word)}s?(?![a-z])", re.IGNORECASE)) for word in wording.never]
    for name, body in _all_words(wording):
        for word, pattern in never:
            if pattern.search(body):
                yield f"{name}: says {word!r}"
        if re.search(r"[!\u00a1\uff01]", body):
            yield f"{name}: has an exclamation mark"
        if any(unicodedata.category(sign) == "So" for sign in body):
            yield f"{name}: has an emoji"


def _all_words(wording: Wording) -> Iterator[tuple[str, str]]:
    for text in wording.texts.values():
        yield from ((f"{text.name}.{place}", body) for place, body in text.bodies.items())
    yield from wording.names.items()
    yield from ((template.name, template.body) for template in wording.templates.values())


def _templates(wording: Wording) -> Iterator[str]:
    for template in wording.templates.values():
        bare = template.body.strip().rstrip(".?\u3002\uff1f\u061f\u0964")
        edges = VARIABLE.match(bare) or re.search(VARIABLE.pattern + r"$", bare)
        if edges and template.kind != META_WORDED:
            yield f"{template.name}: begins or ends with a variable"


def _losses(wording: Wording, english: Wording) -> Iterator[str]:
    """Names that one file has and the other has not, and variables that differ."""
    yield from (f"{name}: is missing" for name in english.names.keys() - wording.names.keys())
    yield from (f"{name}: is not in en.toml" for name in wording.names.keys() - english.names.keys())
    yield from (f"{name}: is not in en.toml" for name in wording.texts.keys() - english.texts.keys())
    for name, model in english.texts.items():
        own = wording.texts.get(name)
        if own is None:
            yield f"{name}: is missing"
        else:
            yield from _differences(own, model)


def _differences(own: Text, model: Text) -> Iterator[str]:
    yield from (f"{model.name}: `{key}` is missing" for key in model.stated - own.stated)
    for place in model.bodies.keys() & own.bodies.keys():
        wanted, there = (set(VARIABLE.findall(text.bodies[place])) for text in (model, own))
        yield from (f"{model.name}: {place}: {{{name}}} is missing" for name in wanted - there)
        yield from (f"{model.name}: {place}: {{{name}}} is not in the English text" for name in there - wanted)
    if own.shape and own.shape != model.shape:
        yield f"{model.name}: buttons, lists, channels and templates are those of en.toml; leave them out or the same"


def _template_losses(wording: Wording, english: Wording) -> Iterator[str]:
    for name, model in english.templates.items():
        own = wording.templates.get(name)
        if own is None:
            yield f"{name}: is missing"
        elif (own.variables, own.kind, own.buttons) != (model.variables, model.kind, model.buttons):
            yield f"{name}: kind, variables and buttons must be those of en.toml"
