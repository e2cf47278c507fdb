"""What Twilio's error codes ask of us (twilio.com/docs/api/errors), also those that come later in a status callback."""

from __future__ import annotations

from channels.base import Remedy

_CODES: dict[Remedy, str] = {
    # Limits and passing trouble: rate, queue full, channel error, too many to one recipient, loop guard.
    "retry": "20429 20500 20503 63012 63017 63018 63023 14107 21611 30001",
    # Outside the 24 hours after the customer's last message only an approved template goes through.
    "template": "63016",
    # Unsubscribed, blocked, no such recipient, withheld by Meta, sandbox not joined.
    "stop": "21610 21211 21614 63003 63014 63015 63024 63032 63049",
    # Keys, sender, templates, account: nothing will go before a person has looked.
    "ours": "20003 21212 21606 63001 63005 63007 63010 63013 63019 63020 63021 63022 63025 63027 63028 63029 63030 "
    "30029 57012 11200 11205",
}
REMEDIES: dict[str, Remedy] = {code: remedy for remedy, codes in _CODES.items() for code in codes.split()}


def remedy(code: str) -> Remedy:
    """What to do about an error code. An unknown code is "ours": a person looks at it."""
    return REMEDIES.get(code, "ours")
