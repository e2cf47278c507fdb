"""The house: every part of one installation, built from its settings and joined by name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import bot
from bot.turns import Parts
from bot.words import Words
from channels import mail, whatsapp
from channels.base import Channel
from company import Company
from intents import Reader
from law import Places, Regimes
from storage.db import Clock, Entropy, Store
from storage.vault import Vault
from wiring.metrics import Metrics
from wiring.settings import Settings

TEXTS = Path(bot.__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class House:
    """All parts of one installation. Building it opens no connection; `close` gives back those made since."""

    settings: Settings
    store: Store
    company: Company
    regimes: Regimes
    places: Places
    words: Words
    reader: Reader
    channels: Mapping[str, Channel]
    clock: Clock
    entropy: Entropy
    parts: Parts
    metrics: Metrics = field(default_factory=Metrics)

    def chance(self) -> float:
        """A number from 0 to 1, to spread waits."""
        return int.from_bytes(self.entropy(4), "big") / 0xFFFFFFFF

    def close(self) -> None:
        """Give back every database connection."""
        self.store.close()


def utc_now() -> datetime:
    """The moment it is, aware, in UTC."""
    return datetime.now(UTC)


def build(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    entropy: Entropy = os.urandom,
    keys: Mapping[str, str] | None = None,
    content: Mapping[str, str] | None = None,
) -> House:
    """The parts that `settings` describe. `keys` and `content` take the place of the channels' keys and content ids.

    Raises BadCompany, BadRegime, BadText, KeyProblem, ModelError or VaultError, each with one plain line. Trains the
    intent model where there is none yet (half a minute).
    """
    vault = Vault(settings.secret_keys())
    company = Company.load(settings.company)
    regimes, places, words = Regimes.load(), Places.load(), Words.load(TEXTS)
    return House(
        settings=settings,
        store=Store(settings.database_url.get_secret_value(), vault, clock, entropy),
        company=company,
        regimes=regimes,
        places=places,
        words=words,
        reader=Reader(fallback=settings.data_dir / "model"),
        channels=open_channels(
            settings.channel_keys() if keys is None else keys,
            settings.public_url,
            company.content if content is None else content,
            vault,
        ),
        clock=clock,
        entropy=entropy,
        parts=Parts(company, regimes, places, words, settings.public_url),
    )


def open_channels(
    keys: Mapping[str, str], public_url: str, content: Mapping[str, str], vault: Vault
) -> dict[str, Channel]:
    """The channels that have their keys, by name. A new channel is one line here. Raises KeyProblem."""
    built: tuple[Channel | None, ...] = (
        whatsapp.build(keys, public_url, content),
        mail.build(keys, public_url, vault.key("threads")),
    )
    return {channel.name: channel for channel in built if channel is not None}
