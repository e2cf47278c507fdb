"""Houses for tests, on both engines."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.channels.peers import MailPeer, TwilioPeer
from tests.wiring.rig import Rig, channel_keys, remade, settings_for
from wiring import keeping, logs
from wiring.house import House, build


@pytest.fixture(autouse=True)
def log_lines() -> Iterator[io.StringIO]:
    """What is logged, as the running system writes it."""
    before = (sys.excepthook, threading.excepthook, logging.getLogger().handlers[:], logging.getLogger().level)
    stream = io.StringIO()
    logs.configure("info", stream)
    yield stream
    structlog.reset_defaults()
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook, logging.getLogger().handlers[:], level = before
    logging.getLogger().setLevel(level)


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> House:
    """What is read once from files: words, laws, models."""
    folder = tmp_path_factory.mktemp("parts")
    return build(settings_for(f"sqlite:///{folder}/never.db", folder))


@pytest.fixture
def twilio() -> Iterator[TwilioPeer]:
    with TwilioPeer().running() as peer:
        yield peer


@pytest.fixture
def rig(parts: House, twilio: TwilioPeer, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    """A migrated, empty house on each engine."""
    yield from _rig(parts, twilio, database_url, tmp_path)


@pytest.fixture
def sqlite_rig(parts: House, twilio: TwilioPeer, sqlite_url: str, tmp_path: Path) -> Iterator[Rig]:
    """A migrated, empty house on SQLite, for what does not touch the engine."""
    yield from _rig(parts, twilio, sqlite_url, tmp_path)


def _rig(parts: House, twilio: TwilioPeer, url: str, tmp_path: Path) -> Iterator[Rig]:
    settings = settings_for(url, tmp_path)
    keeping.prepare(settings)
    peer = MailPeer()
    with peer.running() as smtp:
        house = remade(parts, settings, channel_keys(twilio.url, smtp))
        yield Rig(house, twilio, peer)
        house.close()
