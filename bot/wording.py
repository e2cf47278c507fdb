"""The text files: one TOML file per language, read into plain values. Composition is in `bot.words`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VARIABLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")

LISTS = ("menu", "fields", "uses")
NAMES = ("btn", *LISTS, "right", "stage")
OPEN_LISTS = ("refs",)  # rows known only in the conversation
CHANNELS = ("whatsapp", "mail")
NEEDED_TEXTS = ("mail_marker", "mail_choices", "mail_footer", "mail_subject", "mail_subject_plain")

_FILE_NAME = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_WORDS_OF_A_TEXT = ("text", "mail", "web", "title", "subject")
_SHAPE: Mapping[str, type] = {
    **dict.fromkeys(_WORDS_OF_A_TEXT, str),
    "channels": list, "buttons": list, "mail_buttons": list, "list": str, "template": str, "alone": bool,
}  # fmt: skip
_FILE_SHAPE: Mapping[str, type] = {
    "name": str, "locale": str, "rtl": bool, "between": str, "moment": str, "never": list,
}  # fmt: skip
_TEMPLATE_SHAPE: Mapping[str, type] = {"kind": str, "text": str, "variables": list, "buttons": list}


class WordsError(Exception):
    """The room's one error for everything about texts."""


class BadText(WordsError):
    """A text file cannot be used. The message names the file and the key."""


class UnknownText(WordsError):
    """No text of that id, in English either."""


class MissingValue(WordsError):
    """A text needs a value that was not given. `name` is the variable; `choices` for a list without rows.

    For a text that its values leave empty it is the text id.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Text:
    """One text id in one language.

    `bodies` holds the wording by place: `whatsapp`, `mail`, `web`, `title`, `subject`; other places have none.
    `stated` names the wordings the file itself gives (mail may be taken over from `text`), `shape` is all else.
    """

    name: str
    bodies: Mapping[str, str]
    stated: frozenset[str]
    shape: Mapping[str, object]
    buttons: tuple[str, ...] = ()
    mail_buttons: tuple[str, ...] = ()
    rows: str = ""
    template: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A message approved by Meta for use after the 24-hour window. `variables` is the order of its numbers."""

    name: str
    kind: str
    body: str
    variables: tuple[str, ...]
    buttons: tuple[str, ...]

    @property
    def numbered(self) -> str:
        """The body as the provider wants it: `{{1}}` for the first variable, and so on."""
        return VARIABLE.sub(lambda found: f"{{{{{self.variables.index(found[1]) + 1}}}}}", self.body)


@dataclass(frozen=True, slots=True)
class Wording:
    """One language file. `names` holds `btn_yes`, `menu_access`, `right_deletion`, ...; `lists` the rows in order."""

    language: str
    name: str
    locale: str
    rtl: bool
    between: str
    moment: str
    never: tuple[str, ...]
    texts: Mapping[str, Text]
    templates: Mapping[str, Template]
    names: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]


def read_folder(folder: Path) -> dict[str, Wording]:
    """Every `*.toml` of the folder by language code. Raises `BadText`, also when there is no English."""
    found = {path.stem: read_file(path) for path in sorted(folder.glob("*.toml"))}
    if "en" not in found:
        raise BadText(f"{folder.name}: there is no en.toml, and English is the model of all languages")
    _check_references("en.toml", found["en"])
    return found


def read_file(path: Path) -> Wording:
    """One language file. Raises `BadText`."""
    if not _FILE_NAME.fullmatch(path.stem):
        raise BadText(f"{path.name}: the file name must be a language code, for example sw.toml or pt-br.toml")
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadText(f"{path.name}: {error}") from None
    for key, table in tables.items():
        if not isinstance(table, dict):
            raise BadText(f"{path.name}: {key}: must be a table, written [{key}]")
    return _wording(path.name, path.stem, tables)


def _wording(file: str, language: str, tables: Mapping[str, dict[str, Any]]) -> Wording:
    about = tables.get("file", {})
    _check_shape(f"{file}: file", about, _FILE_SHAPE)
    for key in ("name", "locale", "between", "moment"):
        if key not in about:
            raise BadText(f"{file}: file.{key}: is missing")
    names = dict(_names(file, tables))
    texts = [key for key in tables if key not in ("file", *NAMES) and not key.startswith("tpl_")]
    return Wording(
        language=language,
        name=about["name"],
        locale=about["locale"],
        rtl=about.get("rtl", False),
        between=about["between"],
        moment=about["moment"],
        never=tuple(about.get("never", ())),
        texts={key: _text(f"{file}: {key}", key, tables[key]) for key in texts},
        templates={key: _template(f"{file}: {key}", key, tables[key]) for key in tables if key.startswith("tpl_")},
        names=names,
        lists={key: tuple(tables.get(key, ())) for key in LISTS},
    )


