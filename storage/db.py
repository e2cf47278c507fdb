"""The database: one code for SQLite (a file, the default) and PostgreSQL (several machines).

Every change happens inside `Store.write()`, one short transaction. On SQLite a process has a single writing connection
whose transactions begin IMMEDIATE: several writers in one process wait unfairly for each other (seconds, measured), one
does not. A transaction of `Store.read()` sees one snapshot on both engines and cannot write.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Double, Engine, Executable, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from storage.vault import Vault

Clock = Callable[[], datetime]
Entropy = Callable[[int], bytes]
# Milliseconds between two looks at SQLite's writing lock. SQLite alone looks ever more seldom (every 100 ms at last)
# and loses against another process that writes without a pause.
LOOK_AGAIN = 2
LOCK_WAIT = 30  # seconds a transaction waits for a lock or for a pooled connection before it raises
IDLE_LIMIT = 60  # seconds after which PostgreSQL ends a transaction that its process has forgotten

Insert = sqlite.Insert | postgresql.Insert


class Epoch(FunctionElement[float]):
    """The database's own clock as seconds since 1970, for leases: one clock for all who share the database."""

    type = Double()
    inherit_cache = True


EPOCH = Epoch()


@compiles(Epoch, "sqlite")
def _sqlite_epoch(_element: Epoch, _compiler: Any, **_options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(Epoch, "postgresql")
def _postgresql_epoch(_element: Epoch, _compiler: Any, **_options: Any) -> str:
    # STABLE in PostgreSQL's sense, unlike clock_timestamp(): an index on `due` can be searched with it.
    return "CAST(EXTRACT(epoch FROM statement_timestamp()) AS DOUBLE PRECISION)"


def upsert(table: Table, finish: Callable[[Insert], Executable]) -> Mapping[str, Executable]:
    """An insert that knows ON CONFLICT, in the words of each engine: `tx.conn.execute(statement[tx.engine], …)`."""
    return {"sqlite": finish(sqlite.insert(table)), "postgresql": finish(postgresql.insert(table))}


@dataclass(slots=True)
class Tx:
    """One transaction: the connection, the vault, and the moment that counts as *now* in all of it (UTC)."""

    conn: Connection
    vault: Vault
    now: datetime
    entropy: Entropy
    _made: int = field(default=0)

    def new_id(self) -> str:
        """A 24-digit hex id that sorts by time, then by order inside this transaction, then by chance."""
        self._made += 1
        # Past 65,535 ids the next millisecond is borrowed: the order holds and the length stays.
        milliseconds = int(self.now.timestamp() * 1000) + (self._made >> 16)
        return f"{milliseconds:012x}{self._made & 0xFFFF:04x}{self.entropy(4).hex()}"

    @property
    def engine(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.conn.dialect.name

    @property
    def epoch(self) -> ColumnElement[float]:
        """The database's time in seconds, for leases."""
        return EPOCH


class Store:
    """The request store: an engine to write, one to read, and what every transaction needs."""

    def __init__(self, url: str, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        """`url`: a SQLAlchemy URL, `sqlite:///file` or `postgresql+psycopg://…`. Connects on first use."""
        self.vault, self.clock, self.entropy = vault, clock, entropy
        self.engine, self.reader = _engines(url)

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction that commits at the end of the block, or rolls back where the block raises.

        Raises sqlalchemy.exc.OperationalError or TimeoutError where the database stays locked, full or away.
        """
        with self.engine.begin() as conn:
            yield Tx(conn, self.vault, self.clock(), self.entropy)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that only looks, at one snapshot; the database refuses a write in it."""
        with self.reader.connect() as conn:
            yield Tx(conn, self.vault, self.clock(), self.entropy)

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()
        self.reader.dispose()


def utc(moment: datetime) -> datetime:
    """`moment` as aware UTC; one without a zone is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _engines(url: str) -> tuple[Engine, Engine]:
    if make_url(url).get_backend_name() == "sqlite":
        reader = _sqlite(url, begin="BEGIN", pool_size=4, pragmas=("query_only=ON",))
        writing = ("foreign_keys=ON", f"busy_timeout={LOOK_AGAIN}")
        return _sqlite(url, begin="BEGIN IMMEDIATE", pool_size=1, pragmas=writing), reader
    limits = f"-c lock_timeout={LOCK_WAIT}s -c idle_in_transaction_session_timeout={IDLE_LIMIT}s"
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_timeout=LOCK_WAIT,
        pool_pre_ping=True,
        hide_parameters=True,  # an exception's text must not carry what was being stored
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": 10, "keepalives_idle": 30, "options": limits},
    )
    return engine, engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _sqlite(url: str, *, begin: str, pool_size: int, pragmas: tuple[str, ...]) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=LOCK_WAIT,
        hide_parameters=True,
        connect_args={"timeout": LOCK_WAIT, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def settle(connection: Any, _record: Any) -> None:
        # FULL: a commit that was answered with 200 survives a power cut; WAL: readers never wait for the writer.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    def start(connection: Any) -> None:
        until = time.monotonic() + LOCK_WAIT
        while True:
            try:
                connection.execute(begin)
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise

    # Where SQLAlchemy begins a transaction. Its event "begin" would do as well and make every statement a fifth slower.
    engine.dialect.do_begin = start  # type: ignore[assignment, method-assign]
    return engine
