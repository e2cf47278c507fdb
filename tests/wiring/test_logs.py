from __future__ import annotations

import ast
import io
import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from tests.imports import MAY
from wiring.logs import KEYS, SPEAKERS, configure, keep_ids

ROOT = Path(__file__).parents[2]
MARKED = "Maria Silva +55 31 98888-7777 maria@example.com"  # stands for personal data; must never come out


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure("info", stream)
    yield stream
    logging.captureWarnings(False)
    root.handlers[:], root.level = before
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_is_json_with_its_ids_time_and_level(out: io.StringIO) -> None:
    structlog.get_logger().info("turn_done", conversation="c_01H", message=7, duration_ms=12.5, channel="whatsapp")
    (line,) = lines(out)
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "level": "info", "event": "turn_done", "conversation": "c_01H", "message": 7, "duration_ms": 12.5,
        "channel": "whatsapp",
    }


def test_a_key_that_is_not_on_the_list_is_dropped(out: io.StringIO) -> None:
    structlog.get_logger().info("turn_done", text=MARKED, address="x", sender="maria", seq=1)
    assert set(lines(out)[0]) == {"timestamp", "level", "event", "seq"}


@pytest.mark.parametrize("key", sorted(KEYS - {"event", "timestamp", "level"}))
@pytest.mark.parametrize(
    "value",
    [
        MARKED, "maria@example.com", "+5531988887777", "5531988887777", 5531988887777, "two words", "メアリー", "a\nb",
        {"to": "maria@example.com"}, ["maria"], b"maria", Path("/home/maria"), "x" * 200,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_an_id_is_dropped_although_its_key_is_allowed(key: str, value: object) -> None:
    assert keep_ids({"event": "x", key: value}) == {"event": "x", key: "dropped"}


@pytest.mark.parametrize("code", [123456, "123456", "012345"])
def test_a_one_time_code_is_dropped(code: object) -> None:
    assert keep_ids({"event": "x", "code": code})["code"] == "dropped"


def test_a_providers_error_code_is_kept() -> None:
    assert keep_ids({"event": "x", "code": 63016, "status": 429})["code"] == 63016


def test_a_sentence_as_event_is_dropped(out: io.StringIO) -> None:
    structlog.get_logger().warning(f"mail from {MARKED}", seq=1)
    structlog.get_logger().warning("mail from %s", "maria@example.com", seq=2)
    assert [(line["event"], line["seq"]) for line in lines(out)] == [("unnamed_event", 1), ("unnamed_event", 2)]
    assert "aria" not in out.getvalue()


def test_an_exception_leaves_its_class_and_places_but_no_text(out: io.StringIO) -> None:
    try:
        try:
            raise KeyError(MARKED)
        except KeyError as error:
            error.add_note(MARKED)
            raise ValueError(f"no such person: {MARKED}") from error
    except ValueError:
        structlog.get_logger().exception("turn_failed", item=3)
    (line,) = lines(out)
    assert line["error"] == "ValueError"
    assert line["at"][-1].startswith("wiring/test_logs.py:")
    assert "Maria" not in out.getvalue()


@pytest.mark.parametrize("given", [ValueError(MARKED), (ValueError, ValueError(MARKED), None)])
def test_an_exception_can_be_handed_over_in_any_way(given: object) -> None:
    assert keep_ids({"event": "x", "exc_info": given}) == {"event": "x", "error": "ValueError", "at": []}


def test_an_exception_given_as_error_is_its_class() -> None:
    assert keep_ids({"event": "x", "error": ValueError(MARKED)})["error"] == "ValueError"


def test_bound_context_passes_the_same_list(out: io.StringIO) -> None:
    structlog.contextvars.bind_contextvars(worker=1, phone=MARKED)
    structlog.get_logger().bind(name="deliver", body=MARKED).info("claimed")
    (line,) = lines(out)
    assert (line["worker"], line["name"]) == (1, "deliver")
    assert "Maria" not in out.getvalue()


def test_what_a_library_words_freely_is_not_taken_for_a_template(out: io.StringIO) -> None:
    logging.getLogger("another").error("mail from maria")
    assert lines(out)[0]["event"] == "library"


@pytest.mark.parametrize("name", ["sqlalchemy.engine", "twilio.http_client", "aiosmtplib", "uvicorn.error", "another"])
def test_a_library_says_that_it_spoke_but_not_what(out: io.StringIO, name: str) -> None:
    logger = logging.getLogger(name)
    logger.warning("POST to %s", MARKED)
    logger.warning(f"POST to {MARKED}")
    logger.error("%(who)s", {"who": MARKED}, extra={"sender": MARKED})
    try:
        raise ConnectionError(MARKED)
    except ConnectionError:
        logger.exception(MARKED)
    assert [line["name"] for line in lines(out)] == [name] * 4
    assert lines(out)[3]["error"] == "ConnectionError"
    assert "Maria" not in out.getvalue()


@pytest.mark.parametrize("name", SPEAKERS)
def test_a_speakers_wording_is_kept_without_what_is_filled_in(out: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("Running upgrade %s -> %s", "maria", "b")
    logging.getLogger(name).error("Traceback (most recent call last):\nValueError: maria")
    assert [line["event"] for line in lines(out)] == ["Running upgrade %s -> %s", "library"]
    assert "maria" not in out.getvalue()


def test_the_access_log_of_the_web_server_stays_silent(out: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").critical('127.0.0.1 - "GET /unsubscribe/secret"')
    assert out.getvalue() == ""


def test_libraries_below_a_warning_are_not_heard(out: io.StringIO) -> None:
    logging.getLogger("sqlalchemy.engine").info("SELECT")
    structlog.get_logger().debug("turn_done")
    assert out.getvalue() == ""


def test_a_library_with_a_handler_of_its_own_loses_it(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("talkative")
    logger.addHandler(logging.StreamHandler(sys.stderr))
    logger.propagate = False
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure("info", stream)
    logger.error(MARKED)
    root.handlers[:], root.level = before
    assert "Maria" not in capsys.readouterr().err
    assert json.loads(stream.getvalue())["name"] == "talkative"


def said_by(code: str) -> dict[str, Any]:
    """The one line that a process with our logs writes when it runs `code`."""
    start = "import sys, threading, warnings; from wiring.logs import configure; configure('info', sys.stderr)"
    command = [sys.executable, "-c", f"{start}; {code}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert "geheim" not in done.stderr
    (line,) = [json.loads(line) for line in done.stderr.splitlines()]
    return dict(line)


def test_a_warning_of_python_shows_no_text() -> None:
    assert said_by("warnings.warn('geheim')")["name"] == "py.warnings"


@pytest.mark.parametrize(
    "code", ["raise ValueError('geheim')", "t = threading.Thread(target=int, args=('geheim',)); t.start(); t.join()"]
)
def test_what_nobody_caught_shows_no_text(code: str) -> None:
    line = said_by(code)
    assert (line["event"], line["error"]) == ("uncaught", "ValueError")


@given(st.dictionaries(st.text(max_size=12) | st.sampled_from(sorted(KEYS)), st.text() | st.integers() | st.binary()))
def test_whatever_comes_in_only_ids_come_out(entry: dict[str, object]) -> None:
    kept = keep_ids(entry)
    assert set(kept) <= KEYS
    for value in kept.values():
        assert not set("@+ \n") & set(str(value))


LOGGED = [
    pytest.param(call, id=f"{path.relative_to(ROOT)}:{call.lineno}")
    for room in MAY
    for path in sorted((ROOT / room).rglob("*.py"))
    for call in ast.walk(ast.parse(path.read_text("utf-8")))
    if isinstance(call, ast.Call) and re.fullmatch(r"log\.(?!bind)\w+", ast.unparse(call.func))
]


@pytest.mark.parametrize("call", LOGGED)
def test_what_the_code_logs_is_a_plain_name_and_allowed_keys(call: ast.Call) -> None:
    (event,) = call.args
    for name in (event.body, event.orelse) if isinstance(event, ast.IfExp) else (event,):
        assert isinstance(name, ast.Constant)
        assert keep_ids({"event": name.value})["event"] == name.value
    assert {word.arg for word in call.keywords} <= KEYS | {"exc_info"}
