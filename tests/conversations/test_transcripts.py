"""The bot is held to the spec's conversations, word for word, over HTTP."""

from __future__ import annotations

import pytest

from tests.conversations.script import Stage, all_transcripts
from tests.town import Town, town

__all__ = ["town"]

TRANSCRIPTS = all_transcripts()


@pytest.mark.parametrize("number", sorted(TRANSCRIPTS))
def test_the_conversation_goes_as_written(town: Town, number: str) -> None:
    Stage(town, TRANSCRIPTS[number]).play()
