"""What the bot hears: one message in the bot's own words, whatever channel it came by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heard:
    """One inbound message. `text` is what to understand, `full_text` all that was written (a mail with its quotes)."""

    channel: str  # whatsapp | mail
    kind: str  # message | autoreply | bounce
    address_kind: str
    address: str
    also: tuple[tuple[str, str], ...] = ()  # other addresses of the sender (a user id beside a number)
    text: str = ""
    full_text: str = ""
    choice: str = ""  # the id of a tapped button or list row
    subject: str = ""
    answers: tuple[str, ...] = ()  # ids of our own messages it replies to, newest first
    message_id: str = ""
    references: tuple[str, ...] = ()
    media: tuple[str, ...] = ()  # content types
    bounced: str = ""  # our message that a bounce speaks of
