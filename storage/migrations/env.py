"""Run by Alembic: connect to the database it was given and migrate it in one transaction."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from storage.tables import metadata

LOCK = 7236914  # any number of our own: one migration at a time on PostgreSQL


def run() -> None:
    """Migrate: all of it or nothing, one process at a time."""
    url = context.config.attributes["url"]
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
            connection.commit()
        else:
            _lock_sqlite(connection)
        context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


def _lock_sqlite(connection: Connection) -> None:
    """Take the write lock first. Left alone, Python's driver would commit after every CREATE TABLE."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101  # connected
    driver.isolation_level = None
    connection.exec_driver_sql("PRAGMA busy_timeout=30000")
    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


run()
