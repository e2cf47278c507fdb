"""The only bridge to rasa-sdk: runs named actions with their turn, in this process and this transaction.

The talk travels as the tracker's slots, texts come back as responses with their values, and what an action changed
comes back as SlotSet events, exactly as a Rasa server would see them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from rasa_sdk.executor import ActionExecutor

from bot.actions import ACTIONS
from bot.talk import Talk
from bot.turns import Turn
from bot.words import Line

ENGINE_EVENTS = ("slot", "followup")


def run(turn: Turn, talk: Talk, actions: Sequence[str]) -> tuple[Talk, list[Line]]:
    """Run the actions in order; what one leaves in the talk the next one finds. Returns the talk and what to say."""
    return asyncio.run(_run(turn, talk, list(actions)))


async def _run(turn: Turn, talk: Talk, names: list[str]) -> tuple[Talk, list[Line]]:
    executor = ActionExecutor()
    for action in ACTIONS:
        executor.register_action(action(turn))
    slots, lines = talk.slots(), []
    while names:
        call = {"next_action": f"action_{names.pop(0)}", "tracker": _tracker(turn, slots), "domain": {}}
        result = await executor.run(call)
        if result is None:
            raise LookupError("an action without a name")
        for event in result.events:
            if event["event"] == "slot":
                slots[event["name"]] = event["value"]
            elif event["event"] == "followup":
                names.insert(0, event["name"].removeprefix("action_"))
        lines += [_line(response) for response in result.responses]
    return Talk.of(slots), lines


def _tracker(turn: Turn, slots: dict[str, Any]) -> dict[str, Any]:
    said = turn.said
    intent = (
        {"name": said.labels[0], "confidence": said.readings[0].confidence if said.readings else 0.0} if said else {}
    )
    heard = {"text": turn.heard.text, "intent": intent, "entities": []}
    return {"sender_id": turn.conversation.id, "slots": slots, "latest_message": heard, "events": [], "active_loop": {}}


def _line(response: dict[str, Any]) -> Line:
    choices = tuple((button["payload"], button["title"]) for button in response["buttons"])
    return Line(response["response"], response["values"], choices)
