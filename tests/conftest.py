"""What every room's tests share: databases of both kinds, and how hypothesis behaves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres import fresh_database, running_server

# No time limit per example: two busy cores must not turn a right answer into a failure.
settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a fresh database that the whole test run shares.

    The server is the one of PRIVACYDESK_TEST_POSTGRES_URL (its user must be allowed to create databases); without that
    variable one is started for this run.
    """
    given = os.environ.get("PRIVACYDESK_TEST_POSTGRES_URL")
    if given:
        with fresh_database(given) as url:
            yield url
    else:
        with running_server() as server, fresh_database(server) as url:
            yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database of this test alone."""
    return f"sqlite:///{tmp_path / 'privacydesk.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of this test alone; the test runs once on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
    else:
        with fresh_database(request.getfixturevalue("postgres_url")) as url:
            yield url
