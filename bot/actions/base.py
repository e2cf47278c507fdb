"""What every action is: a rasa-sdk Action that was given its turn."""

from __future__ import annotations

from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.say import Say
from bot.talk import Talk
from bot.turns import Turn


class TurnAction(Action):
    """An action of ours. Subclasses give `label` and `act`; what that changes in the talk goes back as events."""

    label: ClassVar[str]

    def __init__(self, turn: Turn) -> None:
        self.turn = turn

    def name(self) -> str:
        """The name the dialogue calls it by."""
        return f"action_{self.label}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Called by rasa-sdk's executor."""
        talk = Talk.of(tracker.slots)
        self.act(_sayer(dispatcher), talk)
        return [SlotSet(name, value) for name, value in talk.slots().items() if tracker.slots.get(name) != value]

    def act(self, say: Say, talk: Talk) -> None:
        """Do the work: change the store through `self.turn`, say texts, change the talk."""
        raise NotImplementedError


def _sayer(dispatcher: CollectingDispatcher) -> Say:
    def say(name: str, /, *, choices: tuple[tuple[str, str], ...] = (), **values: str) -> None:
        buttons = [{"payload": payload, "title": title} for payload, title in choices]
        dispatcher.utter_message(response=name, values=values, buttons=buttons)

    return say
