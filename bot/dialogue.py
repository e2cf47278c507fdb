"""The dialogue as a table: from what was heard and what is open to the names of actions, with no side effects.

The rules are read from top to bottom; each that applies adds its action. Those marked `alone` apply only where nothing
above has found anything in the message. The open question is asked again, or the next one, by the last action.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.answers import Answer

RIGHTS = frozenset({"access", "correction", "deletion", "restriction", "objection", "disclosure", "complaint"})
FREE_TEXT = frozenset({"complaint_text", "objection_reason", "objection_use", "correction_value", "country", "reading"})
CODE_ANSWERS = frozenset({"code", "two", "resend"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What the table looks at: one message and the state of the talk, as plain values."""

    labels: frozenset[str]
    sure: bool
    between: tuple[str, ...]
    social: str
    keyword: str
    stray_code: bool
    not_me: bool
    quiet: bool  # the tap that only asks for what was held back
    media: str  # the kind of a message that is nothing but media: image, audio, application …
    question: str  # the name of the open question, or ""
    answer: Answer
    with_staff: bool
    over_budget: bool
    another_stop: bool = False  # an address alone, right after marketing was stopped for this one

    @property
    def free(self) -> bool:
        """Whether the message's labels count: an answer in free words is no new request."""
        return not self.answer or (self.sure and self.question not in FREE_TEXT and self.answer.kind != "affirm")

    @property
    def rights(self) -> frozenset[str]:
        """The rights surely asked for, other than a stop to marketing."""
        return self.labels & RIGHTS if self.free and not self._torn else frozenset()

    @property
    def wants(self) -> frozenset[str]:
        """Everything else surely asked for."""
        return self.labels - RIGHTS if self.free and not self._torn else frozenset()

    @property
    def _torn(self) -> bool:
        return not self.sure or bool(self.social)

    @property
    def stops(self) -> bool:
        """Whether marketing has to stop now: said plainly, or one of two readings (it does no harm)."""
        if self.question == "objection_use" and self.answer.value == "marketing":
            return False  # the answer itself does it, once
        said = "opt_out" in self.labels | set(self.between) and (self.sure or bool(self.between))
        return said or (self.another_stop and not self.answer)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    action: str
    applies: Callable[[Seen], bool]
    alone: bool = False


RULES = (
    Rule("not_me", lambda seen: seen.not_me),
    Rule("opt_out", lambda seen: seen.stops),
    Rule("answer", lambda seen: bool(seen.answer) and not seen.not_me),
    Rule("file", lambda seen: bool(seen.rights)),
    Rule("withdraw", lambda seen: "withdraw" in seen.wants),
    Rule("status", lambda seen: "status" in seen.wants),
    Rule("policy", lambda seen: "question" in seen.wants),
    Rule("human", lambda seen: "human" in seen.wants),
    Rule("clarify", lambda seen: bool(seen.between) and not seen.sure and not seen.answer),
    Rule("media", lambda seen: bool(seen.media), alone=True),
    Rule("opt_in", lambda seen: seen.keyword == "start", alone=True),
    Rule("thanks", lambda seen: seen.social == "thanks", alone=True),
    Rule("greet", lambda seen: bool(seen.social or seen.keyword), alone=True),
    Rule("stray_code", lambda seen: seen.stray_code, alone=True),
    Rule("business", lambda seen: seen.sure and seen.labels == {"out_of_scope"}, alone=True),
    Rule("unclear", lambda seen: True, alone=True),
)


def plan(seen: Seen) -> tuple[str, ...]:
    """The actions of one turn, in order; the last one asks what is open, unless a person takes over."""
    found = [rule.action for rule in RULES if not rule.alone and rule.applies(seen)]
    if not found:
        found = [next(rule.action for rule in RULES if rule.alone and rule.applies(seen))]
    if seen.quiet:
        found = []
    elif seen.over_budget:
        found = [action for action in found if action == "opt_out"]
    elif seen.with_staff:
        # A person answers here: the bot keeps to what may not wait, and to the codes it asked for.
        found = [action for action in found if action in ("not_me", "opt_out") or _is_code(action, seen)]
    elif "human" not in found:
        found.append("ask")
    return tuple(f"answer_{seen.question}" if action == "answer" else action for action in found)


def _is_code(action: str, seen: Seen) -> bool:
    return action == "answer" and seen.question == "code" and seen.answer.kind in CODE_ANSWERS
