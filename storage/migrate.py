"""Migrations: bring a database to the newest shape, by Alembic, from the files beside this one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

HERE = Path(__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`; what is there already stays.

    One transaction: a process that dies in the middle leaves the old shape. Two processes at once wait for each other.
    """
    command.upgrade(config(url), revision)


def config(url: str) -> Config:
    """Alembic's settings for one database, with no file of its own."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE).replace("%", "%%"))
    settings.attributes["url"] = url
    return settings
