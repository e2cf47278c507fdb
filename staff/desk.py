"""The desk: every address of the staff's pages in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter

from staff import lists, login, ticket
from staff.base import Desk as Desk
from staff.door import Room
from staff.guard import guarded
from staff.rendering import Pages

ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("GET", "/login", login.show),
    ("POST", "/login", login.sign_in),
    ("POST", "/logout", login.sign_out),
    ("GET", "/language/{code}", login.speak),
    ("GET", "/static/{name}", login.asset),
    ("GET", "", lists.show_today),
    ("GET", "/", lists.show_today),
    ("GET", "/today", lists.show_today),
    ("GET", "/tickets", lists.show_tickets),
    ("POST", "/find", lists.find),
    ("POST", "/messages/{message}/settle", lists.settle_message),
    ("GET", "/aside/{aside}", ticket.show_aside),
    ("POST", "/aside/{aside}/settle", lists.settle_aside),
    ("GET", "/talks/{talk}", ticket.show_talk),
    ("POST", "/talks/{talk}/answer", ticket.answer_talk),
    ("POST", "/talks/{talk}/hand-back", ticket.hand_back_talk),
    ("GET", "/tickets/{reference}", ticket.show),
    ("GET", "/tickets/{reference}/evidence", ticket.show_evidence),
    ("POST", "/tickets/{reference}/unmask", ticket.unmask),
    ("POST", "/tickets/{reference}/claim", ticket.claim),
    ("POST", "/tickets/{reference}/release", ticket.release),
    ("POST", "/tickets/{reference}/answer", ticket.answer),
    ("POST", "/tickets/{reference}/note", ticket.note),
    ("POST", "/tickets/{reference}/close", ticket.close),
    ("POST", "/tickets/{reference}/reopen", ticket.reopen),
    ("POST", "/tickets/{reference}/extend", ticket.extend),
    ("POST", "/tickets/{reference}/hand-back", ticket.hand_back),
)


def router(desk: Desk) -> APIRouter:
    """The pages, under `/desk`."""
    pages = APIRouter(prefix="/desk", route_class=guarded(Room(desk, Pages())), include_in_schema=False)
    for method, path, handler in ROUTES:
        pages.add_api_route(path, handler, methods=[method], response_model=None)
    return pages
