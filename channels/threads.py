"""Message ids of our own mails, which only we can make, so that a reply says for sure what it answers."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MESSAGE_ID = re.compile(r"<[^<>\s]{1,998}>")
_OUR_ID = re.compile(r"[A-Za-z0-9_~-]{1,64}")
_MADE = re.compile(r"<([A-Za-z0-9_~-]{1,64})\.([0-9a-f]{16})@[^<>\s@]{1,253}>")
MOST_REFERENCES = 10


@dataclass(frozen=True, slots=True)
class Threads:
    """Makes and proves `<{our id}.{16 hex of HMAC-SHA256}@{domain}>`. The id proves a thread, never a person."""

    secret: bytes = field(repr=False)
    domain: str

    def message_id(self, our_id: str) -> str:
        """The Message-ID of our message; the same for every try. Raises ValueError where the id fits no Message-ID."""
        if not _OUR_ID.fullmatch(our_id):
            raise ValueError("an id takes 1 to 64 letters, digits, hyphens, underscores or tildes")
        return f"<{our_id}.{self._seal(our_id)}@{self.domain}>"

    def ours(self, message_ids: Iterable[str]) -> tuple[str, ...]:
        """The ids of our own messages among `message_ids`, in their order, each once."""
        proved = (match[1] for text in message_ids if (match := _MADE.fullmatch(text)) and self._proves(match))
        return tuple(dict.fromkeys(proved))

    def found_in(self, text: str) -> tuple[str, ...]:
        """The ids of our own messages named anywhere in a text."""
        return self.ours(match[0] for match in _MADE.finditer(text))

    @property
    def loop_mark(self) -> str:
        """Value of our X-Loop header: a mail that carries it has been here before."""
        return self._seal("x-loop")

    def _seal(self, text: str) -> str:
        return hmac.new(self.secret, b"message-id\x00" + text.encode(), hashlib.sha256).hexdigest()[:16]

    def _proves(self, match: re.Match[str]) -> bool:
        return hmac.compare_digest(self._seal(match[1]), match[2])


def message_ids(header: str) -> tuple[str, ...]:
    """All well-formed message ids of a header, in order."""
    return tuple(MESSAGE_ID.findall(header))
