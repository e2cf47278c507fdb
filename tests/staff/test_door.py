"""Signing in and out, cookies, form tokens, headers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staff import door
from storage.vault import Vault
from tests.staff.seed import PASSWORD, House, full, token

VAULT = Vault(["a test secret of more than 32 characters"])


def test_the_right_password_opens_today(house: House) -> None:
    browser = house.browser("agent")
    page = browser.get("/desk/")
    assert page.status_code == 200
    assert "Kenji Sato" in page.text


def test_a_wrong_password_and_an_unknown_mail_read_the_same(quick: House) -> None:
    answers = []
    for email in ("agent@kmauto.example", "nobody@kmauto.example"):
        browser = quick.browser()
        form = {"email": email, "password": "wrong", "token": token(browser.get("/desk/login").text)}
        answer = browser.post("/desk/login", data=form)
        assert answer.status_code == 401
        assert "desk_session" not in answer.cookies
        answers.append(answer.text.replace(email, "").replace(token(answer.text), ""))
    assert answers[0] == answers[1]


def test_five_wrong_passwords_make_the_right_one_wait(house: House) -> None:
    browser = house.browser()
    form = {"email": "agent@kmauto.example", "token": token(browser.get("/desk/login").text)}
    for _ in range(5):
        browser.post("/desk/login", data=form | {"password": "wrong"})
    assert browser.post("/desk/login", data=form | {"password": PASSWORD}).status_code == 401
    house.clock.now += timedelta(minutes=2)
    assert browser.post("/desk/login", data=form | {"password": PASSWORD}).status_code == 303


def test_in_a_flood_of_guesses_the_desk_says_so_and_weighs_nothing(quick: House) -> None:
    browser = quick.browser()
    form = {"email": "agent@kmauto.example", "password": PASSWORD}
    form["token"] = token(browser.get("/desk/login").text)
    with full(quick):
        answer = browser.post("/desk/login", data=form)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "Too many people are signing in" in answer.text
        assert browser.get("/desk/login").status_code == 200
    assert browser.post("/desk/login", data=form).status_code == 303


def test_a_sign_in_form_of_another_browser_is_refused(quick: House) -> None:
    stolen = token(quick.browser().get("/desk/login").text)
    browser = quick.browser()
    browser.get("/desk/login")
    form = {"email": "agent@kmauto.example", "password": PASSWORD, "token": stolen}
    assert browser.post("/desk/login", data=form).status_code == 403


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example", "/desk/../x", "/desk//evil", "\\x"])
def test_nobody_is_sent_to_another_site_after_signing_in(quick: House, then: str) -> None:
    browser = quick.browser()
    form = {"email": "agent@kmauto.example", "password": PASSWORD, "then": then}
    form["token"] = token(browser.get("/desk/login").text)
    assert browser.post("/desk/login", data=form).headers["location"] == "/desk/"


def test_a_link_to_a_ticket_is_followed_after_signing_in(quick: House) -> None:
    browser = quick.browser()
    there = browser.get("/desk/tickets/PR-M9S346Q3R")
    assert there.headers["location"] == "/desk/login?then=/desk/tickets/PR-M9S346Q3R"
    page = browser.get(there.headers["location"])
    form = {"email": "agent@kmauto.example", "password": PASSWORD, "token": token(page.text)}
    form["then"] = "/desk/tickets/PR-M9S346Q3R"
    assert browser.post("/desk/login", data=form).headers["location"] == form["then"]


def test_a_forged_cookie_opens_nothing(quick: House) -> None:
    mine = quick.browser("agent").cookies["desk_session"]
    secret, _, mac = mine.rpartition(".")
    for forged in (secret, f"{secret}.", f"{secret}.{'0' * 64}", f"x{mine}", f"{secret}x.{mac}", "ü.ü", ""):
        browser = quick.browser()
        answer = browser.get("/desk/", headers={"cookie": f"desk_session={forged}".encode()})
        assert answer.status_code == 303, forged
        assert answer.headers["location"].startswith("/desk/login")


def test_signing_out_ends_the_session_for_a_copied_cookie_too(house: House) -> None:
    browser = house.browser("agent")
    copied = browser.cookies["desk_session"]
    assert browser.post("/desk/logout", data={"token": token(browser.get("/desk/").text)}).status_code == 303
    thief = house.browser()
    assert thief.get("/desk/", headers={"cookie": f"desk_session={copied}"}).status_code == 303


def test_a_session_ends_after_two_idle_hours(house: House) -> None:
    browser = house.browser("agent")
    house.clock.now += timedelta(minutes=119)
    assert browser.get("/desk/").status_code == 200
    house.clock.now += timedelta(minutes=121)
    assert browser.get("/desk/").status_code == 303


def test_a_form_without_our_token_changes_nothing(house: House) -> None:
    one = house.ask("all my data")
    browser = house.browser("agent")
    other = token(house.browser("manager").get("/desk/").text)
    for bad in ({}, {"token": ""}, {"token": "0" * 64}, {"token": other}):
        assert browser.post(f"/desk/tickets/{one.reference}/claim", data=bad).status_code == 403
    assert house.ticket(one.reference).assignee is None


def test_a_form_that_another_site_sends_is_refused(quick: House) -> None:
    one = quick.ask("all my data")
    browser = quick.browser("agent")
    form = {"token": token(browser.get("/desk/").text)}
    sent = browser.post(f"/desk/tickets/{one.reference}/claim", data=form, headers={"sec-fetch-site": "cross-site"})
    assert sent.status_code == 403


def test_an_auditor_looks_and_changes_nothing(house: House) -> None:
    one = house.ask("all my data")
    browser = house.browser("auditor")
    page = browser.get(f"/desk/tickets/{one.reference}")
    assert page.status_code == 200
    assert "<textarea" not in page.text
    for action in ("claim", "answer", "note", "close", "unmask", "release", "extend", "reopen", "hand-back"):
        sent = browser.post(f"/desk/tickets/{one.reference}/{action}", data={"token": token(page.text), "text": "x"})
        assert sent.status_code == 403, action
    assert house.ticket(one.reference) == one


def test_every_answer_carries_the_protecting_headers(quick: House) -> None:
    browser = quick.browser("agent")
    for path in ("/desk/", "/desk/login", "/desk/tickets/PR-XXXXXXXXX", "/desk/tickets?after=x"):
        headers = browser.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_the_session_cookie_is_kept_from_scripts_and_other_paths(quick: House) -> None:
    browser = quick.browser()
    form = {"email": "agent@kmauto.example", "password": PASSWORD}
    form["token"] = token(browser.get("/desk/login").text)
    cookies = browser.post("/desk/login", data=form).headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("desk_session="))
    assert "HttpOnly" in session
    assert "Path=/desk" in session
    assert "SameSite=lax" in session


def test_a_form_that_is_too_long_is_not_read(quick: House) -> None:
    browser = quick.browser("agent")
    assert browser.post("/desk/find", data={"q": "x" * 300_000}).status_code == 413


@given(st.text(max_size=300))
def test_only_what_we_signed_is_a_cookie(value: str) -> None:
    assert door.unsigned(VAULT, value) is None


@given(st.text(min_size=1, max_size=60))
def test_what_we_signed_comes_back(secret: str) -> None:
    assert door.unsigned(VAULT, door.signed(VAULT, secret)) == secret


@given(st.text(max_size=100))
def test_a_page_of_ours_never_leads_away(path: str) -> None:
    shown = door.own_page(path)
    assert shown.startswith("/desk")
    assert "//" not in shown
    assert ":" not in shown
