"""One reader for all tests of the room: the model beside the package, built once where it is absent."""

from __future__ import annotations

import pytest

from intents import Reader


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return Reader(fallback=tmp_path_factory.mktemp("model"))
