"""Sending WhatsApp messages to a server in Twilio's place, every request checked against Twilio's own description."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest
from requests import Request

from channels.base import Address, Choice, Outbound, SendError
from channels.refusals import REMEDIES, remedy
from tests.channels.contract import ACCOUNT, OUTBOUND, TOKEN, whatsapp_channel
from tests.channels.peers import TwilioPeer

SPEC = Path(__file__).parents[3] / "shared" / "samples" / "twilio" / "twilio_api_v2010.json"
MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
HX = {name: f"HX{number:032x}" for number, name in enumerate(["buttons_2", "list_2", "tpl_code:en", "tpl_code:pt"], 1)}
TO = replace(OUTBOUND, to=Address("whatsapp", "+254700000001"))
YES_NO = (Choice("affirm", "Yes"), Choice("deny", "No"))


@pytest.fixture(scope="module")
def description() -> OpenAPI | None:
    if not SPEC.exists():
        return None
    spec: dict[str, Any] = json.loads(SPEC.read_text(encoding="utf-8"))
    path = {**spec["paths"][MESSAGES], "servers": [{"url": "https://api.twilio.com"}]}
    return OpenAPI.from_dict({**spec, "paths": {MESSAGES: path}})


@pytest.fixture
def peer(description: OpenAPI | None) -> Iterator[TwilioPeer]:
    """The server; at the end every request it got is checked."""
    with TwilioPeer().running() as running:
        yield running
    for path, headers, body in running.requests if description else []:
        request = Request("POST", f"https://api.twilio.com{path}", headers=headers, data=body)
        description.validate_request(RequestsOpenAPIRequest(request))


def _send(peer: TwilioPeer, message: Outbound, **keys: str) -> str:
    return whatsapp_channel(HX, TWILIO_API_URL=peer.url, **keys).send(message)


def _variables(peer: TwilioPeer) -> list[str]:
    numbered = json.loads(peer.last["ContentVariables"])
    assert list(numbered) == [str(number) for number in range(1, len(numbered) + 1)]
    return list(numbered.values())


def test_a_text_goes_to_the_address_as_received_and_tells_where_receipts_go(peer: TwilioPeer) -> None:
    assert _send(peer, TO) == "SM" + "f" * 32
    assert peer.requests[0][0] == MESSAGES.format(AccountSid=ACCOUNT)
    assert peer.last == {
        "To": "whatsapp:+254700000001",
        "From": "whatsapp:+81312345678",
        "Body": "Which data do you mean?",
        "StatusCallback": "https://privacy.kmauto.example/in/whatsapp/status?m=out-77",
    }


def test_a_person_without_a_number_is_reached_by_user_id(peer: TwilioPeer) -> None:
    _send(peer, replace(TO, to=Address("whatsapp_user", "KE.8842")))
    assert peer.last["To"] == "whatsapp:KE.8842"


@pytest.mark.parametrize(
    ("keys", "user"), [({}, f"{ACCOUNT}:{TOKEN}"), ({"TWILIO_API_KEY": "SK1", "TWILIO_API_SECRET": "s"}, "SK1:s")]
)
def test_the_api_key_is_used_where_there_is_one(peer: TwilioPeer, keys: dict[str, str], user: str) -> None:
    _send(peer, TO, **keys)
    assert peer.requests[0][1]["Authorization"] == "Basic " + base64.b64encode(user.encode()).decode()


def test_choices_become_buttons(peer: TwilioPeer) -> None:
    _send(peer, replace(TO, choices=YES_NO))
    assert peer.last["ContentSid"] == HX["buttons_2"]
    assert _variables(peer) == ["Which data do you mean?", "Yes", "affirm", "No", "deny"]
    assert "Body" not in peer.last


def test_choices_become_a_list(peer: TwilioPeer) -> None:
    _send(peer, replace(TO, choices=YES_NO, as_list=True, list_title="Choose"))
    assert peer.last["ContentSid"] == HX["list_2"]
    assert _variables(peer) == ["Which data do you mean?", "Choose", "Yes", "affirm", "No", "deny"]


@pytest.mark.parametrize(
    "choices",
    [(*YES_NO, Choice("human", "A person")), (Choice("a", "A title that no button can show"), Choice("b", "B"))],
    ids=["no template of three", "a title too long"],
)
def test_choices_that_fit_no_button_are_lines(peer: TwilioPeer, choices: tuple[Choice, ...]) -> None:
    _send(peer, replace(TO, choices=choices))
    assert peer.last["Body"].startswith("Which data do you mean?\n\n- " + choices[0].title)
    assert peer.last["Body"].count("\n- ") == len(choices)


@pytest.mark.parametrize(("language", "used"), [("en", "en"), ("pt-BR", "pt"), ("sw", "en")])
def test_a_template_goes_in_the_nearest_language(peer: TwilioPeer, language: str, used: str) -> None:
    _send(peer, replace(TO, template="tpl_code", variables=("418 302",), language=language))
    assert peer.last["ContentSid"] == HX[f"tpl_code:{used}"]


def test_a_templates_variables_are_one_line_each(peer: TwilioPeer) -> None:
    _send(peer, replace(TO, template="tpl_code", variables=("a\nb     c",)))
    assert _variables(peer) == ["a b c"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (replace(TO, template="tpl_news"), "no_template"),
        (replace(TO, template="tpl_code", variables=(" ",)), "empty_variable"),
        (replace(TO, text="a" * 1601), "too_long"),
        (replace(TO, text=" "), "empty"),
        (OUTBOUND, "wrong_channel"),
    ],
)
def test_what_cannot_go_is_never_tried(peer: TwilioPeer, message: Outbound, code: str) -> None:
    with pytest.raises(SendError) as failed:
        _send(peer, message)
    assert (failed.value.code, failed.value.permanent) == (code, True)
    assert peer.requests == []


@pytest.mark.parametrize(
    ("status", "code", "permanent", "unknown", "what"),
    [
        (429, 20429, False, False, "retry"),
        (400, 63018, False, False, "retry"),
        (400, 63016, True, False, "template"),
        (400, 21211, True, False, "stop"),
        (400, 63014, True, False, "stop"),
        (401, 20003, False, False, "ours"),
        (400, 63027, False, False, "ours"),
        (400, 99999, True, False, "ours"),
        (404, 20404, False, False, "ours"),
        (500, 20500, False, True, "retry"),
        (503, 20503, False, True, "retry"),
        (302, 0, True, False, "ours"),
    ],
)
def test_every_refusal_says_what_to_do(
    peer: TwilioPeer, status: int, code: int, permanent: bool, unknown: bool, what: str
) -> None:
    peer.answer = (status, {"code": code, "message": "To +254700000001 refused", "status": status})
    with pytest.raises(SendError) as failed:
        _send(peer, TO)
    error = failed.value
    assert (error.permanent, error.unknown, error.remedy) == (permanent, unknown, what)
    assert error.code == str(code or status)
    assert len(peer.requests) == 1


def test_problem_details_are_understood_too(peer: TwilioPeer) -> None:
    peer.answer = (429, {"type": "about:blank", "title": "Too many", "status": 429, "code": 20429})
    with pytest.raises(SendError) as failed:
        _send(peer, TO)
    assert (failed.value.permanent, failed.value.unknown) == (False, False)


@pytest.mark.parametrize("answer", [(201, b"<html>"), (201, {}), (201, [])])
def test_a_success_that_is_no_message_is_not_known(peer: TwilioPeer, answer: tuple[int, object]) -> None:
    peer.answer = answer
    with pytest.raises(SendError) as failed:
        _send(peer, TO)
    assert (failed.value.unknown, failed.value.permanent) == (True, False)


@pytest.mark.parametrize(("answer", "code"), [("hang", "timeout"), ("drop", "connection_lost")])
def test_a_request_without_an_answer_may_have_been_taken_and_is_not_repeated(
    peer: TwilioPeer, answer: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.twilio_api.READ_SECONDS", 0.2)
    peer.answer = answer
    with pytest.raises(SendError) as failed:
        _send(peer, TO)
    assert (failed.value.code, failed.value.unknown, failed.value.permanent) == (code, True, False)
    assert len(peer.requests) == 1


def test_a_server_that_is_not_there_took_nothing() -> None:
    with pytest.raises(SendError) as failed:
        whatsapp_channel(TWILIO_API_URL="http://127.0.0.1:1").send(TO)
    assert (failed.value.code, failed.value.unknown, failed.value.permanent) == ("connect", False, False)


def test_codes_of_late_receipts_have_a_remedy_too() -> None:
    assert (remedy("63016"), remedy("63024"), remedy("63017"), remedy("12345")) == ("template", "stop", "retry", "ours")
    assert all(code.isdigit() and len(code) == 5 for code in REMEDIES)
