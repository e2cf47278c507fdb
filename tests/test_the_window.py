"""WhatsApp's 24-hour window: an answer that comes too late for free words waits behind a notice, and is not lost."""

from __future__ import annotations

from tests.test_the_whole_way import ASHA, sign_in_at_the_api
from tests.town import Town, town

__all__ = ["town"]

ANSWER = "We have corrected your address."


def reply(town: Town, reference: str, text: str) -> None:
    """Staff answer through the API, and what is due goes out."""
    with town.browser() as web:
        login = sign_in_at_the_api(web, "yuki@desk.example")
        answer = web.post(f"/api/v1/tickets/{reference}/reply", json={"text": text}, headers=login)
        assert answer.status_code == 200, answer.text
    town.settle()


def asked(town: Town) -> str:
    """Somebody complained; the reference of it."""
    town.hire()
    town.write(ASHA, "I want to complain, your agent shared my number in a group")
    town.tap(ASHA, "Skip")
    return town.tickets()[0].reference


def test_inside_the_window_an_answer_goes_out_as_it_is(town: Town) -> None:
    reference = asked(town)
    town.clock.forward(hours=23)
    reply(town, reference, ANSWER)
    assert town.inbox(ASHA.number)[-1].text == ANSWER


def test_outside_the_window_a_notice_goes_out_and_the_answer_at_the_tap_on_it(town: Town) -> None:
    reference = asked(town)
    before = len(town.inbox(ASHA.number))
    town.clock.forward(hours=30)
    reply(town, reference, ANSWER)
    reply(town, reference, "And your name.")
    (notice,) = town.inbox(ASHA.number)[before:]
    assert notice.text == f"There is news on your privacy request {reference}. Tap the button to read it here."
    town.write(ASHA, "Read it", ButtonPayload="btn:read_it", ButtonText="Read it")
    assert [one.text for one in town.inbox(ASHA.number)[before + 1 :]] == [ANSWER, "And your name."]


def test_any_message_of_the_customer_lets_the_answer_go_first(town: Town) -> None:
    reference = asked(town)
    town.clock.forward(days=2)
    reply(town, reference, ANSWER)
    before = len(town.inbox(ASHA.number))
    town.write(ASHA, "any news?")
    released, status = (one.text for one in town.inbox(ASHA.number)[before:])
    assert released == ANSWER
    assert status.startswith(f"{reference}: ")


def test_a_long_answer_leaves_in_pieces_that_whatsapp_takes(town: Town) -> None:
    reference = asked(town)
    before = len(town.inbox(ASHA.number))
    text = " ".join(f"This is sentence number {number} of a long answer." for number in range(100))
    reply(town, reference, text)
    parts = [one.text for one in town.inbox(ASHA.number)[before:]]
    assert all(len(part) <= 1500 for part in parts)
    assert " ".join(parts) == text