def _names(file: str, tables: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for group in NAMES:
        for key, name in tables.get(group, {}).items():
            if not isinstance(name, str) or not name.strip():
                raise BadText(f"{file}: {group}.{key}: must be a text")
            yield f"{group}_{key}", name


def _text(place: str, name: str, table: Mapping[str, Any]) -> Text:
    _check_shape(place, table, _SHAPE)
    if "text" not in table and "web" not in table:
        raise BadText(f"{place}: has neither `text` nor `web`")
    if ("web" in table) != ("title" in table):
        raise BadText(f"{place}: a page needs both `web` and `title`")
    channels = table.get("channels", CHANNELS)
    if unknown := set(channels) - set(CHANNELS):
        raise BadText(f"{place}: channels: {sorted(unknown)[0]!r} is none of {', '.join(CHANNELS)}")
    wordings = {"whatsapp": table.get("text"), "mail": table.get("mail", table.get("text"))}
    bodies = {channel: wordings[channel] for channel in channels if wordings[channel] is not None}
    bodies |= {key: table[key] for key in ("web", "title", "subject") if key in table}
    return Text(
        name=name,
        bodies=bodies,
        stated=frozenset(table.keys() & _WORDS_OF_A_TEXT),
        shape={key: value for key, value in table.items() if key not in _WORDS_OF_A_TEXT},
        buttons=tuple(table.get("buttons", ())),
        mail_buttons=tuple(table.get("mail_buttons", table.get("buttons", ()))),
        rows=table.get("list", ""),
        template=table.get("template", ""),
        alone=table.get("alone", False),
    )


def _template(place: str, name: str, table: Mapping[str, Any]) -> Template:
    _check_shape(place, table, _TEMPLATE_SHAPE)
    for key in _TEMPLATE_SHAPE:
        if key not in table:
            raise BadText(f"{place}: {key}: is missing")
    body, variables = table["text"], tuple(table["variables"])
    if set(VARIABLE.findall(body)) != set(variables):
        raise BadText(f"{place}: variables: must name exactly the variables of the text")
    return Template(name, table["kind"], body, variables, tuple(table["buttons"]))


def _check_references(file: str, wording: Wording) -> None:
    """Every button, list and template that a text names is there."""
    for text in wording.texts.values():
        if text.rows and text.rows not in (*OPEN_LISTS, *LISTS):
            raise BadText(f"{file}: {text.name}: list: there is no list {text.rows!r}")
        if text.template and text.template not in wording.templates:
            raise BadText(f"{file}: {text.name}: template: there is no [{text.template}]")
    owners = [(text.name, (*text.buttons, *text.mail_buttons)) for text in wording.texts.values()]
    owners += [(template.name, template.buttons) for template in wording.templates.values()]
    for name, button in ((name, button) for name, buttons in owners for button in buttons):
        if f"btn_{button}" not in wording.names:
            raise BadText(f"{file}: {name}: buttons: there is no {button!r} in [btn]")
    for name in NEEDED_TEXTS:
        if name not in wording.texts:
            raise BadText(f"{file}: {name}: is missing; every mail needs it")


def _check_shape(place: str, table: Mapping[str, Any], shape: Mapping[str, type]) -> None:
    """Only known keys, each of its kind, and no brace that is not a variable."""
    for key, value in table.items():
        if key not in shape:
            raise BadText(f"{place}: {key}: is not a known key")
        if not isinstance(value, shape[key]):
            raise BadText(f"{place}: {key}: must be a {shape[key].__name__}")
        if isinstance(value, list) and not all(isinstance(entry, str) for entry in value):
            raise BadText(f"{place}: {key}: must be a list of texts")
        if isinstance(value, str) and re.search(r"[{}]", VARIABLE.sub("", value)):
            raise BadText(f"{place}: {key}: a brace stands alone; variables are written {{like_this}}")
        if isinstance(value, str) and not value.strip():
            raise BadText(f"{place}: {key}: is empty")
