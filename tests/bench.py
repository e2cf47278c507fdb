"""`make bench`: how fast this house is on this machine, each figure beside the raw commit rate of the same database.

Everything runs as it would in production: separate processes, real HTTP, really signed forms, SQLite with
synchronous=FULL and PostgreSQL with fsync. Sends nothing anywhere but to 127.0.0.1.
"""

from __future__ import annotations

import os
import platform
import secrets
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import httpx
import psycopg
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from intents import Reader
from storage import inbox
from storage.db import Store
from storage.migrate import upgrade
from storage.tables import lane
from storage.vault import Vault
from tests.postgres import DURABLE, fresh_database, running_server
from wiring.house import utc_now

BIN = Path(sys.executable).parent / "privacydesk"
SECRET, TOKEN, ACCOUNT = secrets.token_hex(32), secrets.token_hex(16), "AC" + "0" * 32
CONVERSATIONS, ACCEPTS, PARSES = 120, 600, 4000
# One conversation: a request filed, a contact, a wrong code, a question in mid-proof, a status.
TALK = (
    "Hello, can I get everything you have stored about me",
    "asha@example.com",
    "482971",
    "wait, do you sell my data?",
    "any news on my request?",
)


def main() -> None:
    """Print every figure, with machine and versions."""
    print(machine())
    with tempfile.TemporaryDirectory(prefix="bench") as folder, running_server(DURABLE) as server, provider() as api:
        for name, url in (("SQLite", f"sqlite:///{folder}/bench.db"), ("PostgreSQL", server)):
            engine(name, url, Path(folder), api)
        start_and_memory(Path(folder))
    understanding()


