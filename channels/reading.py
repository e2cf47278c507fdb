"""Mail files read for the command line, one plain dictionary each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from channels.base import Inbound
from channels.mime import MAX_BYTES

Read = Callable[[bytes], Inbound]


def read_mail_files(paths: Iterable[Path], read: Read) -> Iterator[dict[str, Any]]:
    """Each file in order, as the keys of `privacydesk read-mail`. `read` is `Reader().read` where no keys are set.

    A file that is missing or cannot be read is told as kind "unreadable" with an error; nothing is raised.
    """
    for path in paths:
        yield _told(path, _inbound(path, read))


def _inbound(path: Path, read: Read) -> Inbound:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Inbound("mail", "", kind="unreadable", error="not_found")
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return Inbound("mail", "", kind="unreadable", error="cannot_open")
    return read(raw)


def _told(path: Path, mail: Inbound) -> dict[str, Any]:
    return {
        "file": str(path),
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "from": mail.sender.value if mail.sender else "",
        "to": list(mail.to),
        "subject": mail.subject,
        "lang": "",
        "text": mail.full_text,
        "reply": mail.text,
        "attachments": [
            {"name": media.name, "content_type": media.content_type, "size": media.size} for media in mail.media
        ],
        "kind": mail.kind,
        "error": mail.error,
    }
