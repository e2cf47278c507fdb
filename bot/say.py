"""What an action says: the name of a text and its values, handed to Rasa's dispatcher; `bot.words` has the words."""

from __future__ import annotations

from typing import Protocol


class Say(Protocol):
    """`say("ack_one", ref=…, date=…)`; `choices` are pairs of id and title that take the place of the text's own."""

    def __call__(self, name: str, /, *, choices: tuple[tuple[str, str], ...] = (), **values: str) -> None:
        """Say one text."""
