"""The web app: every room's pages and doors under one roof."""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response

from staff import api as staff_api
from staff import desk as staff_desk
from staff.base import Desk
from storage.db import Store
from wiring import hooks, links, metrics, pages, problems
from wiring.frame import Frame
from wiring.house import House


class Beating(Protocol):
    """What the web needs of a worker in the same process."""

    def wake(self) -> None:
        """Look for work now."""

    def is_alive(self) -> bool:
        """Whether it works."""


class Practice(Protocol):
    """What the web needs of the practice set-up."""

    def router(self, house: House) -> APIRouter:
        """Its pages under /practice."""


def create_app(house: House, *, worker: Beating | None = None, practice: Practice | None = None) -> FastAPI:
    """The app of one house. `worker` is the one in this process, if there is one: /readyz asks for its heartbeat."""
    wake = worker.wake if worker else _nobody
    app = FastAPI(
        title="Privacy Desk: the staff API",
        description="Privacy requests, their deadlines and their answers. Sign in at `POST /api/v1/token`.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    app.include_router(hooks.router(hooks.Door(house, wake)))
    app.include_router(links.router(house, wake))
    app.include_router(_house_routes(app, house, worker, home="/practice" if practice else "/desk"))
    desk = _desk(house, practice=practice is not None)
    app.include_router(staff_desk.router(desk))
    app.include_router(staff_api.router(desk))
    if practice:
        app.include_router(practice.router(house))
    app.add_middleware(Frame, metrics=house.metrics, https=house.settings.public_url.startswith("https://"))
    return app


def _desk(house: House, practice: bool) -> Desk:
    return Desk(
        store=house.store,
        company=house.company,
        regimes=house.regimes,
        public_url=house.settings.public_url,
        secure_cookies=house.settings.public_url.startswith("https://"),
        practice=practice,
    )


def _nobody() -> None:
    """There is no worker in this process; another one looks by itself."""


def _house_routes(app: FastAPI, house: House, worker: Beating | None, home: str) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def front() -> Response:
        return RedirectResponse(home, 303)

    @routes.get("/healthz")
    async def healthz() -> Response:
        return JSONResponse({"status": "up"})

    @routes.get("/readyz")
    async def readyz() -> Response:
        found = {"database": await run_in_threadpool(_answers, house.store)}
        if worker:
            found["worker"] = worker.is_alive()
        return JSONResponse(found, 200 if all(found.values()) else 503)

    @routes.get("/metrics")
    async def figures(request: Request) -> Response:
        if not metrics.may_see(request, house.settings.given_metrics_token()):
            raise HTTPException(404)
        text = await run_in_threadpool(house.metrics.page, house.store)
        return Response(text, headers={"content-type": metrics.CONTENT_TYPE})

    @routes.get("/plain.css")
    async def style() -> Response:
        return FileResponse(pages.STYLE, media_type="text/css", headers={"cache-control": "max-age=3600"})

    @routes.get("/robots.txt")
    async def robots() -> Response:
        return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")

    @routes.get("/api/docs")
    async def reference() -> Response:
        return HTMLResponse(pages.reference(app.openapi()))

    return routes


def _answers(store: Store) -> bool:
    try:
        with store.read() as tx:
            return tx.conn.scalar(select(1)) == 1
    except SQLAlchemyError:
        return False
