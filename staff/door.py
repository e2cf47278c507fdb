"""The door: who comes in, by a signed cookie, and that a form really comes from our own page."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Form, Request
from fastapi.responses import Response

from staff.base import Desk
from staff.rendering import Pages
from staff.wording import Wording
from storage import staff as people
from storage.staff import SESSION_LIFE, Staff
from storage.vault import Vault

SESSION, VISIT, LANGUAGE = "desk_session", "desk_visit", "desk_language"
PATH = "/desk"
OWN_PAGE = re.compile(r"/desk(/[A-Za-z0-9-]+)*/?", re.ASCII)


class NotSignedIn(Exception):
    """There is no living session behind this request."""


class Forbidden(Exception):
    """This member of staff may look, not change."""


class ForeignForm(Exception):
    """A form that did not come from our own page."""


@dataclass(frozen=True, slots=True)
class Room:
    """What every handler of the desk needs."""

    desk: Desk
    pages: Pages


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody in front of a page. `secret` is their session's, and what their forms are signed with."""

    room: Room
    words: Wording
    secret: str


@dataclass(frozen=True, slots=True)
class Member(Visitor):
    """A visitor who has signed in."""

    who: Staff

    @property
    def may_change(self) -> bool:
        """An auditor only looks."""
        return self.who.role != "auditor"


def signed(vault: Vault, secret: str) -> str:
    """A secret as a cookie value: what was not made here is refused before the database is asked."""
    return f"{secret}.{_mac(vault.key('cookie'), secret)}"


def unsigned(vault: Vault, value: str) -> str | None:
    """The secret of a cookie value; None for a forged or broken one."""
    secret, _, mac = value.rpartition(".")
    fits = any(_same(_mac(key, secret), mac) for key in vault.keys("cookie"))
    return secret if secret and fits else None


def form_token(vault: Vault, secret: str) -> str:
    """What every form of one session carries."""
    return _mac(vault.key("form"), secret)


def token_fits(vault: Vault, secret: str, token: str) -> bool:
    """Whether a form's token belongs to this session; older keys count while they are rotated out."""
    return any(_same(_mac(key, secret), token) for key in vault.keys("form"))


def set_session(response: Response, desk: Desk, secret: str) -> None:
    """Give the browser its session. Lax, so that a link to a ticket in an alert mail opens; forms carry a token."""
    _set(response, desk, SESSION, signed(desk.store.vault, secret), "lax", int(SESSION_LIFE.total_seconds()))


def set_visit(response: Response, desk: Desk, secret: str) -> None:
    """Give a browser that has not signed in something its sign-in form can be bound to."""
    _set(response, desk, VISIT, signed(desk.store.vault, secret), "strict", 3600)


def set_language(response: Response, desk: Desk, code: str) -> None:
    """Remember the language of the pages for a year."""
    _set(response, desk, LANGUAGE, code, "lax", 365 * 86400)


def forget(response: Response, desk: Desk, name: str) -> None:
    """Take a cookie away."""
    _set(response, desk, name, "", "lax", 0)


def own_page(path: str) -> str:
    """`path` where it is a page of the desk, else Today: nobody is sent to another site."""
    return path if OWN_PAGE.fullmatch(path) else f"{PATH}/"


def visitor(request: Request) -> Visitor:
    """Whoever looks at the sign-in page, with the secret of an earlier look or a new one."""
    room: Room = request.state.room
    known = unsigned(room.desk.store.vault, request.cookies.get(VISIT, ""))
    return Visitor(room, words_of(request, room), known or secrets.token_urlsafe(24))


def member(request: Request) -> Member:
    """Who has signed in. Raises NotSignedIn."""
    room: Room = request.state.room
    store = room.desk.store
    secret = unsigned(store.vault, request.cookies.get(SESSION, ""))
    if secret is None:
        raise NotSignedIn
    with store.write() as tx:
        who = people.of_session(tx, secret)
        if who is None:
            raise NotSignedIn
        people.touch_session(tx, secret)
    return Member(room, words_of(request, room), secret, who)


def sender(who: Annotated[Member, Depends(member)], token: Annotated[str, Form(max_length=100)] = "") -> Member:
    """Who sends a form from our own page. Raises ForeignForm."""
    if not token_fits(who.room.desk.store.vault, who.secret, token):
        raise ForeignForm
    return who


def worker(who: Annotated[Member, Depends(sender)]) -> Member:
    """Who may change things by a form. Raises Forbidden."""
    if not who.may_change:
        raise Forbidden
    return who


def words_of(request: Request, room: Room) -> Wording:
    """The language a request is answered in: the chosen one, else what the browser asks for."""
    return room.pages.languages.pick(request.cookies.get(LANGUAGE, ""), request.headers.get("accept-language", ""))


def frame(who: Member) -> dict[str, Any]:
    """What the frame around every page needs to know."""
    token = form_token(who.room.desk.store.vault, who.secret)
    return {"words": who.words, "room": who.room, "who": who.who, "token": token, "may_change": who.may_change}


Outside = Annotated[Visitor, Depends(visitor)]
Inside = Annotated[Member, Depends(member)]
Sending = Annotated[Member, Depends(sender)]
Working = Annotated[Member, Depends(worker)]


def _set(response: Response, desk: Desk, name: str, value: str, samesite: str, seconds: int) -> None:
    site: dict[str, object] = {"samesite": samesite, "secure": desk.secure_cookies, "httponly": True, "path": PATH}
    response.set_cookie(name, value, max_age=seconds, **site)  # type: ignore[arg-type]


def _mac(key: bytes, secret: str) -> str:
    return hmac.new(key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    # Over bytes: compare_digest refuses strings that are not ASCII, and the other one comes from outside.
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "surrogatepass"))
