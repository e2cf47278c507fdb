"""Understanding as JSON lines, for `privacydesk understand`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from intents.reader import Reader
from intents.understanding import Understanding

_TEXT_FIELDS = ("text", "lang", "channel", "awaiting")


class BadLine(ValueError):
    """A line that is not what the command reads. Says where and why, never what stood there."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")
        self.number = number
        self.reason = reason


def understand_lines(lines: Iterable[str], reader: Reader) -> Iterator[str]:
    """One JSON line out for each line in (empty lines are skipped): the same object and what was understood.

    In: `{"text", "lang"?, "channel"?, "awaiting"?: "code"}`. Out, besides: `language`, `labels`, `sure` (false where
    the bot would ask back), `intents`, `details` (of the first correction, or null), and, where a code is awaited,
    `act` and `code`. Raises BadLine.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            asked = _read(number, line)
            found = reader.understand(asked["text"], asked.get("lang"))
            yield json.dumps(asked | _answer(found, asked.get("awaiting")), ensure_ascii=False)


def _read(number: int, line: str) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        # The parser's own message quotes the line.
        raise BadLine(number, "not JSON") from None
    if not isinstance(asked, dict):
        raise BadLine(number, "not a JSON object")
    if not isinstance(asked.get("text"), str):
        raise BadLine(number, '"text" is missing or not a string')
    for name in _TEXT_FIELDS:
        if asked.get(name) is not None and not isinstance(asked[name], str):
            raise BadLine(number, f'"{name}" is not a string')
    if asked.get("awaiting") not in (None, "", "code"):
        raise BadLine(number, '"awaiting" can only be "code"')
    return asked


def _answer(found: Understanding, awaiting: str | None) -> dict[str, Any]:
    first = found.details[0] if found.details else None
    answer: dict[str, Any] = {
        "language": found.language,
        "labels": sorted(found.labels),
        "sure": found.sure,
        "intents": [{"name": one.name, "confidence": one.confidence} for one in found.readings],
        "details": {"field": first.field, "new_value": first.new_value} if first else None,
    }
    if awaiting == "code":
        answer |= {"act": found.act(awaiting), "code": found.code.code or None}
    return answer
