"""The long-running commands: web and worker, together or apart, from the first line printed to a clean end."""

from __future__ import annotations

import errno
import gc
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from wiring import keeping, logs
from wiring.house import House, build
from wiring.plainly import BadInput
from wiring.settings import Settings
from wiring.worker import Worker

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from wiring.practice import Practice

MOST_AT_ONCE = 500  # connections; more are told to come again
LONGEST_HEAD = 64 * 1024  # bytes of a request head
IDLE_SECONDS = 5  # a connection is kept after an answer
LAST_SECONDS = 5  # for requests under way when the end is asked for


def run(settings: Settings) -> int:
    """Web and worker in one process, in practice mode with phone and mailbox; returns 0 after Ctrl-C."""
    from wiring import web as pages

    with ExitStack() as ending:
        door = ending.enter_context(listening(settings, "PORT=8080 make run"))
        keeping.prepare(settings)
        practice = _practice(settings, ending)
        house = _house(settings, practice)
        ending.callback(house.close)
        login = practice.seed(house) if practice else None
        worker = Worker(house, settings.workers)
        app = pages.create_app(house, worker=worker, practice=practice)
        logs.configure(settings.log_level, sys.stderr)
        ending.callback(worker.stop)
        gc.freeze()  # what stands at the start stays: never looked through for garbage again, 5 % of a turn's work
        worker.start()
        if practice:
            practice.start(house)
        _say(settings, login)
        _serve(app, door)
    return 0


def web(settings: Settings) -> int:
    """The web process alone; returns 0 after Ctrl-C or SIGTERM."""
    from wiring import web as pages

    with listening(settings, "PRIVACYDESK_PORT=8080 privacydesk web") as door:
        keeping.must_be_current(settings)
        house = build(settings)
        app = pages.create_app(house)
        logs.configure(settings.log_level, sys.stderr)
        try:
            _say(settings, None)
            _serve(app, door)
        finally:
            house.close()
    return 0


def work(settings: Settings) -> int:
    """The worker alone; returns 0 after Ctrl-C or SIGTERM."""
    keeping.must_be_current(settings)
    house = build(settings)
    worker, ending = Worker(house, settings.workers), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    logs.configure(settings.log_level, sys.stderr)
    gc.freeze()  # as in `run`
    worker.start()
    print("The worker is at work. Ctrl-C ends it.", flush=True)
    ending.wait()
    worker.stop()
    house.close()
    return 0


@contextmanager
def listening(settings: Settings, instead: str) -> Iterator[socket.socket]:
    """The socket of HOST and PORT. Raises BadInput where it cannot be had; `instead` is what to type then."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        door = socket.create_server((settings.host, settings.port), family=family, backlog=512)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise BadInput(f"Port {settings.port} is taken by another program. Take another one: {instead}") from None
        reason = error.strerror or type(error).__name__
        raise BadInput(f"{settings.host}:{settings.port} cannot be listened on ({reason}).") from None
    with door:
        yield door


def _practice(settings: Settings, ending: ExitStack) -> Practice | None:
    """The practice set-up where the settings ask for it; it gives back its port at the end."""
    if not settings.practice:
        return None
    from wiring import practice

    built = practice.build(settings)
    ending.callback(built.stop)
    return built


def _house(settings: Settings, practice: Practice | None) -> House:
    if practice is None:
        return build(settings)
    return build(settings, clock=practice.clock, keys=practice.keys, content=practice.content)


def _say(settings: Settings, login: tuple[str, str] | None) -> None:
    here = settings.public_url
    print(f"Privacy Desk is at {here}")
    if settings.practice:
        print(f"  practice   {here}/practice   write as a customer")
    print(f"  desk       {here}/desk       work as staff")
    if login:
        print(f"  sign in as {login[0]} with {login[1]}")
    print("Ctrl-C ends it.", flush=True)


def server(app: FastAPI) -> uvicorn.Server:
    """uvicorn as we run it: strict with strangers, silent about itself, believing no forwarded address."""
    import uvicorn

    from wiring.connections import Impatient

    config = uvicorn.Config(
        app,
        http=Impatient,
        h11_max_incomplete_event_size=LONGEST_HEAD,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        limit_concurrency=MOST_AT_ONCE,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=LAST_SECONDS,
    )
    return uvicorn.Server(config)


def _serve(app: FastAPI, door: socket.socket) -> None:
    """Answer requests until Ctrl-C or SIGTERM."""
    # uvicorn raises the signal that ended it once more: an asked-for end is no error.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server(app).run(sockets=[door])
