"""Log lines: JSON on one line each, with ids and names only.

A line is built from a list of allowed keys and from values that look like an id; whatever else a caller or a library
hands over is dropped here, once for all. An exception leaves its class and the places it came through, never its text.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import PurePath
from types import TracebackType
from typing import Any, TextIO

import structlog

KEYS = frozenset({
    "event", "level", "timestamp", "error", "at", "name", "worker",
    "channel", "lane", "seq", "item", "message", "conversation", "ticket", "tries", "count",
    "method", "path", "status", "code", "duration_ms",
})
# Libraries whose own wording is worth reading; their templates are kept, what they fill in is not.
SPEAKERS = ("uvicorn.error", "alembic.runtime.migration")
FRAMES = 12  # the innermost ones

_EVENT = re.compile(r"[a-z][a-z0-9_.]{0,79}")
_VALUE = re.compile(r"[A-Za-z0-9_.:/{}-]{0,120}")  # neither @ nor + nor space: no mail address, number or sentence
_LONG_NUMBER = re.compile(r"\d{9,}")  # a telephone number is longer than our counters; ids of letters and digits pass
_ONE_TIME_CODE = re.compile(r"\d{6}")  # providers' error codes have five digits
_TEMPLATE = re.compile(r"[A-Za-z][A-Za-z %()\[\]:.,'/>_-]{0,119}")  # neither digits nor @ nor line breaks

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(level: str, stream: TextIO) -> None:
    """Sends every log line of this process to `stream`: ours, the libraries', and what nobody caught.

    `level` (debug, info, warning, error) holds for our own lines and the SPEAKERS; other libraries are heard from
    warning on. To be called once, after the libraries are imported.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, _render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    _configure_libraries(number, stream)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda gone: _uncaught(gone.exc_type, gone.exc_value, gone.exc_traceback)


def keep_ids(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What of `entry` may be written: allowed keys with values that look like ids; exceptions as class and places."""
    kept = {key: _id(value) for key, value in entry.items() if key in KEYS and value is not None}
    event = entry.get("event")
    if _ONE_TIME_CODE.fullmatch(str(kept.get("code"))):
        kept["code"] = "dropped"
    kept["event"] = event if isinstance(event, str) and _EVENT.fullmatch(event) else "unnamed_event"
    found = _exception(entry.get("exc_info"))
    if found is not None:
        kept["error"] = type(found).__name__
        kept["at"] = _places(found)
    return kept


class LibraryLines(logging.Formatter):
    """A record of the standard library's logging in the same form; its text is kept for SPEAKERS only."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, without what was filled into the message."""
        when = datetime.fromtimestamp(record.created, UTC)
        kept = keep_ids({"event": "library", "name": record.name, "exc_info": record.exc_info})
        if record.name in SPEAKERS and isinstance(record.msg, str) and _TEMPLATE.fullmatch(record.msg):
            kept["event"] = record.msg
        return _line(kept, record.levelname.lower(), when)


def _configure_libraries(level: int, stream: TextIO) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LibraryLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in list(logging.root.manager.loggerDict):  # no library keeps a way out of its own
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in SPEAKERS:
        logging.getLogger(name).setLevel(level)
    logging.getLogger("uvicorn.access").disabled = True  # it writes addresses and whole URLs


def _render(logger: Any, method: str, entry: MutableMapping[str, Any]) -> str:
    """The last processor of structlog's chain."""
    kept = keep_ids(entry)
    return _line(kept, str(kept.get("level", method)), datetime.now(UTC))


def _line(kept: dict[str, Any], level: str, when: datetime) -> str:
    head = {"timestamp": when.isoformat(timespec="milliseconds"), "level": level, "event": kept.pop("event")}
    kept.pop("timestamp", None)
    kept.pop("level", None)
    return json.dumps(head | kept, separators=(",", ":"))


def _id(value: object) -> object:
    """The value where it can be an id, a name or a measure; otherwise only that there was one."""
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**9 else "dropped"
    text = str(value) if isinstance(value, str) or type(value).__name__ == "UUID" else ""
    return text if text and _VALUE.fullmatch(text) and not _LONG_NUMBER.fullmatch(text) else "dropped"


def _exception(given: object) -> BaseException | None:
    if given is True:
        return sys.exc_info()[1]
    if isinstance(given, tuple) and len(given) == 3:
        given = given[1]
    return given if isinstance(given, BaseException) else None


def _places(error: BaseException) -> list[str]:
    """`folder/file:line` of the frames, outermost first."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return [f"{'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno}" for frame in frames]


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """What nobody caught, in the same form; Ctrl-C is no error."""
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        structlog.get_logger().critical("uncaught", exc_info=error if error is not None else kind())
