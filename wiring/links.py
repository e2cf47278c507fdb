"""The links in mails: a look changes nothing, only a pressed button does (RFC 8058 for stopping marketing)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from bot import confirm
from bot.turns import Parts
from bot.words import Page
from channels.base import Refused
from storage.db import Tx
from wiring.bodies import read_body
from wiring.house import House
from wiring.pages import Notice, plain
from wiring.problems import problem

MOST = 4096  # bytes of a pressed button's form
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
DENY = "btn:not_me"

Step = Callable[[Tx, Parts, str], Page]


def router(house: House, wake: Callable[[], None]) -> APIRouter:
    """The pages behind the links. `wake` is called after a press."""
    routes = APIRouter(include_in_schema=False)

    async def look(token: str, step: Step) -> Response:
        return await run_in_threadpool(_looked, house, token, step)

    async def press(request: Request, token: str, step: Step, deny: Step | None = None) -> Response:
        try:
            form = parse_qs((await read_body(request, MOST)).decode("utf-8", "replace"), max_num_fields=20)
        except ValueError:
            form = {}
        except Refused as refused:
            return problem(request, refused.status, refused.code, "This cannot be used.")
        chosen = deny if deny and DENY in form.get("choice", []) else step
        answer = await run_in_threadpool(_pressed, house, token, chosen)
        wake()
        return answer

    @routes.get("/confirm/{token}")
    async def confirm_look(token: str) -> Response:
        return await look(token, confirm.look)

    @routes.post("/confirm/{token}")
    async def confirm_press(request: Request, token: str) -> Response:
        return await press(request, token, confirm.press, confirm.deny)

    @routes.get("/unsubscribe/{token}")
    async def unsubscribe_look(token: str) -> Response:
        return await look(token, confirm.unsubscribe_look)

    @routes.post("/unsubscribe/{token}")
    async def unsubscribe_press(request: Request, token: str) -> Response:
        return await press(request, token, confirm.unsubscribe_press)

    return routes


def _looked(house: House, token: str, step: Step) -> Response:
    with house.store.read() as tx:
        return _shown(house, step(tx, house.parts, token))


def _pressed(house: House, token: str, step: Step) -> Response:
    with house.store.write() as tx:
        page = step(tx, house.parts, token)
    return _shown(house, page)


def _shown(house: House, page: Page) -> Response:
    notice = Notice(page.title, page.text, page.buttons, page.language, sign=house.company.name)
    return HTMLResponse(plain(notice), headers={"content-security-policy": POLICY})
