"""Today, all tickets and the search."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from storage import addresses, conversations, directory, inbox, outbox, queue
from storage.outbox import Letter
from tests.staff.seed import House, hidden, token


def group(page: str, name: str) -> str:
    """One group's part of the page, empty where it is not there."""
    return page.partition(f'<section class="group" id="{name}"')[2].partition("</section>")[0]


def test_the_queue_puts_each_ticket_into_one_group(house: House) -> None:
    late = house.ask("everything", ago=timedelta(days=9))
    soon = house.ask("everything", ago=timedelta(days=3), value="+254700000001")
    free = house.ask("delete", right="deletion", country="DE", value="+4915100000001")
    wait = house.ask("freeze", right="restriction", country="DE", value="+4915100000002", state="verifying")
    hand = house.ask("correct", right="correction", country="DE", value="+4915100000003")
    browser = house.browser("agent")
    browser.post(f"/desk/tickets/{hand.reference}/claim", data={"token": token(browser.get("/desk/").text)})
    page = browser.get("/desk/").text
    for name, one in (("late", late), ("soon", soon), ("free", free), ("wait", wait), ("hand", hand)):
        assert one.reference in group(page, name), name
        assert page.count(f'href="/desk/tickets/{one.reference}"') == 1


def test_the_headline_counts_and_links_to_the_groups(quick: House) -> None:
    quick.ask("everything", ago=timedelta(days=9))
    quick.ask("delete", right="deletion", country="DE")
    page = quick.browser("agent").get("/desk/").text
    headline = re.sub(r"<[^>]+>", "", page.partition('<h1 class="lead">')[2].partition("</h1>")[0])
    assert headline == "One is past its date and one belongs to nobody."
    assert '<a class="late" href="#late">One</a>' in page


def test_an_empty_desk_says_so(quick: House) -> None:
    assert "Nothing is late, nobody waits." in quick.browser("agent").get("/desk/today").text


def test_names_and_addresses_are_masked_in_lists(house: House) -> None:
    with house.store.write() as tx:
        entry = directory.Entry("C1", "Wanjiku Kamau", (("whatsapp", "+254700000418"),))
        customer = directory.load(tx, entry, "csv")
    house.ask("everything", customer_id=customer)
    house.ask("everything", kind="email", value="d.volkov@example.ru", country="")
    page = house.browser("agent").get("/desk/").text
    assert "W••• K•••" in page
    assert "+254 ••• 418" in page
    assert "d•••@•••.ru" in page
    for secret in ("Wanjiku", "Kamau", "+254700000418", "volkov", "example.ru"):
        assert secret not in page


def test_our_own_date_is_dotted_and_called_ours(quick: House) -> None:
    quick.ask("everything", country="PK", value="+923000000077")
    page = quick.browser("agent").get("/desk/").text
    assert "8 Dec, ours" in page
    assert 'class="law  soft"' in page
    assert "our own date Tue 8 Dec" in page


def test_the_laws_date_is_a_full_bar(quick: House) -> None:
    quick.ask("everything", country="DE", value="+4915100000002")
    page = quick.browser("agent").get("/desk/").text
    assert 'class="law "' in page
    assert ", ours" not in page


def test_the_whatsapp_window_is_told(quick: House) -> None:
    quick.ask("everything", ago=timedelta(hours=3))
    quick.ask("everything", ago=timedelta(days=2), value="+254700000001")
    page = quick.browser("agent").get("/desk/").text
    assert "21 h 0 min" in page
    assert "shut <small>since Mon 23 Nov</small>" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("whose=mine", {"c"}),
        ("whose=nobody", {"a", "b"}),
        ("right=deletion", {"b"}),
        ("country=DE", {"b"}),
        ("channel=mail", {"b"}),
        ("channel=whatsapp&whose=nobody", {"a"}),
        ("right=complaint", set()),
        ("", {"a", "b", "c"}),
    ],
)
def test_filters_narrow_the_queue(quick: House, query: str, shown: set[str]) -> None:
    a = quick.ask("everything")
    b = quick.ask("delete", right="deletion", country="DE", kind="email", value="x@example.de")
    c = quick.ask("everything", value="+254700000009")
    browser = quick.browser("agent")
    browser.post(f"/desk/tickets/{c.reference}/claim", data={"token": token(browser.get("/desk/").text)})
    page = browser.get(f"/desk/?{query}").text
    assert {name for name, one in (("a", a), ("b", b), ("c", c)) if one.reference in page} == shown


def test_a_filter_that_means_nothing_is_no_page(quick: House) -> None:
    browser = quick.browser("agent")
    for query in ("whose=all", "right=x", "country=';--", "channel=fax"):
        assert browser.get(f"/desk/?{query}").status_code == 404


