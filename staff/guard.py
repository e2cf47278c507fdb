"""The guard around every page: how much is read, what is answered when something is refused, which headers go out."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from staff import door
from staff.door import Room
from staff.rendering import protect
from staff.scales import RETRY_SECONDS, Crowded

LONGEST_FORM = 256 * 1024  # bytes
CHANGING = ("POST", "PUT", "PATCH", "DELETE")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Missing(Exception):
    """There is no such page, ticket, talk or delivery."""


def guarded(room: Room) -> type[APIRoute]:
    """The route class of the desk's pages."""

    class Guarded(APIRoute):
        def get_route_handler(self) -> Handler:
            inner = super().get_route_handler()

            async def handle(request: Request) -> Response:
                request.state.room = room
                return protect(await _answer(inner, request, room))

            return handle

    return Guarded


def too_long(request: Request, most: int) -> int:
    """The HTTP status that refuses a body before it is read, or 0: more than `most` bytes, or no length told."""
    length = request.headers.get("content-length")
    if length is None:
        return 411 if "transfer-encoding" in request.headers else 0
    return 0 if length.isascii() and length.isdecimal() and int(length[:12]) <= most else 413


async def _answer(inner: Handler, request: Request, room: Room) -> Response:
    refused = too_long(request, LONGEST_FORM)
    if refused:
        return _problem(request, room, refused, "form")
    if request.method in CHANGING and request.headers.get("sec-fetch-site") == "cross-site":
        return _problem(request, room, 403, "csrf")
    try:
        return await inner(request)
    except door.NotSignedIn:
        if request.method in CHANGING:
            return RedirectResponse("/desk/login", 303)
        return RedirectResponse(f"/desk/login?then={door.own_page(request.url.path)}", 303)
    except door.Forbidden:
        return _problem(request, room, 403, "forbidden")
    except door.ForeignForm:
        return _problem(request, room, 403, "csrf")
    except Missing:
        return _problem(request, room, 404, "missing")
    except Crowded:
        answer = _problem(request, room, 503, "crowded")
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer
    except (RequestValidationError, HTTPException):  # the latter: a form that is not even text
        return _problem(request, room, 400 if request.method in CHANGING else 404, "form")


def _problem(request: Request, room: Room, status: int, name: str) -> Response:
    words = door.words_of(request, room)
    return room.pages.page("problem.html", status, words=words, text=words(f"problem.{name}"), room=room)
