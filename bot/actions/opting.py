"""Marketing: stopped at once, for every address written or named, with no proof."""

from __future__ import annotations

from bot import filing
from bot.actions.base import TurnAction
from bot.proof import kind_of, own
from bot.say import Say
from bot.talk import Talk
from storage import optouts


class OptOut(TurnAction):
    """Stop marketing to the writer's address and to the addresses named in the message."""

    label = "opt_out"

    def act(self, say: Say, talk: Talk) -> None:
        """Say the same words whether it was stopped before or not; a ticket is filed the first time only."""
        turn = self.turn
        named = [c for c in turn.said.contacts if not own(turn, c)] if turn.said else []
        # A contact in a correction is a new value, not another address to stop.
        named = [] if turn.said and "correction" in turn.said.labels else named
        addresses = [(turn.asker.kind, turn.asker.value), *turn.heard.also, *((kind_of(c), c.value) for c in named)]
        added = [optouts.add(turn.tx, kind, value, "customer") for kind, value in addresses]
        if any(added):
            filing.file_optout(turn)
        talk.stopped = True
        say("optout_done")
        for contact in named:
            say("optout_named", address=contact.value)
        waiting = turn.waiting_tickets()
        if waiting and turn.said and turn.said.labels == ("opt_out",):
            say("optout_keeps", ref=waiting[0].reference)


class OptIn(TurnAction):
    """START: how to get marketing again. A consent needs more than one word, so nothing changes yet."""

    label = "opt_in"

    def act(self, say: Say, talk: Talk) -> None:
        """Hand it to staff: they add the address again with the person's own words as the consent."""
        talk.ask("policy_person")
