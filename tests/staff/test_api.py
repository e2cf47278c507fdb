"""The staff API: tokens, roles, contract and errors."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest

from staff.api import ROUTES, plain
from storage import audit, conversations, directory, links, optouts, queue, thread
from tests.staff.seed import NOW, PASSWORD, House, full

TICKET = {
    "reference", "right", "portable", "state", "escalated", "reason", "level", "regime", "received_at", "due_on",
    "target_on", "channel", "language", "assignee", "conversation",
}  # fmt: skip


def code(answer: Any) -> str:
    """The code of an error, after its shape was checked."""
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "details"}
    assert body["error"]["message"]
    return str(body["error"]["code"])


def test_a_token_comes_for_mail_and_password_and_ends_after_an_hour(house: House) -> None:
    program = house.browser()
    form = {"username": "agent@kmauto.example", "password": PASSWORD}
    answer = program.post("/api/v1/token", data=form)
    assert answer.status_code == 200
    body = answer.json()
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 3600
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert program.get("/api/v1/tickets", headers=headers).status_code == 200
    house.clock.now += timedelta(minutes=61)
    late = program.get("/api/v1/tickets", headers=headers)
    assert late.status_code == 401
    assert code(late) == "unauthorized"
    assert late.headers["www-authenticate"] == "Bearer"


def test_a_wrong_password_gives_no_token(quick: House) -> None:
    answer = quick.browser().post("/api/v1/token", data={"username": "agent@kmauto.example", "password": "wrong"})
    assert answer.status_code == 401
    assert code(answer) == "unauthorized"


def test_only_our_own_api_tokens_are_taken(quick: House) -> None:
    agent = quick.staff["agent"].id
    vault = quick.store.vault
    hour = timedelta(hours=1)
    bad = [
        "", "x", "a.b.c",
        links.sign(vault, "unsubscribe", agent, NOW, hour),
        links.sign(vault, "api", "0" * 24, NOW, hour),
        links.sign(vault, "api", agent, NOW - 2 * hour, hour),
    ]  # fmt: skip
    program = quick.browser()
    for token in bad:
        answer = program.get("/api/v1/tickets", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
        assert code(answer) == "unauthorized"
    assert code(program.get("/api/v1/metrics")) == "unauthorized"
    # A browser's session is no key to the API: what a foreign page can send along opens nothing here.
    assert quick.browser("agent").get("/api/v1/tickets").status_code == 401


@pytest.mark.parametrize("token", ["", "Bearer forged"])
def test_the_body_of_a_stranger_is_not_read(quick: House, token: str) -> None:
    asked: list[str] = []
    for method, path, *_ in ROUTES:
        if path == "/token":
            continue
        answered: list[MutableMapping[str, Any]] = []

        async def receive(here: str = path) -> dict[str, Any]:
            asked.append(here)
            return {"type": "http.request", "body": b"[]", "more_body": False}

        async def send(message: MutableMapping[str, Any], into: list[Any] = answered) -> None:
            into.append(message)

        whole = "/api/v1" + path.format(reference="PR-M9S346Q3R", conversation="0" * 24)
        scope = {"type": "http", "method": method, "path": whole, "raw_path": whole.encode(), "query_string": b""}
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        headers.append((b"authorization", token.encode()))
        asyncio.run(quick.app(scope | {"headers": headers}, receive, send))
        assert answered[0]["status"] == 401, path
    assert asked == []


def test_who_has_no_token_yet_sends_little(quick: House) -> None:
    answer = quick.browser().post("/api/v1/token", data={"username": "x", "password": "x" * 300_000})
    assert answer.status_code == 413


def test_a_flood_of_guesses_is_sent_away(quick: House) -> None:
    program = quick.browser()
    form = {"username": "agent@kmauto.example", "password": PASSWORD}
    with full(quick):
        answer = program.post("/api/v1/token", data=form)
        assert (answer.status_code, code(answer)) == (503, "crowded")
        assert int(answer.headers["retry-after"]) > 0
    assert program.post("/api/v1/token", data=form).status_code == 200


def test_a_ticket_has_the_fields_of_the_contract(house: House) -> None:
    one = house.ask("everything", country="FR", value="+33600000412")
    body = house.program("agent").get(f"/api/v1/tickets/{one.reference}").json()
    assert set(body) >= TICKET
    assert body["reference"] == one.reference
    assert body["received_at"] == "2026-11-24T02:20:00Z"
    assert body["due_on"] == "2026-12-24"
    assert body["assignee"] is None
    assert body["conversation"] == one.conversation_id
    assert "+33600000412" not in str(body)


def test_the_list_has_filters(house: House) -> None:
    a = house.ask("everything", escalated=True).reference
    b = house.ask("delete", right="deletion", country="DE", value="+4915100000002", state="verifying").reference
    program = house.program("agent")
    program.post(f"/api/v1/tickets/{a}/claim")
    cases = [
        ("", {a, b}), ("state=in_progress", {a}), ("state=verifying&state=in_progress", {a, b}),
        ("right=deletion", {b}), ("escalated=true", {a}), ("escalated=false", {b}), ("due_before=2026-12-02", {a}),
        ("assignee=me", {a}), ("assignee=nobody", {b}), ("assignee=", {b}), (f"q={b.lower()}", {b}),
        ("q=%2B4915100000002", {b}), ("q=nothing", set()), (f"assignee={house.staff['agent'].id}", {a}),
    ]  # fmt: skip
    for query, wanted in cases:
        answer = program.get(f"/api/v1/tickets?{query}")
        assert answer.status_code == 200, query
        found = {item["reference"] for item in answer.json()["items"]}
        assert found == wanted, query


def test_the_list_comes_in_pages(house: House) -> None:
    made = [house.ask("all", value=f"+2547000{n:05d}", ago=timedelta(days=n)).reference for n in range(5)]
    program = house.program("agent")
    seen, cursor = [], ""
    for _ in range(3):
        body = program.get("/api/v1/tickets", params={"limit": 2, "cursor": cursor}).json()
        seen += [item["reference"] for item in body["items"]]
        cursor = body["next"]
    assert cursor is None
    assert seen == made[::-1]


def test_a_broken_cursor_is_told(quick: House) -> None:
    program = quick.program("agent")
    for cursor in ("x", "2026-13-45_" + "0" * 24, "2026-12-01_';--"):
        answer = program.get("/api/v1/tickets", params={"cursor": cursor})
        assert answer.status_code == 422
        assert code(answer) in ("invalid", "cursor")


def test_the_whole_life_of_a_ticket(house: House) -> None:
    one = house.ask("everything", country="FR", value="+33600000412")
    program = house.program("agent")
    base = f"/api/v1/tickets/{one.reference}"

    def post(action: str, **body: str) -> dict[str, Any]:
        house.clock.now += timedelta(seconds=1)
        answer = program.post(f"{base}/{action}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    assert post("claim")["state"] == "in_progress"
    assert post("claim")["assignee"] == house.staff["agent"].id
    assert post("note", text="internal")["state"] == "in_progress"
    assert post("reply", text="We are on it.")["state"] == "in_progress"
    assert post("extend", reason="Fourteen vehicles.")["due_on"] == "2027-02-24"
    assert post("fulfil", text="Here it is.")["state"] == "fulfilled"
    assert post("reopen")["state"] == "in_progress"
    assert post("refuse", ground="others", text="Not this part.")["reason"] == "others"
    with house.store.read() as tx:
        said = thread.of_conversation(tx, one.conversation_id or "")
        ours = [message.text for message in said if message.written_by == house.staff["agent"].actor]
        assert ours == ["We are on it.", "Fourteen vehicles.", "Here it is.", "Not this part."]
        assert queue.depth(tx, "out") == 5
        assert list(audit.verify(tx)) == []


def test_an_illegal_move_is_a_conflict_in_plain_words(house: House) -> None:
    one = house.ask("everything")
    program = house.program("agent")
    base = f"/api/v1/tickets/{one.reference}"
    assert code(program.post(f"{base}/reopen")) == "not_closed"
    assert code(program.post(f"{base}/refuse", json={"ground": "mood", "text": "No."})) == "ground"
    program.post(f"{base}/fulfil", json={"text": "Done."})
    for action, body in (("reply", {"text": "x"}), ("claim", {}), ("extend", {"reason": "x"})):
        answer = program.post(f"{base}/{action}", json=body)
        assert answer.status_code == 409
        assert code(answer) == "closed"
    message = answer.json()["error"]["message"]
    assert message == "This ticket is closed (fulfilled). Look again first."


def test_an_auditor_only_reads(house: House) -> None:
    one = house.ask("everything")
    program = house.program("auditor")
    for path in ("tickets", f"tickets/{one.reference}", f"tickets/{one.reference}/evidence", "metrics", "optouts.csv"):
        assert program.get(f"/api/v1/{path}").status_code == 200, path
    for action, body in (("claim", {}), ("reply", {"text": "x"}), ("note", {"text": "x"}), ("reopen", {})):
        answer = program.post(f"/api/v1/tickets/{one.reference}/{action}", json=body)
        assert answer.status_code == 403
        assert code(answer) == "role"
    assert program.put("/api/v1/customers", json=[{"customer": "1", "email": "a@example.com"}]).status_code == 403
    assert house.ticket(one.reference) == one


def test_another_tickets_number_is_not_found(quick: House) -> None:
    program = quick.program("agent")
    for reference in ("PR-00000000G", "PR-M9S346Q3R", "1", "PR-AAAA0000A"):
        for method, path in (("GET", ""), ("GET", "/evidence"), ("POST", "/claim")):
            answer = program.request(method, f"/api/v1/tickets/{reference}{path}")
            assert answer.status_code == 404
            assert code(answer) == "missing"
    assert code(program.get(f"/api/v1/conversations/{'0' * 24}")) == "missing"
    assert code(program.get("/api/v1/conversations/x")) == "invalid"


def test_what_does_not_fit_is_told_field_by_field(quick: House) -> None:
    one = quick.ask("everything")
    program = quick.program("agent")
    bodies: list[Any] = [{}, {"text": ""}, {"text": "  "}, {"text": 1}, {"text": "x", "more": 1}, []]
    bodies.append({"text": "x" * 20_001})
    for body in bodies:
        answer = program.post(f"/api/v1/tickets/{one.reference}/reply", json=body)
        assert answer.status_code == 422, body
        assert code(answer) == "invalid"
        assert answer.json()["error"]["details"][0]["where"][0] == "body"
    headers = {"content-type": "application/json"}
    broken = program.post(f"/api/v1/tickets/{one.reference}/reply", content=b"{", headers=headers)
    assert code(broken) == "invalid"


def test_an_error_never_repeats_what_was_sent(quick: House) -> None:
    program = quick.program("manager")
    answer = program.put("/api/v1/customers", json=[{"customer": "1", "email": ["secret@example.com"]}])
    assert answer.status_code == 422
    assert "secret@example.com" not in answer.text


def test_the_evidence_has_the_thread_the_proofs_and_the_hashes(house: House) -> None:
    one = house.ask("everything")
    program = house.program("agent")
    program.post(f"/api/v1/tickets/{one.reference}/note", json={"text": "internal"})
    body = program.get(f"/api/v1/tickets/{one.reference}/evidence").json()
    assert [message["text"] for message in body["thread"]][:1] == ["everything"]
    assert body["moves"][0]["move"] == "received"
    assert body["notes"][0]["text"] == "internal"
    with house.store.read() as tx:
        trail = audit.trail(tx, one.subject)
    assert [entry["hash"] for entry in body["audit"]] == [entry.hash for entry in trail]
    assert trail[-1].event == "ticket.exported"


def test_a_conversation_is_shown_with_its_tickets(house: House) -> None:
    one = house.ask("everything")
    with house.store.write() as tx:
        conversations.give_to_staff(tx, one.conversation_id or "", "human", "bot")
    body = house.program("agent").get(f"/api/v1/conversations/{one.conversation_id}").json()
    assert body["staff_reason"] == "human"
    assert [ticket["reference"] for ticket in body["tickets"]] == [one.reference]
    assert len(body["messages"]) == 2


def test_a_request_by_letter_gets_its_legal_date_and_is_closed_on_paper(house: House) -> None:
    program = house.program("agent")
    body = {"right": "access", "received_at": "2026-11-20T09:00:00+09:00", "name": "Wanjiku Kamau", "channel": "letter"}
    made = program.post("/api/v1/tickets", json=body | {"country": "KE", "text": "Please send me all my data."})
    assert made.status_code == 201
    ticket = made.json()
    assert (ticket["channel"], ticket["regime"], ticket["due_on"]) == ("letter", "ke_dpa", "2026-11-27")
    assert ticket["conversation"] is None
    base = f"/api/v1/tickets/{ticket['reference']}"
    assert code(program.post(f"{base}/reply", json={"text": "x"})) == "no_thread"
    assert program.post(f"{base}/fulfil", json={"text": "Sent by post."}).json()["state"] == "fulfilled"
    evidence = program.get(f"{base}/evidence").json()
    assert evidence["notes"][0]["text"] == "Sent by post."
    page = house.browser("agent").get(f"/desk/tickets/{ticket['reference']}").text
    assert "W••• K•••" in page
    assert "Wanjiku" not in page


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"country": "XX"}, "country"),
        ({"received_at": "2026-11-25T00:00:00Z"}, "future"),
        ({"received_at": "2026-11-20T09:00:00"}, "invalid"),
        ({"received_at": "1999-11-20T09:00:00Z"}, "past"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, "invalid"),
        ({"received_at": "0001-01-01T00:00:00Z"}, "invalid"),
        ({"received_at": "9999-12-31T23:59:59-14:00"}, "invalid"),
        ({"received_at": "0002-01-01T00:00:00+14:00"}, "past"),
        ({"channel": "whatsapp"}, "invalid"),
        ({"right": "status"}, "invalid"),
        ({"name": ""}, "invalid"),
    ],
)
def test_a_request_that_cannot_be_is_refused(quick: House, wrong: dict[str, str], error: str) -> None:
    body = {"right": "access", "received_at": "2026-11-20T09:00:00Z", "name": "A B", "channel": "phone", "text": "x"}
    answer = quick.program("agent").post("/api/v1/tickets", json=body | wrong)
    assert answer.status_code in (409, 422)
    assert code(answer) == error


def test_an_optout_is_found_in_every_spelling(house: House) -> None:
    with house.store.write() as tx:
        optouts.add(tx, "email", "Stop@Example.com", "bot")
        optouts.add(tx, "whatsapp", "+254700000418", "bot")
    program = house.program("agent")
    for address in ("stop@example.com", " STOP@example.COM", "+254 700 000 418", "254700000418"):
        body = program.get("/api/v1/optouts/check", params={"address": address}).json()
        assert body["opted_out"] is True, address
    assert program.get("/api/v1/optouts/check", params={"address": "go@example.com"}).json()["opted_out"] is False


def test_the_optout_list_runs_no_formula(house: House) -> None:
    values = ["=1+1@example.com", "+cmd|x@example.com", "@sum@example.com", "-2@example.com", 'a"b,c@example.com']
    with house.store.write() as tx:
        for value in values:
            optouts.add(tx, "email", value, "bot")
        optouts.add(tx, "whatsapp", "+254700000418", "bot")
    answer = house.program("agent").get("/api/v1/optouts.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["kind", "address", "since"]
    assert len(rows) == 7
    for row in rows[1:]:
        assert all(not cell.startswith(("=", "+cmd", "-", "@", "\t", "\r")) for cell in row)
    assert {row[1] for row in rows[1:]} == {f"'{value}" for value in values[:4]} | {"+254700000418", values[4]}


@pytest.mark.parametrize("cell", ["+1+1", "+", "+\u0663", "+1 ", "=1", "-1", "@a", "\t1", "\r1"])
def test_only_a_plus_and_digits_alone_are_no_formula(cell: str) -> None:
    assert plain(cell) == f"'{cell}"
    assert plain("+254700000418") == "+254700000418"


def test_a_directory_is_loaded_and_bad_rows_are_named(house: House) -> None:
    rows = [
        {"customer": "C1", "name": "W K", "email": "WK@example.ke; w2@example.ke", "whatsapp": "+254 700 000418"},
        {"customer": "", "email": "a@example.com"},
        {"customer": "C3", "email": "no mail"},
        {"customer": "C4", "whatsapp": "0700000418"},
        {"customer": "C5", "name": "nobody"},
        {"customer": "C6", "whatsapp": "+4915100000002", "group": "dealers"},
    ]
    program = house.program("manager")
    for _ in range(2):
        answer = program.put("/api/v1/customers", json=rows)
        assert answer.status_code == 200
        assert answer.json()["loaded"] == 2
        assert [bad["row"] for bad in answer.json()["refused"]] == [2, 3, 4, 5]
    with house.store.read() as tx:
        assert directory.count(tx) == 2
        assert len(directory.on_file(tx, "whatsapp", "+254700000418")) == 1
        assert len(directory.on_file(tx, "email", "w2@example.ke")) == 1
        assert audit.trail(tx, "directory:all")[-1].data == {"rows": 2, "bad": 4}


def test_metrics_count_what_is_there(house: House) -> None:
    house.ask("everything", ago=timedelta(days=9))
    house.ask("delete", right="deletion", country="DE", value="+4915100000002")
    done = house.ask("everything", value="+254700000009", ago=timedelta(hours=10))
    program = house.program("agent")
    program.post(f"/api/v1/tickets/{done.reference}/fulfil", json={"text": "Done."})
    body = program.get("/api/v1/metrics").json()
    assert body["by_state"] == {"fulfilled": 1, "open": 2}
    assert body["by_right"] == {"access": 2, "deletion": 1}
    assert (body["open"], body["overdue"], body["median_hours_to_close"]) == (2, 1, 10.0)
    assert body["undelivered"] == 0


def test_openapi_describes_every_route_with_a_summary_and_its_errors(quick: House) -> None:
    spec = quick.app.openapi()
    assert not [path for path in spec["paths"] if path.startswith("/desk")]
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            failure = operation["responses"]["422"]["content"]["application/json"]["schema"]["$ref"]
            assert failure.endswith("/Failure"), (method, path)
