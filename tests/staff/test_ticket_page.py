"""One ticket's page and what its forms do."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from staff import work
from storage import audit, board, conversations, directory, inbox, outbox, thread, tickets
from storage import staff as people
from storage.thread import Message
from storage.tickets import Ticket
from tests.staff.seed import House, hidden, token

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"


def send(browser: TestClient, one: Ticket, action: str, **form: str) -> Response:
    """Load the ticket's page and send one of its forms."""
    page = browser.get(f"/desk/tickets/{one.reference}").text
    fields = {"token": token(page), "state": hidden(page, "state"), "said": hidden(page, "said")}
    return browser.post(f"/desk/tickets/{one.reference}/{action}", data=fields | form)


def sent(house: House, one: Ticket) -> list[Message]:
    """What staff sent in the ticket's talk."""
    with house.store.read() as tx:
        said = thread.of_conversation(tx, one.conversation_id or "")
    return [message for message in said if message.written_by.startswith("staff:")]


def events(house: House, one: Ticket) -> list[str]:
    """The ticket's audit trail by name, after the whole trail was checked."""
    with house.store.read() as tx:
        assert list(audit.verify(tx)) == []
        return [entry.event for entry in audit.trail(tx, one.subject)]


def test_hostile_text_is_shown_as_text(house: House) -> None:
    more = {"subject": HOSTILE, "full_text": f"more {HOSTILE}"}
    one = house.ask(HOSTILE, kind="email", value="x@example.com", more=more, detail={"new_value": HOSTILE})
    page = house.browser("agent").get(f"/desk/tickets/{one.reference}").text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page


def test_taking_a_ticket_starts_it(house: House) -> None:
    one = house.ask("everything")
    assert send(house.browser("agent"), one, "claim").status_code == 303
    now = house.ticket(one.reference)
    assert (now.state, now.assignee) == ("in_progress", house.staff["agent"].id)
    assert events(house, one)[-2:] == ["ticket.claimed", "ticket.in_progress"]


def test_a_ticket_is_taken_over_and_put_back(house: House) -> None:
    one = house.ask("everything")
    send(house.browser("agent"), one, "claim")
    manager = house.browser("manager")
    send(manager, one, "claim")
    assert house.ticket(one.reference).assignee == house.staff["manager"].id
    send(manager, one, "release")
    now = house.ticket(one.reference)
    assert (now.state, now.assignee) == ("open", None)


def test_an_answer_goes_into_the_customers_own_thread(house: House) -> None:
    one = house.ask("tout", kind="email", value="j@example.fr", language="fr", more={"subject": "Mes\r\ndonnées"})
    assert send(house.browser("agent"), one, "answer", text="Voici vos données.").status_code == 303
    (message,) = sent(house, one)
    assert message.text == "Voici vos données."
    assert message.status == outbox.QUEUED
    with house.store.read() as tx:
        letter = outbox.load(tx, f"out:{message.id}")
    assert letter.to.value == "j@example.fr"
    assert letter.channel == "mail"
    assert letter.letter.subject == "Re: Mes données"
    assert letter.letter.language == "fr"
    now = house.ticket(one.reference)
    assert (now.state, now.assignee) == ("in_progress", house.staff["agent"].id)
    assert events(house, one)[-1] == "ticket.answer"


def test_a_question_makes_the_ticket_wait(house: House) -> None:
    one = house.ask("everything")
    send(house.browser("agent"), one, "answer", text="Which company?", ask_back="on")
    assert house.ticket(one.reference).state == "waiting"
    assert [message.text for message in sent(house, one)] == ["Which company?"]


def test_an_empty_answer_is_not_sent(quick: House) -> None:
    one = quick.ask("everything")
    assert send(quick.browser("agent"), one, "answer", text=" \n ").status_code == 409
    assert sent(quick, one) == []
    assert quick.ticket(one.reference).state == "open"


def test_a_note_is_kept_and_never_sent(house: House) -> None:
    one = house.ask("everything")
    browser = house.browser("agent")
    send(browser, one, "note", text="Ask the Yokohama forwarder.")
    assert sent(house, one) == []
    page = browser.get(f"/desk/tickets/{one.reference}").text
    note = page.partition('<div class="note">')[2].partition("</div>")[0]
    assert "Internal note, never sent" in note
    assert "Ask the Yokohama forwarder." in note
    assert events(house, one)[-1] == "ticket.note"


def test_two_people_answer_at_once_and_the_second_keeps_the_text(house: House) -> None:
    one = house.ask("everything")
    first, second = house.browser("agent"), house.browser("manager")
    page = second.get(f"/desk/tickets/{one.reference}").text
    send(first, one, "answer", text="First answer.")
    fields = {"token": token(page), "state": hidden(page, "state"), "said": hidden(page, "said")}
    late = second.post(f"/desk/tickets/{one.reference}/answer", data=fields | {"text": "Second answer <b>."})
    assert late.status_code == 409
    assert "Something happened since you opened this page" in late.text
    assert "Second answer &lt;b&gt;.</textarea>" in late.text
    assert [message.text for message in sent(house, one)] == ["First answer."]
    again = {"token": token(late.text), "state": hidden(late.text, "state"), "said": hidden(late.text, "said")}
    assert second.post(f"/desk/tickets/{one.reference}/answer", data=again | {"text": "Second."}).status_code == 303


