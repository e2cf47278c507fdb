"""Errors as one plain line for whoever typed a command."""

from __future__ import annotations

import traceback
from pathlib import PurePath

BAD_INPUT, FAILED = 2, 1


class BadInput(Exception):
    """What was typed or given cannot be used; the text is one plain line."""


def plain_line(error: Exception) -> tuple[str, int]:
    """What to say of an error, and the exit code: 2 where the input or a setting is at fault, 1 where we are."""
    if isinstance(error, BadInput) or _is_told_plainly(error):
        return str(error), BAD_INPUT
    if _is_of_a_channel(error):
        return f"PRIVACYDESK_{error}.", BAD_INPUT
    if _is_of_the_database(error):
        return _database_line(error), BAD_INPUT
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {error.strerror or type(error).__name__}", BAD_INPUT
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno}"
    return f"stopped by an unexpected {type(error).__name__} at {place}; please report this", FAILED


def _is_told_plainly(error: Exception) -> bool:
    # Imported when something went wrong: no command waits for parts it does not use.
    from bot.words import BadText
    from company import BadCompany
    from intents import ModelError
    from law import BadDate, BadRegime, UnknownCountry, UnknownRight
    from storage.staff import StaffError
    from storage.vault import VaultError

    kinds = (BadText, BadCompany, ModelError, BadDate, BadRegime, UnknownCountry, UnknownRight, StaffError, VaultError)
    return isinstance(error, kinds)


def _is_of_a_channel(error: Exception) -> bool:
    from channels.base import KeyProblem

    return isinstance(error, KeyProblem)


def _is_of_the_database(error: Exception) -> bool:
    from sqlalchemy.exc import SQLAlchemyError

    return isinstance(error, SQLAlchemyError)


def _database_line(error: Exception) -> str:
    """The driver's reason by class only: its text may hold values of a row."""
    text = str(getattr(error, "orig", "")).lower()
    known = {
        "unable to open": "the database file cannot be opened: is DATA_DIR there and ours to write?",
        "locked": "the database is locked by somebody else; try again in a moment",
        "full": "the disk is full",
        "readonly": "the database file is read-only",
        "malformed": "the database file is damaged, or is no database",
        "not a database": "the database file is damaged, or is no database",
        "no such table": "the database has not been prepared: run `privacydesk migrate`",
        "does not exist": "the database, or a table in it, is not there: create it and run `privacydesk migrate`",
        "refused": "the database cannot be reached: is it running, and is DATABASE_URL right?",
        "password": "the database refuses the user or the password in DATABASE_URL",
    }
    found = next((line for sign, line in known.items() if sign in text), "")
    return found or f"the database failed ({type(getattr(error, 'orig', None) or error).__name__})"
