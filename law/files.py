"""Reading one TOML file of the law into a checked value."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


class BadRegime(ValueError):
    """A law file that cannot be used. The text names the file, the key and what is wrong with it."""


def read(path: Path, kind: type[T], **known: Any) -> T:
    """The file's content as `kind`; `known` are values that do not stand in the file. Raises `BadRegime`."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise BadRegime(f"{path.name}: cannot be read: {wrong}") from wrong
    try:
        return TypeAdapter(kind).validate_python({**known, **data})
    except ValidationError as wrong:
        first = wrong.errors()[0]
        key = ".".join(str(step) for step in first["loc"])
        raise BadRegime(f"{path.name}: {key or 'file'}: {first['msg']}") from wrong
