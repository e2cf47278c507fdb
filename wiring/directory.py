"""The company's directory from a CSV file: bad rows are told by their line, the others are loaded."""

from __future__ import annotations

import csv
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from staff.customers import LONGEST, BadRow, entry
from storage import directory
from storage.db import Store
from wiring.keeping import opened
from wiring.plainly import FAILED, BadInput
from wiring.settings import Settings

COLUMNS = tuple(LONGEST)
NEEDED = ("customer",)
BATCH = 200  # rows a transaction: webhooks wait no longer than that takes
SOURCE = "import"

Row = tuple[int, Mapping[str, str]]


def import_file(settings: Settings, file: Path, mapping: Path | None) -> int:
    """Load the directory. Returns 1 where some rows were bad. Raises BadInput where the file itself cannot be used."""
    names = _mapping(mapping)
    try:
        with file.open(encoding="utf-8-sig", newline="") as text, opened(settings) as store:
            loaded, bad = load(store, rows(text, names), sys.stderr)
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not UTF-8 text") from None
    except csv.Error:
        raise BadInput(f"{file} cannot be read as CSV") from None
    print(f"{loaded} customers loaded, {bad} rows left out.")
    return FAILED if bad else 0


def rows(text: TextIO, names: Mapping[str, str]) -> Iterator[Row]:
    """Line number and our columns of every row. `names` tells the file's name of our columns. Raises BadInput."""
    lines = csv.DictReader(text, dialect=_dialect(text))
    there = lines.fieldnames or []
    missing = [names.get(column, column) for column in NEEDED if names.get(column, column) not in there]
    if missing or not {names.get(c, c) for c in ("email", "whatsapp")} & set(there):
        raise BadInput(f"the first line must name the columns {', '.join(COLUMNS[:4])}; or give a --mapping")
    for line in lines:
        yield lines.line_num, {column: line.get(names.get(column, column)) or "" for column in COLUMNS}


def load(store: Store, given: Iterable[Row], told: TextIO) -> tuple[int, int]:
    """Load rows in batches; how many were loaded, and how many were bad and told by their line."""
    loaded = bad = 0
    batch: list[directory.Entry] = []
    for line, row in given:
        try:
            batch.append(entry(row))
        except BadRow as problem:
            bad += 1
            print(f"line {line}: {problem}", file=told)
        if len(batch) >= BATCH:
            loaded += _load(store, batch)
            batch = []
    return loaded + _load(store, batch), bad


def _load(store: Store, batch: list[directory.Entry]) -> int:
    if batch:
        with store.write() as tx:
            for one in batch:
                directory.load(tx, one, SOURCE)
    return len(batch)


def _dialect(text: TextIO) -> type[csv.Dialect]:
    """Comma, or the semicolon or tab that some spreadsheets write: whichever the first line has most of."""
    first = text.readline()
    text.seek(0)

    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)
        strict = True

    return Found


def _mapping(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadInput(f"{file} is not TOML") from None
    strange = [name for name, value in found.items() if name not in COLUMNS or not isinstance(value, str)]
    if strange:
        raise BadInput(f"{file}: {strange[0]} is none of our columns: {', '.join(COLUMNS)}")
    return found
