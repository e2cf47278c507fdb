"""Migrations: head is what the models say, all or nothing, and safe to start twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from storage import migrate
from storage.tables import metadata

ROOT = Path(__file__).parents[2]
UPGRADE = "import sys; from storage import migrate; migrate.upgrade(sys.argv[1])"


def tables(url: str) -> set[str]:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return set(inspect(connection).get_table_names())


def test_head_equals_the_models(database_url: str) -> None:
    migrate.upgrade(database_url)
    with create_engine(database_url, poolclass=NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_heads() == tuple(ScriptDirectory.from_config(migrate.config("")).get_heads())
    assert tables(database_url) == {"alembic_version", *metadata.tables}


def test_an_upgrade_twice_changes_nothing_and_keeps_what_is_there(database_url: str) -> None:
    migrate.upgrade(database_url)
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO audit_head (subject, n, hash, seal) VALUES ('x', 1, 'h', 's')"))
    migrate.upgrade(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit_head")).scalar() == 1


def test_down_to_nothing_and_up_again(database_url: str) -> None:
    migrate.upgrade(database_url)
    command.downgrade(migrate.config(database_url), "base")
    assert tables(database_url) <= {"alembic_version"}
    migrate.upgrade(database_url)
    assert tables(database_url) == {"alembic_version", *metadata.tables}


def test_processes_that_start_at_once_wait_for_each_other(database_url: str) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, database_url], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    ends = [(process.communicate()[1][-500:], process.returncode) for process in started]
    assert [code for _, code in ends] == [0, 0, 0], ends
    assert tables(database_url) == {"alembic_version", *metadata.tables}


def test_an_upgrade_that_fails_in_the_middle_leaves_nothing_behind(database_url: str) -> None:
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE ticket (in_the_way INTEGER)"))
    with pytest.raises(DBAPIError):
        migrate.upgrade(database_url)
    assert tables(database_url) == {"ticket"}
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE ticket"))
    migrate.upgrade(database_url)


def test_a_folder_with_a_percent_sign_is_no_riddle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "HERE", Path("/srv/100%/migrations"))
    assert migrate.config("").get_main_option("script_location") == "/srv/100%/migrations"
