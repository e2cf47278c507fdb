"""Text from elsewhere made safe to show: links lead to ourselves only, mail is freed of its markup's tricks."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import nh3
import phonenumbers
from markupsafe import Markup, escape

_PIECE = re.compile(r"(?P<link>https?://[^\s<>\"]{1,1500}[^\s<>\".,;:!?)])|(?P<ref>\bPR-[0-9A-Z]{9}\b)")
_TAGS = {"p", "br", "a", "b", "strong", "em", "i", "ul", "ol", "li", "blockquote", "h1", "h2", "h3", "hr", "pre"}
_TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "div", "span", "small"}
_ATTRIBUTES = {"a": {"href"}, "*": {"dir", "lang"}}
_LONG_LINK = re.compile(r"(>https?://[^<]{40})[^<]+</a>")  # what the page shows of it; the link itself stays whole
_CODE = re.compile(r"<p(?: dir=\"ltr\")?>(\d{3} ?\d{3})</p>")


def lively(text: str, own: str) -> Markup:
    """Plain text with links to `own` (our public address) that can be followed, and references in their own face."""
    shown, at = Markup(), 0
    for found in _PIECE.finditer(text):
        shown += escape(text[at : found.start()]) + _piece(found, own)
        at = found.end()
    return shown + escape(text[at:])


def letter(html: str, own: str) -> Markup:
    """The body of an HTML mail: no scripts, styles, pictures or forms, links only to `own`, a lone code set large."""

    def keep(tag: str, attribute: str, value: str) -> str | None:
        return value if attribute != "href" or _ours(value, own) else None

    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        link_rel="noopener",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    short = _LONG_LINK.sub(r"\1…</a>", clean)
    return Markup(_CODE.sub(r'<p class="code" dir="ltr">\1</p>', short))  # noqa: S704 (cleaned by nh3)


def number(phone: str) -> str:
    """A number with the spaces of its country."""
    return phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class Times:
    """Moments as the page writes them, on the company's clock."""

    def __init__(self, zone: str, now: datetime) -> None:
        self._zone = ZoneInfo(zone)
        self._now = now.astimezone(self._zone)
        self.zone = zone

    def clock(self, at: datetime) -> str:
        """`14:23`."""
        return f"{at.astimezone(self._zone):%H:%M}"

    def short(self, at: datetime) -> str:
        """`14:23`, or `24 Nov` for another day."""
        local = at.astimezone(self._zone)
        return f"{local:%H:%M}" if local.date() == self._now.date() else f"{local.day} {local:%b}"

    def long(self, at: datetime) -> str:
        """`today 14:23`, `tomorrow 14:23`, or `Tue 24 Nov 14:23`."""
        local = at.astimezone(self._zone)
        names = {self._now.date(): "today", self._now.date() + timedelta(days=1): "tomorrow"}
        return f"{names.get(local.date(), self.day(at))} {local:%H:%M}"

    def day(self, at: datetime) -> str:
        """`Tue 24 Nov`."""
        local = at.astimezone(self._zone)
        return f"{local:%a} {local.day} {local:%b}"

    def heading(self, at: datetime) -> str:
        """`Today`, or `Tue 24 Nov`."""
        return "Today" if at.astimezone(self._zone).date() == self._now.date() else self.day(at)


def _piece(found: re.Match[str], own: str) -> Markup:
    text = escape(found[0])
    if found["ref"]:
        return Markup('<b class="ref">{}</b>').format(text)
    return Markup('<a href="{0}" target="_blank" rel="noopener">{0}</a>').format(text) if _ours(found[0], own) else text


def _ours(url: str, own: str) -> bool:
    return url.startswith(f"{own}/")
