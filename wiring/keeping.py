"""The commands that keep the store: its shape, its staff, its audit trail and its copies."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from storage import audit
from storage import migrate as migrations
from storage import staff as people
from storage.db import Store
from storage.vault import Vault
from wiring.plainly import FAILED, BadInput
from wiring.settings import Settings


def migrate(settings: Settings) -> int:
    """Bring the database to the newest shape."""
    before = shape(settings)
    prepare(settings)
    after = shape(settings)
    print("The database has the newest shape already." if before == after else f"The database is now at {after}.")
    return 0


def add_staff(settings: Settings, email: str, name: str, role: str, password: str) -> int:
    """Add a member of staff. Raises StaffError."""
    with opened(settings) as store, store.write() as tx:
        one = people.add(tx, email, name, role, password, by="system")
    print(f"Added {one.role} {one.id}.")
    return 0


def set_password(settings: Settings, email: str, password: str) -> int:
    """Set a new password for a member of staff. Raises StaffError."""
    with opened(settings) as store, store.write() as tx:
        one = people.set_password(tx, email, password, by="system")
    print(f"New password for {one.role} {one.id}; their sessions are ended.")
    return 0


def verify_audit(settings: Settings) -> int:
    """Say whether every chain of the audit trail holds; 1 where one does not."""
    with opened(settings) as store, store.read() as tx:
        faults = list(audit.verify(tx))
    for fault in faults:
        print(f"{fault.subject}, row {fault.n}: {fault.what}")
    print(f"{len(faults)} broken." if faults else "Every chain of the audit trail holds.")
    return FAILED if faults else 0


def backup(settings: Settings, file: Path | None) -> int:
    """Copy a SQLite database, also while it is in use. Raises BadInput for PostgreSQL and where the file is there."""
    url = make_url(settings.database_url.get_secret_value())
    if url.get_backend_name() != "sqlite":
        raise BadInput("this database is PostgreSQL: copy it with pg_dump --format=custom, also while it is in use")
    source = Path(url.database or "")
    if not source.is_file():
        raise BadInput("there is no database to copy yet")
    target = file or settings.data_dir / "backups" / f"privacydesk-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db"
    if target.exists():
        raise BadInput(f"{target} is there already")
    _copy(source, target)
    print(f"Copied to {target}. It is sealed like the original: keep SECRET_KEY elsewhere.")
    return 0


def prepare(settings: Settings) -> None:
    """Make the data folder and bring the database to the newest shape. A SQLite file is its owner's alone."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = settings.database_url.get_secret_value()
    file = make_url(url).database or ":memory:"
    if make_url(url).get_backend_name() == "sqlite" and file != ":memory:":
        with suppress(OSError):  # a file we cannot make or own is told by the migration, or is the operator's choice
            _keep_private(Path(file))
    migrations.upgrade(url)


def shape(settings: Settings) -> str:
    """The revision the database is at; "" where there is no database, or nothing in it."""
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    url = settings.database_url.get_secret_value()
    if make_url(url).get_backend_name() == "sqlite" and not Path(make_url(url).database or "").is_file():
        return ""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def newest_shape() -> str:
    """The revision this code needs."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(migrations.config("")).get_current_head() or ""


def must_be_current(settings: Settings) -> None:
    """Raises BadInput where the database has another shape than this code needs."""
    if shape(settings) != newest_shape():
        raise BadInput("the database has another shape than this version needs: run `privacydesk migrate`")


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """The store of these settings, as long as the block lasts. Raises BadInput where it has another shape."""
    must_be_current(settings)
    vault = Vault(settings.secret_keys())
    store = Store(settings.database_url.get_secret_value(), vault, lambda: datetime.now(UTC), os.urandom)
    try:
        yield store
    finally:
        store.close()


def _keep_private(file: Path) -> None:
    """Mode 600 for a database; SQLite gives its -wal and -shm files the mode of the database when it makes them."""
    file.touch(0o600)
    for one in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        if one.exists():
            one.chmod(0o600)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written beside and renamed: half a copy never bears the name of a whole one.
    making = target.with_name(target.name + ".part")
    making.unlink(missing_ok=True)
    os.close(os.open(making, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(making)) as copy:
        live.backup(copy, pages=2000)
        copy.execute("PRAGMA journal_mode=DELETE")
    making.rename(target)
