"""What is answered when something is wrong: the same shape everywhere, and nothing about the inside."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from wiring.pages import Notice, plain

log = structlog.get_logger()
RETRY_SECONDS = 5
# Locked, full, gone, or too many at once: the same request may do well in a moment.
BUSY: tuple[type[Exception], ...] = (OperationalError, InterfaceError, PoolTimeout)


def problem(request: Request, status: int, code: str, message: str, details: Sequence[object] = ()) -> Response:
    """An error as JSON, or as a page where a browser asked for one."""
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(plain(Notice(_title(status), message)), status)
    body = {"error": {"code": code, "message": message, "details": list(details)}}
    return JSONResponse(body, status)


def busy(request: Request, error: Exception) -> Response:
    """The database did not take it: nothing is stored, and whoever sent it shall come again."""
    log.error("store.unavailable", error=type(getattr(error, "orig", None) or error), method=request.method)
    return later(problem(request, 503, "busy", "This could not be stored just now. Please try again in a moment."))


def later(answer: Response) -> Response:
    """The same answer, with the time after which to come again."""
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def install(app: FastAPI) -> None:
    """Answer every error of `app` in the house's form."""

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = getattr(error, "headers", None)
        answer = problem(request, status, _title(status).lower().replace(" ", "_"), _title(status) + ".")
        answer.headers.update(headers or {})
        return answer

    async def invalid(request: Request, error: Exception) -> Response:
        # What was sent is not repeated: it may be personal, or a password.
        found = error.errors() if isinstance(error, RequestValidationError) else []
        details = [{"field": ".".join(map(str, one["loc"])), "problem": one["msg"]} for one in found]
        return problem(request, 422, "invalid", "Some of what was sent cannot be used.", details)

    async def database(request: Request, error: Exception) -> Response:
        return busy(request, error)

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    for kind in BUSY:
        app.add_exception_handler(kind, database)


def _title(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
