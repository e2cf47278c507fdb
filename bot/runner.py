"""The only bridge to rasa-sdk: runs named actions with their turn, in this process and this transaction.

The talk travels as the tracker's slots, texts come back as responses with their values, and what an action changed
comes back as SlotSet events, exactly as a Rasa server would see them.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from rasa_sdk.executor import ActionExecutor

from bot.actions import ACTIONS
from bot.talk import Talk
from bot.turns import Turn
from bot.words import Line

BY_NAME = {action.label: action for action in ACTIONS}
Result = TypeVar("Result")


def run(turn: Turn, talk: Talk, actions: Sequence[str]) -> tuple[Talk, list[Line]]:
    """Run the actions in order; what one leaves in the talk the next one finds. Returns the talk and what to say."""
    executor, slots, lines = ActionExecutor(), talk.slots(), list[Line]()
    for name in actions:
        # An executor of this turn's own: each action is given the turn, and only the turn's actions are known to it.
        executor.register_action(BY_NAME[name](turn))
        call = {"next_action": f"action_{name}", "tracker": _tracker(turn, slots), "domain": {}}
        result = _at_once(executor.run(call))
        if result is None:
            raise LookupError("an action without a name")
        slots |= {event["name"]: event["value"] for event in result.events if event["event"] == "slot"}
        lines += [_line(response) for response in result.responses]
    return Talk.of(slots), lines


def _at_once(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of a coroutine that never waits: rasa-sdk's executor is async, our actions are plain functions.

    An event loop for every turn would cost half a millisecond and give nothing.
    """
    try:
        work.send(None)
    except StopIteration as ended:
        result: Result = ended.value
        return result
    work.close()
    raise RuntimeError("an action waited inside a turn")


def _tracker(turn: Turn, slots: dict[str, Any]) -> dict[str, Any]:
    intent: dict[str, Any] = {"name": None, "confidence": 0.0}
    if turn.said and turn.said.readings:
        intent = {"name": turn.said.readings[0].name, "confidence": turn.said.readings[0].confidence}
    heard = {"text": turn.heard.text, "intent": intent, "entities": []}
    return {"sender_id": turn.conversation.id, "slots": slots, "latest_message": heard, "events": [], "active_loop": {}}


def _line(response: dict[str, Any]) -> Line:
    choices = tuple((button["payload"], button["title"]) for button in response["buttons"])
    return Line(response["response"], response["values"], choices)
