"""Connections: who is silent, drips or floods the head of a request is let go."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.wiring.rig import Rig
from wiring import connections, serving

ASK = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def port(sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A running server whose patience is a fifth of a second."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = serving.server(sqlite_rig.app)
        running = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        running.start()
        yield door.getsockname()[1]
        server.should_exit = True
        running.join(20)


def talk(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """What the server says until it closes. Raises TimeoutError where it does not."""
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=4) as line:
        try:
            for part in parts:
                line.sendall(part)
                time.sleep(pause)
            while chunk := line.recv(65536):
                said += chunk
        except ConnectionError:
            pass
    return said


def drip(line: socket.socket) -> None:
    """A byte now and then, for three seconds."""
    for _ in range(100):
        line.sendall(b"x")
        time.sleep(0.03)


def test_a_silent_connection_is_closed(port: int) -> None:
    assert talk(port) == b""


def test_a_head_that_drips_in_is_not_waited_for(port: int) -> None:
    assert talk(port, ASK[:20], *[bytes([byte]) for byte in ASK[20:]], pause=0.03) == b""


def test_a_request_is_answered_and_the_line_closed_when_nothing_follows(port: int) -> None:
    assert talk(port, ASK).startswith(b"HTTP/1.1 200")
    assert talk(port, ASK, ASK).count(b"HTTP/1.1 200") == 2


def test_the_rest_of_a_refused_body_keeps_no_connection(port: int) -> None:
    head = b"POST /in/mail/mime HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=4) as line:
        line.sendall(head)
        assert line.recv(65536).startswith(b"HTTP/1.1 403")
        with pytest.raises(ConnectionError):
            drip(line)


def test_a_head_of_many_kilobytes_is_refused(port: int) -> None:
    bomb = b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 900) for n in range(200))
    assert not talk(port, bomb + b"\r\n").startswith(b"HTTP/1.1 200")
