"""What the pages post: capped, and only from our own pages."""

from __future__ import annotations

import base64
from collections.abc import Collection
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

LARGEST = 64 * 1024  # bytes
MOST_FIELDS = 50
FORM = "application/x-www-form-urlencoded"


async def read(request: Request) -> dict[str, str]:
    """The fields of a form, the last of each name. Raises HTTPException: 415, 413 or 400."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(415, "not a form")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(413, "too large")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(400, "bad form") from None
    return dict(pairs)


def check_origin(request: Request, origins: Collection[str]) -> None:
    """Let only our own pages post: browsers name a page's origin with every POST. Raises HTTPException 403."""
    if request.headers.get("origin") not in origins:
        raise HTTPException(403, f"Open practice at {min(origins)}/practice: another site may not post here.")


def basic_auth(request: Request) -> tuple[str, str]:
    """User and password of HTTP Basic authentication (RFC 7617); empty where there are none."""
    scheme, _, packed = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(packed, validate=True).decode("utf-8").partition(":")
    except ValueError:
        return "", ""
    return (user, password) if scheme.lower() == "basic" else ("", "")
