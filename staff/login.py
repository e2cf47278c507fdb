"""Signing in and out, and choosing the language of the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from staff import door
from staff.door import Outside, Sending, Visitor
from staff.guard import Missing
from storage import staff as people


def show(who: Outside, then: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The sign-in page."""
    return _page(who, then)


def sign_in(
    who: Outside,
    request: Request,
    email: Annotated[str, Form(max_length=254)],
    password: Annotated[str, Form(max_length=1024)],
    token: Annotated[str, Form(max_length=100)] = "",
    then: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Sign in. The words are the same for a wrong mail, a wrong password and the pause after several wrong ones."""
    desk = who.room.desk
    vault = desk.store.vault
    if not door.token_fits(vault, who.secret, token):
        return _page(who, then, status=403, wrong="problem.csrf")
    with desk.scales.turn(), desk.store.read() as tx:
        weighed = people.weigh(tx, email, password)
    with desk.store.write() as tx:
        found = people.sign_in(tx, weighed)
        earlier = door.unsigned(vault, request.cookies.get(door.SESSION, ""))
        if found and earlier:
            people.close_session(tx, earlier)
        secret = people.open_session(tx, found.id) if found else ""
    if not secret:
        return _page(who, then, status=401, wrong="login.wrong", email=email)
    response = RedirectResponse(door.own_page(then), 303)
    door.set_session(response, desk, secret)
    door.forget(response, desk, door.VISIT)
    return response


def sign_out(who: Sending) -> Response:
    """End the session, here and in the database."""
    desk = who.room.desk
    with desk.store.write() as tx:
        people.close_session(tx, who.secret)
    response = RedirectResponse("/desk/login", 303)
    door.forget(response, desk, door.SESSION)
    return response


def speak(who: Outside, code: Annotated[str, Path(max_length=8)]) -> Response:
    """Choose the language of the pages."""
    if code not in [words.code for words in who.room.pages.languages]:
        raise Missing
    response = RedirectResponse("/desk/", 303)
    door.set_language(response, who.room.desk, code)
    return response


def asset(who: Outside, name: Annotated[str, Path(max_length=40)]) -> Response:
    """The style sheet or the script."""
    found = who.room.pages.asset(name)
    if found is None:
        raise Missing
    return found


def _page(who: Visitor, then: str, *, status: int = 200, wrong: str = "", email: str = "") -> Response:
    desk = who.room.desk
    values = {"words": who.words, "room": who.room, "then": door.own_page(then), "wrong": wrong, "email": email}
    token = door.form_token(desk.store.vault, who.secret)
    response = who.room.pages.page("login.html", status, token=token, **values)
    door.set_visit(response, desk, who.secret)
    return response
