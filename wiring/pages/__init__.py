"""Plain pages for customers: a heading, a text, buttons. No script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from babel import Locale, UnknownLocaleError
from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
STYLE = HERE / "plain.css"


class Button(Protocol):
    """What a form sends back, and the words on it."""

    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Notice:
    """What a page says. Lines of `text` apart by an empty line are paragraphs."""

    title: str
    text: str
    buttons: Sequence[Button] = ()
    language: str = ""  # unknown: the text's own first letter tells its direction
    sign: str = ""  # whose page it is


def plain(notice: Notice) -> str:
    """The page as HTML, everything escaped."""
    paragraphs = [part.strip() for part in notice.text.split("\n\n") if part.strip()]
    return _templates().get_template("plain.html").render(
        notice=notice, paragraphs=paragraphs, direction=direction(notice.language)
    )


def reference(schema: dict[str, object]) -> str:
    """The staff API's OpenAPI description as a page to read."""
    return _templates().get_template("reference.html").render(schema=schema)


def direction(language: str) -> str:
    """`rtl` or `ltr`; a language we do not know is written from the left."""
    try:
        order = Locale.parse(language, sep="-").character_order
    except (UnknownLocaleError, ValueError):
        return "ltr"
    return "rtl" if order == "right-to-left" else "ltr"


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
