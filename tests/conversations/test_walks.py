"""Long talks made by chance: no turn fails, nothing is said twice in one message, and every tap gets an answer."""

from __future__ import annotations

import random

import pytest

from storage import conversations
from tests.conversations.script import CODES
from tests.town import Customer, Town, town

__all__ = ["town"]

WHO, MAILBOX, NUMBER = Customer(), "kim@example.com", "+447700900145"
TURNS = 22
SAID = (
    "delete all my data", "please send me the data you keep on me", "I object to you using my information",
    "who did you give my details to??", "I want to complain, your agent shared my number in a group", "Freeze my info",
    "my email changed, new one is jo.new@example.com", "I want to change my data", "STOP", "any news?",
    "why is it taking so long", "forget my request", "all", "do you sell my data?", "hello", "yes", "no", "skip",
    "who is your data protection officer?", "Kenya", MAILBOX, "+44 7700 900145", "nobody@example.com", "111111",
    "new code", "another contact", "cancel", "thanks", "do not delete", "only the marketing", "both", "full copy",
    "summary", "marketing", "website analytics", "START", "remove my number", "withdraw", "not me", "later",
    "the thing", "I withdraw my consent", "no other contact", "111111 or 222222", "the newest code",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_a_talk_by_chance_never_fails_repeats_itself_or_leaves_a_tap_without_answer(town: Town, seed: int) -> None:
    town.put_on_file(MAILBOX, NUMBER)
    chance, history = random.Random(seed), []
    for _ in range(TURNS):
        before = len(town.inbox(WHO.number))
        town.clock.forward(seconds=chance.choice((5, 70)))
        said, tapped = something(town, chance)
        town.tap(WHO, said) if tapped else town.write(WHO, said)
        fresh = town.inbox(WHO.number)[before:]
        history.append((said, [town.names(one) for one in fresh]))
        assert {status for status, _ in town.items("in")} == {"done"}, history[-3:]
        for one in fresh:
            lines = [line for line in one.text.splitlines() if line]
            assert len(lines) == len(set(lines)), history[-3:]
        assert fresh or not tapped, history[-3:]
        if with_staff(town):
            return


def something(town: Town, chance: random.Random) -> tuple[str, bool]:
    """What comes next, and whether it is a tap on the newest message."""
    offered = [pair for one in town.inbox(WHO.number)[-1:] for pair in one.choices]
    titles = [title for choice, title in offered if choice not in ("btn:person", "menu:human")]
    if titles and chance.random() < 0.5:
        return chance.choice(titles), True
    codes = [one for where in (NUMBER, MAILBOX) for one in town.inbox(where) if town.names(one) in CODES]
    said = chance.choice(SAID)
    return (max(codes, key=lambda one: one.id).code if codes and said == "the newest code" else said), False


def with_staff(town: Town) -> bool:
    """Whether a person answers from here, so that the bot is silent."""
    with town.store.read() as tx:
        found = conversations.get(tx, town.talk(WHO.number)[0].conversation_id)
    return bool(found and found.staff_since)