def test_of_two_answers_in_the_same_moment_one_is_sent(house: House) -> None:
    one = house.ask("everything")
    with house.store.read() as tx:
        seen = work.Seen(one.state, board.said(tx, one.conversation_id))
    together = Barrier(2)

    def answer(role: str) -> str:
        together.wait()
        try:
            with house.store.write() as tx:
                work.reply(tx, one.id, house.staff[role], f"From {role}.", seen=seen)
        except work.Refused as why:
            return why.code
        return "sent"

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(answer, ("agent", "manager")))
    assert results == ["sent", "stale"]
    assert len(sent(house, one)) == 1


def test_a_form_is_stale_when_the_customer_wrote_meanwhile(quick: House) -> None:
    one = quick.ask("everything")
    browser = quick.browser("agent")
    page = browser.get(f"/desk/tickets/{one.reference}").text
    with quick.store.write() as tx:
        inbox.keep(tx, one.conversation_id or "", kind="message", text="wait!", more={}, dedup="2")
    form = {"token": token(page), "state": hidden(page, "state"), "said": hidden(page, "said"), "as": "fulfilled"}
    assert browser.post(f"/desk/tickets/{one.reference}/close", data=form | {"text": "Done."}).status_code == 409
    assert quick.ticket(one.reference).state == "open"


@pytest.mark.parametrize(
    ("form", "state", "reason"),
    [
        ({"as": "fulfilled"}, "fulfilled", ""),
        ({"as": "partly_fulfilled"}, "partly_fulfilled", ""),
        ({"as": "refused", "ground": "legal_duty"}, "refused", "legal_duty"),
    ],
)
def test_closing_tells_the_customer_and_ends_the_clock(
    house: House, form: dict[str, str], state: str, reason: str
) -> None:
    one = house.ask("everything")
    assert send(house.browser("agent"), one, "close", text="This is our answer.", **form).status_code == 303
    now = house.ticket(one.reference)
    assert (now.state, now.reason) == (state, reason)
    assert now.closed_at == house.clock.now
    assert [message.text for message in sent(house, one)] == ["This is our answer."]
    with house.store.read() as tx:
        assert [move.move for move in tickets.moves(tx, one.id)] == ["received", "answered"]
    assert f"ticket.{state}" in events(house, one)


def test_a_refusal_needs_a_known_ground(quick: House) -> None:
    one = quick.ask("everything")
    for ground in ("", "because"):
        refused = send(quick.browser("agent"), one, "close", text="No.", ground=ground, **{"as": "refused"})
        assert refused.status_code == 409
        assert "Choose a ground" in refused.text
    assert quick.ticket(one.reference).state == "open"


def test_a_closed_ticket_is_looked_at_again(house: House) -> None:
    one = house.ask("everything")
    browser = house.browser("agent")
    send(browser, one, "close", text="Done.", **{"as": "fulfilled"})
    again = send(browser, one, "answer", text="One more thing.")
    assert again.status_code == 409
    assert "Look again first" in again.text
    assert send(browser, one, "reopen").status_code == 303
    now = house.ticket(one.reference)
    assert (now.state, now.closed_at, now.due_on) == ("in_progress", None, one.due_on)
    assert send(browser, one, "reopen").status_code == 409


def test_what_is_being_proved_cannot_be_closed_in_part(quick: House) -> None:
    one = quick.ask("everything", state="verifying")
    refused = send(quick.browser("agent"), one, "close", text="Done.", **{"as": "partly_fulfilled"})
    assert refused.status_code == 409
    assert "A ticket that is being proved cannot become partly fulfilled." in refused.text
    assert sent(quick, one) == []


def test_an_extension_needs_a_law_that_offers_it(quick: House) -> None:
    one = quick.ask("everything", country="JP", value="+81900000001")
    refused = send(quick.browser("agent"), one, "extend", text="More time.")
    assert refused.status_code == 409
    assert "offers no extension" in refused.text
    assert quick.ticket(one.reference).due_on == one.due_on


def test_an_extension_moves_the_date_once_and_tells_the_customer(house: House) -> None:
    one = house.ask("tout", country="FR", value="+33600000412", ago=timedelta(days=20))
    browser = house.browser("agent")
    assert send(browser, one, "extend", text="Nous avons besoin de temps.").status_code == 303
    now = house.ticket(one.reference)
    assert str(one.due_on) == "2026-12-04"
    assert str(now.due_on) == "2027-02-04"
    assert now.target_on <= now.due_on
    assert [message.text for message in sent(house, one)] == ["Nous avons besoin de temps."]
    assert "clock.extended" in events(house, one)
    again = send(browser, one, "extend", text="Encore.")
    assert again.status_code == 409
    assert "used already" in again.text