def machine() -> str:
    """What was measured, and on what."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    parts = ("sqlalchemy", "rasa-sdk", "fastapi", "uvicorn", "psycopg", "numpy")
    versions = ", ".join(f"{part} {version(part)}" for part in parts)
    head = f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return f"{head}\n{versions}\n"


def engine(name: str, server: str, folder: Path, api: str) -> None:
    """All figures of one database engine."""
    raw = raw_commits(server)
    print(f"{name}: {raw:.0f} raw commits a second, one connection, one row each")
    with database(name, server) as url:
        settings = environment(url, folder / f"data-{name}", api)
        accept(name, settings)
    for workers in (1, 2):
        with database(name, server) as url:
            turns(name, environment(url, folder / f"data-{name}-{workers}", api), url, workers)


@contextmanager
def database(name: str, server: str) -> Iterator[str]:
    """An empty database with the newest tables."""
    if name == "SQLite":
        path = Path(server.removeprefix("sqlite:///")).with_name(f"{secrets.token_hex(4)}.db")
        upgrade(f"sqlite:///{path}")
        yield f"sqlite:///{path}"
    else:
        with fresh_database(server) as url:
            upgrade(url)
            yield url


def raw_commits(server: str, seconds: float = 2.0) -> float:
    """Commits a second of the driver alone: the ceiling for everything that is durable."""
    if server.startswith("sqlite"):
        path = server.removeprefix("sqlite:///") + ".raw"
        lite = sqlite3.connect(path, isolation_level=None)
        lite.execute("PRAGMA journal_mode=WAL")
        lite.execute("PRAGMA synchronous=FULL")
        lite.execute("CREATE TABLE row (n INTEGER)")
        return _rate(lambda: lite.execute("INSERT INTO row VALUES (1)"), seconds)
    with fresh_database(server) as url, psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as grown:
        grown.execute("CREATE TABLE row (n INTEGER)")
        return _rate(lambda: grown.execute("INSERT INTO row VALUES (1)"), seconds)


def accept(name: str, settings: Mapping[str, str]) -> None:
    """From the first byte of a signed form to the 200 that says it is stored, one client."""
    with process("web", settings):
        url = settings["PRIVACYDESK_PUBLIC_URL"] + "/in/whatsapp"
        times = []
        with httpx.Client() as client:
            for number in range(ACCEPTS):
                form, signature = signed(url, number % 50, number, TALK[0])
                start = time.perf_counter()
                headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
                client.post(url, content=urlencode(form), headers=headers).raise_for_status()
                times.append(1000 * (time.perf_counter() - start))
    cuts = statistics.quantiles(times, n=100)
    print(f"  webhook accept: p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, {1000 / statistics.mean(times):.0f}/s")


def turns(name: str, settings: Mapping[str, str], url: str, workers: int) -> None:
    """Full turns: read, understood, acted on, answered and sent to a provider on loopback that says yes at once."""
    store = Store(url, Vault([SECRET]), utc_now, os.urandom)
    for step, text in enumerate(TALK):
        for person in range(CONVERSATIONS):
            form, _ = signed("", person, step * CONVERSATIONS + person, text)
            with store.write() as tx:
                number = f"whatsapp:{form['MessageSid']}"
                inbox.record(tx, number, "whatsapp", sender(person), urlencode(form).encode())
    start = time.perf_counter()
    running = [subprocess.Popen([BIN, "worker"], env={**os.environ, **settings}) for _ in range(workers)]
    try:
        first = _wait(store, "in:", 1)
        begun = time.perf_counter()
        left = CONVERSATIONS * len(TALK) - first
        _wait(store, "in:", None)
        took = time.perf_counter() - begun
        _wait(store, "out:", None)
        cpu = sum(_cpu_seconds(one.pid) for one in running)
    finally:
        for one in running:
            one.send_signal(signal.SIGTERM)
            one.wait(20)
        store.close()
    whole = time.perf_counter() - start
    count = CONVERSATIONS * len(TALK)
    print(
        f"  {workers} worker{'s' * (workers > 1)}: {left / took:.0f} turns/s, {1000 * cpu / count:.1f} CPU-ms a turn"
        f" with its delivery, all {count} answered {whole:.1f} s after the start"
    )


def start_and_memory(folder: Path) -> None:
    """`privacydesk run` in practice mode: from the command to /healthz and /readyz, and what it holds in memory."""
    port = free_port()
    settings = {"PRIVACYDESK_PRACTICE": "on", "PRIVACYDESK_PORT": str(port), "PRIVACYDESK_DATA_DIR": f"{folder}/run"}
    for attempt in ("first", "second"):
        start = time.perf_counter()
        with process("run", settings, f"http://127.0.0.1:{port}/readyz") as running:
            ready = time.perf_counter() - start
            memory = _resident(running.pid)
        print(f"{attempt} start to ready: {ready:.2f} s, {memory:.0f} MB resident")


def understanding() -> None:
    """Messages a second of the intent layer alone, one thread, short English chat."""
    reader = Reader()
    lines = (*TALK, "delete all my data please", "STOP", "my email changed, new one is jo@example.com", "thanks")
    reader.understand(lines[0], "en")
    start = time.perf_counter()
    for number in range(PARSES):
        reader.understand(lines[number % len(lines)], "en")
    print(f"understanding: {PARSES / (time.perf_counter() - start):.0f} messages a second")


def environment(url: str, data: Path, api: str) -> dict[str, str]:
    """The settings of a desk with WhatsApp only, as environment variables."""
    port = free_port()
    values = {"DATABASE_URL": url, "DATA_DIR": str(data), "SECRET_KEY": SECRET, "PORT": str(port), "WORKERS": "1"}
    values |= {"PUBLIC_URL": f"http://127.0.0.1:{port}", "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}
    values |= {"TWILIO_FROM": "whatsapp:+815000000000", "TWILIO_API_URL": api, "LOG_LEVEL": "ERROR"}
    return {f"PRIVACYDESK_{name}": value for name, value in values.items()}


def signed(url: str, person: int, number: int, text: str) -> tuple[dict[str, str], str]:
    """One form as Twilio sends it, and its signature."""
    sid = f"SM{number:032x}"
    form = {"MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid, "AccountSid": ACCOUNT, "Body": text}
    form |= {"From": f"whatsapp:{sender(person)}", "To": "whatsapp:+815000000000", "ProfileName": "Bench"}
    form |= {"NumMedia": "0", "MessageType": "text", "NumSegments": "1", "SmsStatus": "received"}
    form["ApiVersion"] = "2010-04-01"
    return form, str(RequestValidator(TOKEN).compute_signature(url, form))


def sender(person: int) -> str:
    """A number out of the range kept for drama and tests."""
    return f"+447700900{person:03d}"


@contextmanager
def provider() -> Iterator[str]:
    """A provider on loopback that takes every message at once."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Yes)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


class _Yes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave in one packet; in two, the client's delayed ACK costs 40 ms

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = f'{{"sid": "SM{secrets.token_hex(16)}", "status": "queued"}}'.encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def process(command: str, settings: Mapping[str, str], ready: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A `privacydesk` process that answers, ended by its own signal at the end."""
    ready = ready or settings["PRIVACYDESK_PUBLIC_URL"] + "/healthz"
    running = subprocess.Popen([BIN, command], env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    try:
        for _ in range(3000):
            if running.poll() is not None:
                raise SystemExit(f"privacydesk {command} ended with {running.returncode}")
            try:
                if httpx.get(ready, timeout=1).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(20)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(store: Store, prefix: str, done: int | None, seconds: float = 300.0) -> int:
    """Wait until `done` items of a kind are finished, or all of them; how many are."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        with store.read() as tx:
            rows = tx.conn.execute(select(lane.c.last, lane.c.done).where(lane.c.key.startswith(prefix))).all()
        finished, total = sum(row.done for row in rows), sum(row.last for row in rows)
        if finished >= (total if done is None else done):
            return finished
        time.sleep(0.02)
    raise SystemExit(f"{prefix} lanes did not empty in {seconds:.0f} s")


def _rate(act: Callable[[], object], seconds: float) -> float:
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        act()
        count += 1
    return count / (time.perf_counter() - start)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    """Megabytes of a process in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
