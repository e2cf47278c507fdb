"""The page: a phone, a mailbox, and what the desk understood, for one pretend customer at a time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from wiring.house import House
from wiring.practice import forms, inspector, showing
from wiring.practice.clock import PracticeClock
from wiring.practice.customers import Customer
from wiring.practice.hand import LONGEST, Hand
from wiring.practice.mailbox import Letter, Mailboxes
from wiring.practice.phone import Bubble
from wiring.practice.trouble import LABELS, Trouble
from wiring.practice.twilio import API, Accepted, Twilio, TwilioError

FOLDER = Path(__file__).parent
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
STATIC = {"practice.css": "text/css", "practice.js": "text/javascript"}
LONGEST_MAIL, LONGEST_SUBJECT = 20_000, 200  # characters
# The Origin of a form is withheld under the stricter policy of other pages, and posts are checked by it.
HEADERS = {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}

Form = Annotated[dict[str, str], Depends(forms.read)]


@dataclass(frozen=True, slots=True)
class Page:
    """The routes of practice. One trouble and one clock serve all customers; the screens are each customer's own."""

    customers: Mapping[str, Customer]
    hand: Hand
    mailboxes: Mailboxes
    twilio: Twilio
    clock: PracticeClock
    origins: frozenset[str]
    house: House
    pages: Environment = field(
        default_factory=lambda: Environment(
            loader=FileSystemLoader(FOLDER / "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
    )

    def router(self) -> APIRouter:
        """All routes under /practice."""
        routes = APIRouter(prefix="/practice", include_in_schema=False)
        for path in ("", "/"):
            routes.add_api_route(path, self.show, methods=["GET"], response_class=Response)
        routes.add_api_route("/static/{name}", self.static, methods=["GET"], response_class=Response)
        doings: dict[str, Callable[..., Response]] = {"say": self.say, "tap": self.tap, "mail": self.mail}
        doings |= {"autoreply": self.autoreply, "clock": self.move_clock, "trouble": self.make_trouble}
        doings |= {"again": self.again}
        for name, doing in doings.items():
            guard = [Depends(self._own_page)]
            routes.add_api_route(f"/{name}", doing, methods=["POST"], response_class=Response, dependencies=guard)
        messages = f"/twilio/{API}/Accounts/{{account}}/Messages.json"
        routes.add_api_route(messages, self.create_message, methods=["POST"], response_class=Response)
        return routes

    def show(self, request: Request, later: BackgroundTasks) -> Response:
        """The page. Who looks at the phone has read it, so read receipts go out."""
        customer = self._customer(dict(request.query_params))
        phone = self.hand.phones[customer.number]
        for bubble in phone.read_all():
            later.add_task(self.twilio.call_back, bubble.id, customer.number, bubble.callback, "read")
        view = self._view(customer, request.query_params.get("mail", ""))
        text = self.pages.get_template("practice.html").render(view)
        tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=HEADERS | {"ETag": tag}, background=later)
        return Response(text, media_type="text/html", headers=HEADERS | {"ETag": tag}, background=later)

    def static(self, name: str) -> Response:
        """The sheet and the script of the page."""
        if name not in STATIC:
            raise HTTPException(404)
        return FileResponse(FOLDER / "static" / name, media_type=STATIC[name], headers={"Cache-Control": "no-cache"})

    def say(self, form: Form) -> Response:
        """A message typed on the phone."""
        customer, text = self._customer(form), form.get("text", "").replace("\r\n", "\n")[:LONGEST]
        if text.strip():
            self.hand.say(customer, text)
        return _back(customer)

    def tap(self, form: Form) -> Response:
        """A quick reply or list row tapped."""
        customer = self._customer(form)
        bubble = self.hand.phones[customer.number].find(form.get("bubble", ""))
        option = next((one for one in bubble.options if one.id == form.get("option")), None) if bubble else None
        if bubble and option:
            self.hand.tap(customer, bubble, option)
        return _back(customer)

    def mail(self, form: Form) -> Response:
        """A mail written, or a reply to the mail named in the form."""
        customer, text = self._customer(form), form.get("text", "").replace("\r\n", "\n")[:LONGEST_MAIL]
        answered = self._letter(customer, form.get("mail", ""))
        if text.strip() and customer.email:
            self.hand.write(customer, form.get("subject", "")[:LONGEST_SUBJECT], text, answered)
        return _back(customer, answered)

    def autoreply(self, form: Form) -> Response:
        """The mailbox answers the open mail by itself, as in holidays."""
        customer = self._customer(form)
        answered = self._letter(customer, form.get("mail", ""))
        if answered:
            self.hand.reply_by_machine(customer, answered)
        return _back(customer, answered)

    def move_clock(self, form: Form) -> Response:
        """Practice time goes on by a step, or back to real time."""
        step = STEPS.get(form.get("step", ""))
        if step:
            self.clock.forward(step)
        else:
            self.clock.back_to_real()
        return _back(self._customer(form))

    def make_trouble(self, form: Form) -> Response:
        """Choose what goes wrong next."""
        try:
            self.hand.troubles.waiting = Trouble(form.get("trouble", ""))
        except ValueError:
            raise HTTPException(400, "no such trouble") from None
        return _back(self._customer(form))

    def again(self, form: Form) -> Response:
        """Empty this customer's phone, mailbox and inspector. The desk keeps its tickets and its side of the talk."""
        customer = self._customer(form)
        self.hand.phones[customer.number].clear()
        self.mailboxes.clear(customer.email)
        self.hand.forget(customer)
        return _back(customer)

    def create_message(self, request: Request, account: str, form: Form, later: BackgroundTasks) -> Response:
        """Twilio's Messages resource. What happens on the way comes after the answer, by status callback."""
        try:
            self._check_account(request, account)
            message: Accepted = self.twilio.create(form)
        except TwilioError as error:
            return JSONResponse(error.body, error.status)
        later.add_task(self.twilio.deliver, message)
        return JSONResponse(self.twilio.answer(message), 201, background=later)

    def _own_page(self, request: Request) -> None:
        forms.check_origin(request, self.origins)

    def _check_account(self, request: Request, account: str) -> None:
        given = "\n".join((*forms.basic_auth(request), account))
        wanted = "\n".join((self.twilio.account, self.twilio.token, self.twilio.account))
        if not secrets.compare_digest(given.encode(), wanted.encode()):
            raise TwilioError(401, 20003, "Authenticate")

    def _customer(self, given: Mapping[str, str]) -> Customer:
        """The customer that the page is for, the first one where none is named."""
        return self.customers.get(given.get("as", "")) or next(iter(self.customers.values()))

    def _letter(self, customer: Customer, letter_id: str) -> Letter | None:
        return next((one for one in self.mailboxes.of(customer.email) if one.id == letter_id), None)

    def _view(self, customer: Customer, letter_id: str) -> dict[str, Any]:
        now, phone, letters = self.clock(), self.hand.phones[customer.number], self.mailboxes.of(customer.email)
        bubbles = phone.bubbles()
        with self.house.store.read() as tx:
            turns = inspector.turns(tx, self.hand.deliveries(customer))
        return {
            "company": self.house.company.short,
            "customers": self.customers.values(),
            "customer": customer,
            "now": now,
            "ahead": bool(self.clock.ahead),
            "times": showing.Times(self.house.company.timezone, now),
            "troubles": LABELS,
            "trouble": self.hand.troubles.waiting,
            "bubbles": bubbles,
            "offer": _offer(bubbles),
            "window": phone.window_until(now),
            "heard": phone.heard_at is not None,
            "letters": letters,
            "open": self._letter(customer, letter_id) or next(iter(letters), None),
            "turns": turns,
            "lively": lambda text: showing.lively(text, self.twilio.public_url),
            "letter": lambda html: showing.letter(html, self.twilio.public_url),
            "number": showing.number,
            "longest": LONGEST,
        }


def _offer(bubbles: list[Bubble]) -> Bubble | None:
    """The newest message of the company, where it has something to tap."""
    newest = next((one for one in reversed(bubbles) if not one.mine), None)
    return newest if newest and newest.options else None


def _back(customer: Customer, letter: Letter | None = None) -> Response:
    query = {"as": customer.key} | ({"mail": letter.id} if letter else {})
    return RedirectResponse(f"/practice?{urlencode(query)}", 303)
