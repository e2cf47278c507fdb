"""What the bot learns from one text: plain values, nothing that acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

CodeAct = Literal["code", "two", "resend", "other_contact", "cancel", "not_me", "other"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One label and how likely it is asked for, 0 to 1."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Detail:
    """What a correction is about: name, address, phone, email, company, consignee or other, and the new text as typed.

    `other` without a new text also stands for a correction that does not say what is wrong.
    """

    field: str
    new_value: str | None


@dataclass(frozen=True, slots=True)
class Contact:
    """An address typed in the text. Phones are +digits where the country is clear, else the bare digits."""

    kind: Literal["email", "phone"]
    value: str


@dataclass(frozen=True, slots=True)
class CodeReading:
    """What a text says while a one-time code is awaited; `code` is six ASCII digits for act "code", else empty."""

    act: CodeAct
    code: str = ""


@dataclass(frozen=True, slots=True)
class Understanding:
    """Everything read from one text. What is personal stays out of its `repr`, so that no traceback can show it."""

    text: str = field(repr=False)
    language: str
    language_score: float
    """0 to 1; 0 where the text was too short to tell and the conversation's language was kept."""
    labels: tuple[str, ...]
    """Labels of the outside contract, sorted, never empty; the best guess where `sure` is false."""
    readings: tuple[Reading, ...]
    """All labels from confidence 0.10, best first."""
    sure: bool
    between: tuple[str, ...] = ()
    """Two labels that are too close to choose; empty when sure."""
    social: str = ""
    """affirm, deny, greet or thanks where the whole message is only that."""
    keyword: str = ""
    """stop, start, person, withdraw, not_me, yes, no, skip, new_code or cancel where the whole message is that word."""
    topic: str = ""
    """What a question is about; empty where the policy has no answer to it."""
    choice: int = 0
    """Which of the choices offered the whole message names: 1 to 9, -1 for the last, 0 for none."""
    signs: frozenset[str] = frozenset()
    """Circumstances that change who handles it: leak, agent, deceased, minor, angry, consent, late_why, portable,
    full, summary, authority, third_party_id."""
    details: tuple[Detail, ...] = field(default=(), repr=False)
    contacts: tuple[Contact, ...] = field(default=(), repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)
    """PR-XXXXXXXXX as typed, normalised; the check character is not verified here."""
    code: CodeReading = field(default=CodeReading("other"), repr=False)
    residence: str = field(default="", repr=False)
    """Where they say they live, as typed; empty where they do not say."""

    def act(self, awaiting: str) -> str:
        """The contract's word for a text that comes while `awaiting` ("code"): code, resend, cancel or other."""
        if awaiting == "code" and self.code.act in ("code", "resend", "cancel"):
            return self.code.act
        return "other"
