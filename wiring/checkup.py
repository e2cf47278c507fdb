"""The command `check`: what of the settings works, in plain words, one line each."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from typing import TextIO
from urllib.parse import urlsplit

from wiring import keeping
from wiring.house import TEXTS, open_channels
from wiring.plainly import FAILED, plain_line
from wiring.settings import Settings

SECONDS = 5.0
PORTS = {"https": 443, "http": 80, "smtps": 465, "smtp": 587}

Look = Callable[[Settings], str]


class Trouble(Exception):
    """A look found something wrong; the text is one plain line."""


def check(settings: Settings, out: TextIO) -> int:
    """Every look in turn; 1 where something does not work. Nothing is sent or changed."""
    well = True
    for name, look in LOOKS.items():
        try:
            line = look(settings)
        except Trouble as trouble:
            line, well = f"NOT WELL: {trouble}", False
        except Exception as error:
            # A look may fail in any way; the next one is made all the same.
            line, well = f"NOT WELL: {plain_line(error)[0]}", False
        out.write(f"{name:<10} {line}\n")
    return 0 if well else FAILED


def _company(settings: Settings) -> str:
    from bot.words import Words
    from company import Company
    from law import Regimes

    company, words = Company.load(settings.company), Words.load(TEXTS)
    marked = words.check()
    if marked:
        raise Trouble(f"{marked[0]} (and {len(marked) - 1} more)")
    laws = len(Regimes.load().by_id)
    return f"{company.name}; texts in {len(words.languages)} languages, {laws} laws"


def _database(settings: Settings) -> str:
    kind = "SQLite" if settings.database_url.get_secret_value().startswith("sqlite") else "PostgreSQL"
    there, needed = keeping.shape(settings), keeping.newest_shape()
    if there != needed:
        raise Trouble(f"{kind} is reached but not prepared: run `privacydesk migrate`")
    return f"{kind} is reached and has the newest shape"


def _understanding(settings: Settings) -> str:
    from intents import Reader

    Reader(fallback=settings.data_dir / "model")
    return "the intent model is there"


def _channel(name: str, *urls: str) -> Look:
    def look(settings: Settings) -> str:
        from storage.vault import Vault

        keys = settings.channel_keys()
        vault = Vault(settings.secret_keys())
        if name not in open_channels(keys, settings.public_url, {}, vault):
            return "off: it has no keys"
        reached = [_reach(url) for url in _urls(settings, keys, urls)]
        return f"on; {', '.join(reached)} can be reached"

    return look


def _urls(settings: Settings, keys: Mapping[str, str], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        yield keys.get(name) or str(getattr(settings, name.lower()))


def _reach(url: str) -> str:
    """The host of a URL, when its port answers. Raises Trouble."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    try:
        socket.create_connection((host, port), SECONDS).close()
    except OSError as error:
        raise Trouble(f"{host}:{port} cannot be reached ({error.strerror or type(error).__name__})") from None
    return f"{host}:{port}"


LOOKS: Mapping[str, Look] = {
    "company": _company,
    "database": _database,
    "model": _understanding,
    "whatsapp": _channel("whatsapp", "TWILIO_API_URL"),
    "mail": _channel("mail", "SMTP_URL"),
}
