"""A staff login for practice, the same one after every restart."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from storage import staff
from storage.db import Tx

NAME = "Practice Manager"


def see_to(tx: Tx, file: Path) -> tuple[str, str]:
    """The mail and password kept in `file` (mode 600); drawn and added as a manager where they are not there yet."""
    kept = _read(file)
    known = {one.email for one in staff.everybody(tx)}
    if kept and kept[0] in known:
        return kept
    mail, password = kept or (_free(known), secrets.token_urlsafe(12))
    staff.add(tx, mail, NAME, "manager", password, "system")
    if not kept:
        _write(file, f"{mail}\n{password}\n")
    return mail, password


def _free(known: set[str]) -> str:
    mail = "manager@practice.example"
    return mail if mail not in known else f"manager-{secrets.token_hex(3)}@practice.example"


def _read(file: Path) -> tuple[str, str] | None:
    try:
        mail, password = file.read_text("utf-8").split()
    except (FileNotFoundError, ValueError):  # not there, or not two words
        return None
    return mail, password


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
