"""Trouble on purpose: what can go wrong between customers, providers and us, once and when asked for."""

from __future__ import annotations

from enum import StrEnum


class Trouble(StrEnum):
    """Each kind happens to the next message that it fits, and then no more."""

    NONE = "none"
    TWICE = "twice"
    FORGED = "forged"
    REFUSED_ONCE = "refused_once"
    REFUSED = "refused"
    NO_RECEIPT = "no_receipt"


LABELS = {
    Trouble.NONE: "Make trouble: none",
    Trouble.TWICE: "Deliver the next message twice",
    Trouble.FORGED: "Forge the next signature",
    Trouble.REFUSED_ONCE: "Refuse the next answer once",
    Trouble.REFUSED: "Refuse the next answer for good",
    Trouble.NO_RECEIPT: "Lose the next receipt",
}


class Troubles:
    """The one trouble that waits for its message."""

    def __init__(self) -> None:
        self.waiting = Trouble.NONE

    def take(self, kind: Trouble) -> bool:
        """Whether this kind is due now; it is not due a second time."""
        if self.waiting is not kind:
            return False
        self.waiting = Trouble.NONE
        return True