def test_all_tickets_come_in_pages_each_once(house: House) -> None:
    made = {house.ask("all", value=f"+2547000{n:05d}", ago=timedelta(hours=n)).reference for n in range(55)}
    browser = house.browser("agent")
    seen: list[str] = []
    path = "/desk/tickets"
    for _ in range(4):
        page = browser.get(path).text
        seen += re.findall(r'<a href="/desk/tickets/(PR-\w+)">', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if not following:
            break
        path = following[1].replace("&amp;", "&")
    assert len(seen) == 55
    assert set(seen) == made


def test_all_tickets_keep_closed_ones_and_today_does_not(house: House) -> None:
    done = house.ask("stop", right="opt_out", state="fulfilled")
    browser = house.browser("agent")
    assert done.reference not in browser.get("/desk/").text
    assert done.reference in browser.get("/desk/tickets").text
    assert done.reference in browser.get("/desk/tickets?state=fulfilled").text
    assert done.reference not in browser.get("/desk/tickets?state=open").text


def test_search_finds_a_reference_however_it_is_typed(house: House) -> None:
    one = house.ask("everything")
    browser = house.browser("agent")
    form = {"token": token(browser.get("/desk/").text)}
    for typed in (one.reference, one.reference.lower(), one.reference.removeprefix("PR-"), f" {one.reference} "):
        found = browser.post("/desk/find", data=form | {"q": typed})
        assert found.headers["location"] == f"/desk/tickets/{one.reference}"


def test_search_finds_whole_addresses_alone(house: House) -> None:
    mailed = house.ask("everything", kind="email", value="Wanjiku@Example.ke")
    written = house.ask("everything", value="+254700000418")
    browser = house.browser("agent")
    form = {"token": token(browser.get("/desk/").text)}
    for typed, one in (("wanjiku@example.KE", mailed), ("+254 700 000 418", written), ("254700000418", written)):
        found = browser.post("/desk/find", data=form | {"q": typed})
        assert found.headers.get("location") == f"/desk/tickets/{one.reference}", typed
    for typed in ("wanjiku", "example.ke", "418", "", "%", "x" * 300):
        assert "No ticket fits." in browser.post("/desk/find", data=form | {"q": typed}).text, typed


def test_search_by_a_contact_on_file_finds_what_the_customer_asked_elsewhere(house: House) -> None:
    with house.store.write() as tx:
        contacts = (("whatsapp", "+254700000418"), ("email", "wk@example.ke"))
        customer = directory.load(tx, directory.Entry("C1", "W K", contacts), "csv")
    one = house.ask("everything", customer_id=customer)
    browser = house.browser("agent")
    form = {"token": token(browser.get("/desk/").text), "q": "wk@example.ke"}
    assert browser.post("/desk/find", data=form).headers["location"] == f"/desk/tickets/{one.reference}"


def test_what_did_not_arrive_is_listed_until_it_is_settled(house: House) -> None:
    one = house.ask("everything")
    with house.store.write() as tx:
        talk = conversations.get(tx, one.conversation_id or "")
        assert talk is not None
        to = addresses.get(tx, talk.address_id)
        message = outbox.put(tx, talk.id, to, Letter("We found three records."), written_by="bot")
        outbox.failed(tx, message, "63016")
    browser = house.browser("agent")
    page = browser.get("/desk/").text
    assert "63016" in group(page, "failed")
    assert one.reference in group(page, "failed")
    settled = browser.post(f"/desk/messages/{message}/settle", data={"token": token(page)})
    assert settled.status_code == 303
    assert group(browser.get("/desk/").text, "failed") == ""


def test_who_wants_a_person_is_listed_and_can_be_answered_and_handed_back(house: House) -> None:
    with house.store.write() as tx:
        writer = addresses.meet(tx, "whatsapp", "+2348030000555")
        talk = conversations.start(tx, "whatsapp", writer.id, "en")
        inbox.keep(tx, talk.id, kind="message", text="a human please", more={}, dedup="1")
        conversations.give_to_staff(tx, talk.id, "human", "bot")
    browser = house.browser("agent")
    listed = group(browser.get("/desk/").text, "person")
    assert f"/desk/talks/{talk.id}" in listed
    page = browser.get(f"/desk/talks/{talk.id}").text
    assert "a human please" in page
    form = {"token": token(page), "text": "Here is one.", "said": hidden(page, "said")}
    assert browser.post(f"/desk/talks/{talk.id}/answer", data=form).status_code == 303
    assert browser.post(f"/desk/talks/{talk.id}/answer", data=form).status_code == 409
    assert "Here is one." in browser.get(f"/desk/talks/{talk.id}").text
    assert browser.post(f"/desk/talks/{talk.id}/hand-back", data=form).status_code == 303
    assert group(browser.get("/desk/").text, "person") == ""


def test_an_unreadable_mail_is_shown_as_plain_text_and_settled(house: House) -> None:
    raw = b"From: x@example.com\r\nSubject: hi\r\nX-Bad: <script>alert(1)</script>\r\n\r\n\x00\xff<b>bold</b>"
    with house.store.write() as tx:
        queue.accept(tx, inbox.NOBODY, "mime:1", raw)
        inbox.set_aside(tx, "mail", "mime:1", "broken_mime")
    browser = house.browser("agent")
    listed = group(browser.get("/desk/").text, "aside")
    path = re.search(r"/desk/aside/[0-9a-f]{24}", listed)
    assert path
    page = browser.get(path[0]).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert f"{len(raw)} bytes" in page
    assert browser.post(f"{path[0]}/settle", data={"token": token(page)}).status_code == 303
    assert browser.get(path[0]).status_code == 404
    assert group(browser.get("/desk/").text, "aside") == ""


def test_the_desk_speaks_japanese_where_it_is_chosen_or_asked_for(quick: House) -> None:
    quick.ask("everything", ago=timedelta(days=9))
    browser = quick.browser("agent")
    assert "期限切れ" in browser.get("/desk/", headers={"accept-language": "ja,en;q=0.5"}).text
    browser.get("/desk/language/ja")
    page = browser.get("/desk/").text
    assert '<html lang="ja">' in page
    assert "期限切れが1件" in re.sub(r"<[^>]+>", "", page)
    assert browser.get("/desk/language/xx").status_code == 404
