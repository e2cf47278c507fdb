"""A desk for each test: on both engines where the store's part matters, on SQLite alone where only the page does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from storage import staff as people
from tests.staff import seed
from tests.staff.seed import House


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real argon2id, with the least work it allows: some hundred sign-ins must not take minutes on two busy cores."""
    monkeypatch.setattr(people, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """A desk on an empty database; the test runs on SQLite and on PostgreSQL."""
    made = seed.house(database_url)
    yield made
    made.store.close()


@pytest.fixture
def quick(sqlite_url: str) -> Iterator[House]:
    """A desk on an empty SQLite database."""
    made = seed.house(sqlite_url)
    yield made
    made.store.close()
