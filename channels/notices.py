"""Which mails are written by machines: never answered, so that two robots do not talk to each other for ever."""

from __future__ import annotations

import re
from collections.abc import Collection
from email.message import Message

from channels.base import Address, InboundKind
from channels.mime import clean, header, headers, plain_headers
from channels.threads import Threads

_ROBOTS = re.compile(r"(?:mailer-daemon|postmaster|no-?_?reply|do-?not-?reply|bounces?)(?:[+=.-].*)?", re.IGNORECASE)
_DAEMONS = re.compile(r"(?:mailer-daemon|postmaster)(?:\+.*)?", re.IGNORECASE)
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_AUTOMATIC = ("x-autoreply", "x-autorespond", "x-auto-reply-from")
_FAILED = re.compile(r"^Action:\s*failed\b", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"^Status:\s*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
LONGEST_NOTICE = 256 * 1024  # characters of a bounce in which our message is looked for


def kind_of(mail: Message, sender: Address | None, own: Collection[str], threads: Threads | None) -> InboundKind:
    """Kind "message" for what a person wrote, "autoreply" or "bounce" for the rest (RFC 3834, RFC 3464)."""
    if _is_report(mail):
        return "bounce"
    if sender and _DAEMONS.fullmatch(sender.value.rpartition("@")[0]):
        return "bounce"
    return "autoreply" if _automatic(mail, sender, own) or _ours(mail, sender, own, threads) else "message"


def _is_report(mail: Message) -> bool:
    kind = str(mail.get_param("report-type", "")).lower()
    return mail.get_content_type() == "multipart/report" and kind in ("delivery-status", "")


def _automatic(mail: Message, sender: Address | None, own: Collection[str]) -> bool:
    submitted = header(mail, "auto-submitted").partition(";")[0].strip().lower()
    suppress = header(mail, "x-auto-response-suppress").lower()
    return (
        submitted not in ("", "no")
        or mail.get_content_type() == "multipart/report"  # read receipts (RFC 8098)
        or any(value.replace(" ", "") == "<>" for value in plain_headers(mail, "return-path"))
        or any(word in suppress for word in ("all", "oof", "autoreply"))
        or any(headers(mail, name) for name in _AUTOMATIC)
        or bool(sender and _ROBOTS.fullmatch(sender.value.rpartition("@")[0]))
        or _bulk(mail, own)
    )


def _bulk(mail: Message, own: Collection[str]) -> bool:
    """Mail to a list; except where the list is our own mailbox, as with an address that is a group of the company's."""
    listed = header(mail, "list-id") + header(mail, "list-post")
    marked = bool(listed or headers(mail, "list-unsubscribe")) or header(mail, "precedence").lower() in _BULK
    ours = {address.lower() for address in own} | {address.lower().replace("@", ".") for address in own}
    return marked and not any(name in listed.lower() for name in ours if name)


def _ours(mail: Message, sender: Address | None, own: Collection[str], threads: Threads | None) -> bool:
    """Whether the mail is one we sent ourselves and have got back."""
    if sender and sender.value.lower() in {address.lower() for address in own}:
        return True
    if threads is None:
        return False
    marked = threads.loop_mark in headers(mail, "x-loop")
    return marked or bool(threads.ours(plain_headers(mail, "message-id")))


def bounced(mail: Message, threads: Threads | None) -> tuple[str, str]:
    """For a bounce: the id of our message that was not delivered, and the status (RFC 3463) as error.

    A notice of delay has the error "delayed" and no id, because the mail is still on its way.
    """
    report = "\n".join(_report_texts(mail))[:LONGEST_NOTICE]
    status = _STATUS.search(report)
    if "action:" in report.lower() and not _FAILED.search(report):
        return "", "delayed"
    ours = threads.found_in(report + "\n" + header(mail, "in-reply-to") + header(mail, "references")) if threads else ()
    return (ours[0] if ours else ""), (status[1] if status else "bounced")


def _report_texts(mail: Message) -> list[str]:
    """The text of every part, the headers of the returned mail included."""
    texts: list[str] = []
    for part in mail.walk():
        if part is not mail:
            texts.append("\n".join(f"{name}: {clean(value)}" for name, value in part.raw_items()))
        if not part.is_multipart():
            data = part.get_payload(decode=True)
            texts.append(data[:LONGEST_NOTICE].decode("latin-1") if isinstance(data, bytes) else "")
    return texts