def test_an_extension_after_its_notice_period_is_refused_with_the_day(quick: House) -> None:
    one = quick.ask("tout", country="FR", value="+33600000412", ago=timedelta(days=40))
    refused = send(quick.browser("agent"), one, "extend", text="Trop tard.")
    assert refused.status_code == 409
    assert "The notice had to go out by" in refused.text
    assert sent(quick, one) == []


def test_a_name_written_from_right_to_left_turns_no_words_of_ours(quick: House) -> None:
    with quick.store.write() as tx:
        name = "\u2069\u202eEve \u202dKamau"
        customer = directory.load(tx, directory.Entry("C1", name, (("whatsapp", "+254700000418"),)), "csv")
    one = quick.ask("\u202eeverything", customer_id=customer)
    browser = quick.browser("agent")
    for page in (browser.get(f"/desk/tickets/{one.reference}").text, send(browser, one, "unmask").text):
        inside = re.findall(r"\u2068([^<]*)\u2069", page)
        assert len(inside) >= 2
        assert not [text for text in inside if re.search("[\u202a-\u202e\u2066-\u2069]", text)]
        bare = re.sub(r"(?s)<bdi>.*?</bdi>|<(\w+)[^>]* dir=\"auto\"[^>]*>.*?</\1>", "", page)
        assert "\u202e" in page
        assert "\u202e" not in bare
    css = quick.browser().get("/desk/static/desk.css").text
    assert ".pre:not(pre) { unicode-bidi: isolate }" in css


def test_names_stay_masked_until_somebody_asks_and_the_look_is_on_record(house: House) -> None:
    with house.store.write() as tx:
        entry = directory.Entry("C1", "Wanjiku Kamau", (("whatsapp", "+254700000418"), ("email", "wk@example.ke")))
        customer = directory.load(tx, entry, "csv")
    one = house.ask("everything", customer_id=customer)
    browser = house.browser("agent")
    page = browser.get(f"/desk/tickets/{one.reference}").text
    for secret in ("Wanjiku", "+254700000418", "wk@example.ke"):
        assert secret not in page
    assert "ticket.unmasked" not in events(house, one)
    opened = send(browser, one, "unmask").text
    for secret in ("Wanjiku Kamau", "+254700000418", "wk@example.ke"):
        assert secret in opened
    assert events(house, one)[-1] == "ticket.unmasked"
    assert "Wanjiku" not in browser.get(f"/desk/tickets/{one.reference}").text


def test_a_talk_goes_back_to_the_bot_once(house: House) -> None:
    one = house.ask("everything")
    talk = one.conversation_id or ""
    with house.store.write() as tx:
        conversations.give_to_staff(tx, talk, "human", "bot")
    browser = house.browser("agent")
    assert send(browser, one, "hand-back").status_code == 303
    with house.store.read() as tx:
        found = conversations.get(tx, talk)
        assert found is not None
        assert found.staff_since is None
    assert send(browser, one, "hand-back").status_code == 409


def test_the_same_talk_shows_its_other_tickets(quick: House) -> None:
    one = quick.ask("everything")
    other = quick.ask("and delete it", right="deletion")
    page = quick.browser("agent").get(f"/desk/tickets/{one.reference}").text
    assert f'href="/desk/tickets/{other.reference}"' in page


def test_codes_are_never_shown(quick: House) -> None:
    one = quick.ask("everything")
    with quick.store.write() as tx:
        talk = conversations.get(tx, one.conversation_id or "")
        assert talk is not None
        to = outbox.addresses.get(tx, talk.address_id)
        outbox.put(tx, talk.id, to, outbox.Letter("Your code is 123456"), written_by="bot", kind="code")
    page = quick.browser("agent").get(f"/desk/tickets/{one.reference}").text
    assert "123456" not in page


def test_the_evidence_file_is_complete_and_taking_it_is_on_record(house: House) -> None:
    one = house.ask("everything")
    browser = house.browser("auditor")
    file = browser.get(f"/desk/tickets/{one.reference}/evidence")
    assert file.headers["content-disposition"] == f'attachment; filename="{one.reference}.json"'
    body = file.json()
    assert body["ticket"]["reference"] == one.reference
    assert body["thread"][0]["text"] == "everything"
    assert body["audit"][-1]["event"] != ""
    assert events(house, one)[-1] == "ticket.exported"


def test_there_is_no_page_for_a_ticket_that_is_not_there(quick: House) -> None:
    browser = quick.browser("agent")
    for reference in ("PR-00000000G", "x", "PR-M9S346Q3", "%00", "ü" * 20):
        assert browser.get(f"/desk/tickets/{reference}").status_code == 404, reference
        form = {"token": token(browser.get("/desk/").text), "text": "x"}
        assert browser.post(f"/desk/tickets/{reference}/note", data=form).status_code in (400, 404), reference


def test_an_answer_by_somebody_who_left_still_has_a_name(quick: House) -> None:
    one = quick.ask("everything")
    send(quick.browser("agent"), one, "answer", text="Here it is.")
    page = quick.browser("manager").get(f"/desk/tickets/{one.reference}").text
    with quick.store.read() as tx:
        assert people.get(tx, quick.staff["agent"].id).name in page
