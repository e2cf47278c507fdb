"""The gate of the API: bearer tokens, roles, and one shape for every error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.security import OAuth2PasswordBearer
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from staff import work
from staff.base import Desk
from staff.guard import LONGEST_FORM, Handler, too_long
from staff.scales import RETRY_SECONDS, Crowded
from staff.shapes import Failure, Problem
from staff.wording import Languages, explain
from storage import links
from storage import staff as people
from storage.staff import Staff

TOKEN_LIFE = timedelta(hours=1)
LONGEST_BODY = 16 * 1024 * 1024  # bytes: a directory of some 50,000 customers
MOST_DETAILS = 20
UNFIT = "The request does not have the form described in /api/docs."
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}

MORE_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": str(RETRY_SECONDS)}}


class ApiError(Exception):
    """An answer that is no success. `status` is the HTTP status, `code` a word for programs."""

    def __init__(self, status: int, code: str, message: str, details: list[dict[str, Any]] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.details = status, code, message, details or []


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls the API."""

    desk: Desk
    who: Staff


def problem(error: ApiError) -> JSONResponse:
    """An error as `{"error": {"code", "message", "details"}}`."""
    body = Failure(error=Problem(code=error.code, message=error.message, details=error.details))
    return JSONResponse(body.model_dump(mode="json"), error.status, headers=MORE_HEADERS.get(error.status))


def errors(*statuses: int) -> Mapping[int | str, dict[str, Any]]:
    """The errors a route can answer, for OpenAPI."""
    return {status: {"model": Failure, "description": HTTPStatus(status).phrase} for status in statuses}


def gated(desk: Desk) -> type[APIRoute]:
    """The route class of the API. Who calls is asked before a body is read, where a route asks for it at all."""
    words = Languages().pick("en", "")

    class Gated(APIRoute):
        def get_route_handler(self) -> Handler:
            inner, open_to_all = super().get_route_handler(), not _asks_who(self.dependant)

            async def known(request: Request) -> Response:
                if not open_to_all:
                    request.state.caller = await run_in_threadpool(_known, desk, await _bearer(request) or "")
                return await inner(request)

            async def handle(request: Request) -> Response:
                request.state.desk = desk
                most = LONGEST_FORM if open_to_all else LONGEST_BODY
                response = await _answer(known, request, most, lambda why: explain(words, why.code, why.values))
                for name, value in HEADERS.items():
                    response.headers.setdefault(name, value)
                return response

            return handle

    return Gated


def _asks_who(dependant: Dependant) -> bool:
    return any(one.call is caller or _asks_who(one) for one in dependant.dependencies)


async def _answer(inner: Handler, request: Request, most: int, say: Callable[[work.Refused], str]) -> Response:
    refused = too_long(request, most)
    try:
        if refused:
            raise ApiError(refused, "body", HTTPStatus(refused).phrase)
        return await inner(request)
    except ApiError as error:
        return problem(error)
    except work.Refused as why:
        return problem(ApiError(409, why.code, say(why)))
    except Crowded:
        return problem(ApiError(503, "crowded", "Too many are signing in at this moment. Try again in a few seconds."))
    except RequestValidationError as wrong:
        details = [{"where": list(e["loc"]), "what": e["msg"]} for e in wrong.errors()[:MOST_DETAILS]]
        return problem(ApiError(422, "invalid", UNFIT, details))
    except HTTPException as wrong:
        if wrong.status_code == HTTPStatus.BAD_REQUEST:  # a body that is not even text
            return problem(ApiError(422, "invalid", UNFIT))
        code = "unauthorized" if wrong.status_code == HTTPStatus.UNAUTHORIZED else "http"
        return problem(ApiError(wrong.status_code, code, str(wrong.detail)))


def issue(desk: Desk, who: Staff) -> str:
    """A token for one hour."""
    return links.sign(desk.store.vault, "api", who.id, desk.store.clock(), TOKEN_LIFE)


_bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/token")


def caller(request: Request, _token: Annotated[str, Depends(_bearer)]) -> Caller:
    """Who calls, as the gate has found out."""
    found: Caller = request.state.caller
    return found


def _known(desk: Desk, token: str) -> Caller:
    """Who calls, by their token; one who was disabled since is turned away."""
    subject = links.read(desk.store.vault, "api", token, desk.store.clock())
    with desk.store.read() as tx:
        who = next((one for one in people.everybody(tx) if one.id == subject), None)
    if who is None:
        raise ApiError(401, "unauthorized", "The token is missing, expired or not ours. Ask for a new one.")
    return Caller(desk, who)


def changing(who: Annotated[Caller, Depends(caller)]) -> Caller:
    """A caller who may change things: anybody but an auditor."""
    if who.who.role == "auditor":
        raise ApiError(403, "role", "An auditor may look, not change.")
    return who


def managing(who: Annotated[Caller, Depends(caller)]) -> Caller:
    """A manager: what the directory says decides where codes are sent."""
    if who.who.role != "manager":
        raise ApiError(403, "role", "Only a manager may do this.")
    return who


Reading = Annotated[Caller, Depends(caller)]
Working = Annotated[Caller, Depends(changing)]
Managing = Annotated[Caller, Depends(managing)]
