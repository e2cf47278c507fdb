"""The eight rights a person can use, and the order in which several of one message are filed."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Right(StrEnum):
    """What the law lets a person ask. Portability is `ACCESS` with `portable=True`."""

    ACCESS = "access"
    CORRECTION = "correction"
    DELETION = "deletion"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    OPT_OUT = "opt_out"
    DISCLOSURE = "disclosure"
    COMPLAINT = "complaint"


_ORDER = (
    Right.OPT_OUT,
    Right.RESTRICTION,
    Right.DELETION,
    Right.CORRECTION,
    Right.OBJECTION,
    Right.ACCESS,
    Right.DISCLOSURE,
    Right.COMPLAINT,
)


def order_in_message(rights: Iterable[str], leak: bool = False) -> list[Right]:
    """The rights of one message, each once, in the order they are filed. Raises `ValueError` for what is no right.

    An opt-out takes effect first. A complaint that reports a leak comes before everything else, any other complaint
    last.
    """
    wanted = set(map(Right, rights))
    ordered = [right for right in _ORDER if right in wanted]
    if leak and Right.COMPLAINT in wanted:
        ordered.remove(Right.COMPLAINT)
        ordered.insert(0, Right.COMPLAINT)
    return ordered


def figure_name(right: Right, portable: bool = False) -> str:
    """The name under which a law's figure for this right is written down: the right, or `portability`."""
    return "portability" if portable and right is Right.ACCESS else right.value
