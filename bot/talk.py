"""Where a talk stands: the questions still open and what the bot must remember. It travels as a Rasa tracker's slots.

One question is asked at a time, in the order of `ORDER`; the others wait behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

ORDER = (
    "withdraw_pick",
    "withdraw_confirm",
    "policy_person",
    "reading",
    "complaint_text",
    "correction_field",
    "correction_value",
    "correction_confirm",
    "deletion_confirm",
    "objection_use",
    "objection_reason",
    "contact",
    "code",
    "access_choice",
    "second_contact",
    "country",
)
SHARED = ("contact", "code", "second_contact", "country")  # asked once for all tickets that need it


@dataclass(slots=True)
class Question:
    """An open question, the tickets it is asked for, and what it needs to be asked again."""

    name: str
    tickets: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Talk:
    """The bot's memory of one conversation."""

    questions: list[Question] = field(default_factory=list)
    announce: list[str] = field(default_factory=list)  # tickets proved, of which the person was not told yet
    offered: list[list[str]] = field(default_factory=list)  # [id, title] of the last buttons: people type them too
    digressions: int = 0
    unclear: int = 0
    introduced_at: str = ""  # ISO 8601: when the bot last said that it is one
    pointed_at: str = ""  # ISO 8601: when it last pointed to sales
    country: str = ""  # a code, "asked" or "skipped"
    stopped: bool = False  # marketing was stopped by the last message: "another address too, write it here"

    @classmethod
    def of(cls, slots: Mapping[str, Any]) -> Talk:
        """The talk behind a tracker's slots; slots of another version are dropped."""
        values = {name: slots[name] for name in SLOTS if slots.get(name) is not None}
        values["questions"] = [Question(**question) for question in values.get("questions", [])]
        return cls(**values)

    def slots(self) -> dict[str, Any]:
        """The talk as slots: JSON values only."""
        questions = [{"name": q.name, "tickets": list(q.tickets), "data": dict(q.data)} for q in self.questions]
        rest = {name: getattr(self, name) for name in SLOTS}
        return rest | {"questions": questions, "announce": list(self.announce), "offered": list(self.offered)}

    @property
    def front(self) -> Question | None:
        """The question that is being asked."""
        return min(self.questions, key=lambda question: ORDER.index(question.name), default=None)

    def ask(self, name: str, *tickets: str, **data: Any) -> None:
        """Put a question into the queue. A shared one takes further tickets in instead of being asked twice."""
        for question in self.questions:
            if question.name == name and (name in SHARED or question.tickets == list(tickets)):
                question.tickets += [one for one in tickets if one not in question.tickets]
                question.data |= data
                return
        self.questions.append(Question(name, list(tickets), data))

    def drop(self, *names: str) -> None:
        """These questions are no longer asked."""
        self.questions = [question for question in self.questions if question.name not in names]

    def forget(self, tickets: Iterable[str]) -> None:
        """These tickets are over: nothing is asked for them any more."""
        gone = set(tickets)
        kept = []
        for question in self.questions:
            left = [one for one in question.tickets if one not in gone]
            if left or not question.tickets:
                kept.append(Question(question.name, left, question.data))
        self.questions = kept
        self.announce = [one for one in self.announce if one not in gone]


SLOTS = tuple(one.name for one in fields(Talk))
