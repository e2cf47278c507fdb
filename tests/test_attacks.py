"""Attacks on the proof of identity, through the real doors: each was tried on this house and once went through."""

from __future__ import annotations

from tests.town import Customer, Town, town

__all__ = ["town"]

OWNER = Customer("+447700900111", "owner@example.com", "Owner")
THIEF = Customer("+447700900666", "thief@example.net", "Thief")
ASK = "Hello, can I get everything you have stored about me"


def states(town: Town) -> list[tuple[str, str, int]]:
    return [(one.right, one.state, one.level) for one in town.tickets()]


def test_not_me_on_whatsapp_voids_the_code_that_came_there(town: Town) -> None:
    town.put_on_file(OWNER.number, OWNER.mailbox)
    town.write(THIEF, ASK)
    town.write(THIEF, OWNER.number)
    code = town.inbox(OWNER.number)[-1].code
    town.write(OWNER, "NOT ME")
    assert "That code no longer works" in town.inbox(OWNER.number)[-1].text
    town.write(THIEF, code)
    assert "That did not work" in town.inbox(THIEF.number)[-1].text
    assert states(town) == [("access", "verifying", 1)]


def test_not_me_where_no_code_came_claims_nothing(town: Town) -> None:
    town.write(OWNER, "NOT ME")
    assert "No code is awaited here" in town.inbox(OWNER.number)[-1].text


def test_not_me_after_the_code_was_used_takes_the_proof_back(town: Town) -> None:
    town.put_on_file(OWNER.number, OWNER.mailbox)
    town.write(THIEF, "who did you give my details to??")
    town.write(THIEF, OWNER.mailbox)
    mail = town.inbox(OWNER.mailbox)[-1]
    town.write(THIEF, mail.code)
    assert states(town) == [("disclosure", "open", 2)]
    town.mail(OWNER, "NOT ME", reply_to=mail)
    assert states(town) == [("disclosure", "verifying", 1)]
    assert town.tickets()[0].escalated
    town.write(THIEF, "correct my address, new: 1 Thief Street, London")
    assert states(town)[1] == ("correction", "verifying", 1)


def test_forged_mails_do_not_use_up_the_owners_codes(town: Town) -> None:
    town.put_on_file(OWNER.number, OWNER.mailbox)
    for number in range(4):
        town.mail(OWNER, "please send me all my data", subject=f"data {number}")
    town.write(OWNER, "please send me all my data")
    before = len(town.inbox(OWNER.mailbox))
    town.write(OWNER, OWNER.mailbox)
    assert len(town.inbox(OWNER.mailbox)) == before + 1
    town.write(OWNER, town.inbox(OWNER.mailbox)[-1].code)
    assert [state for right, state, _ in states(town) if right == "access"][-1] == "open"


def test_many_mails_that_do_not_thread_open_one_ticket_and_end_in_silence(town: Town) -> None:
    for number in range(15):
        town.mail(OWNER, "please send me all my data", subject=f"again {number}")
    assert len(town.tickets()) == 1
    answers = [one for one in town.inbox(OWNER.mailbox) if "One-time code" not in one.subject]
    assert len(answers) == 10


def test_a_look_alike_sender_does_not_become_the_mailbox_it_looks_like(town: Town) -> None:
    mike = Customer("+447700900112", "mike@example.com", "Mike")
    town.put_on_file(mike.number, mike.mailbox)
    town.mail(Customer("", "mi\N{KELVIN SIGN}e@example.com", "Mike"), "please send me all my data")
    town.write(mike, ASK)
    town.write(mike, mike.mailbox)
    assert len(town.inbox(mike.mailbox)) == 1


def test_a_proof_of_last_week_opens_nothing_new(town: Town) -> None:
    town.put_on_file(OWNER.number, OWNER.mailbox)
    town.write(OWNER, ASK)
    town.write(OWNER, OWNER.mailbox)
    town.write(OWNER, town.inbox(OWNER.mailbox)[-1].code)
    town.clock.forward(days=7)
    town.write(OWNER, "who did you give my details to??")
    assert states(town)[1] == ("disclosure", "verifying", 1)


def test_two_addresses_of_ones_own_are_no_two_contacts_on_file(town: Town) -> None:
    town.write(THIEF, ASK)
    for mailbox in ("thief@example.net", "thief.two@example.net"):
        town.write(THIEF, mailbox)
        town.write(THIEF, town.inbox(mailbox)[-1].code)
        town.write(THIEF, "full copy")
    assert states(town)[0][1:] == ("verifying", 2)
