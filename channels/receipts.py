"""Delivery receipts of Twilio: how far each status is along the way."""

from __future__ import annotations

# Callbacks come late, twice and in any order, so a message only ever moves to a higher rank. "failed" stands between
# "sent" and "delivered": it is final unless the message is seen to have arrived after all.
RANKS = {
    "accepted": 0,
    "scheduled": 0,
    "queued": 10,
    "sending": 20,
    "sent": 30,
    "failed": 35,
    "undelivered": 35,
    "canceled": 35,
    "delivered": 40,
    "read": 50,
}
