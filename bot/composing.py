"""Filled texts joined into messages: one chat message, cut where it grows too long, or one mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storage.pieces import CHAT_TEXT, pieces

# Twilio: a body of 1024 with quick replies or a list; 1600 without, kept to 1500. In the 24-hour window 3 buttons of
# 20 characters, or a list of 10 rows of 24.
BODY_WITH_CHOICES, BODY_ALONE = 1024, CHAT_TEXT
BUTTONS, BUTTON_TITLE, ROWS, ROW_TITLE = 3, 20, 10, 24

PERSON = "btn:person"


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be tapped. The id comes back from the provider: `btn:new_code`, `menu:access`, `refs:PR-...`."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Part:
    """One text, filled. `variables` are the values of its `template`, in order."""

    name: str
    body: str
    subject: str = ""
    choices: tuple[Choice, ...] = ()
    as_list: bool = False
    template: str = ""
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """One message ready for the outbox. `names` are the text ids in it, `language` the one it is really written in.

    `template` and `variables` are what may be sent in its place when WhatsApp's 24-hour window is closed.
    """

    text: str
    choices: tuple[Choice, ...]
    as_list: bool
    list_title: str
    subject: str
    names: tuple[str, ...]
    language: str
    template: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MailFrame:
    """What stands around every mail, filled; `subject` is used where no text brings its own."""

    marker: str
    footer: str
    subject: str


def last_offer(parts: Sequence[Part]) -> Part | None:
    """The last part with choices: its buttons are the ones shown."""
    return next((part for part in reversed(parts) if part.choices), None)


def chat(parts: Sequence[Part], *, language: str, list_title: str) -> Iterator[Said]:
    """The parts as one message, one line each; as several where that is too long, the choices under the last."""
    offer = last_offer(parts)
    template = next((part for part in parts if part.template), None)
    bodies = list(_bodies([part.body for part in parts], BODY_WITH_CHOICES if offer else BODY_ALONE))
    for number, body in enumerate(bodies, start=1):
        shown = offer if number == len(bodies) else None
        yield Said(
            text=body,
            choices=shown.choices if shown else (),
            as_list=shown.as_list if shown else False,
            list_title=list_title if shown and shown.as_list else "",
            subject="",
            names=tuple(part.name for part in parts),
            language=language,
            template=template.template if template else "",
            variables=template.variables if template else (),
        )


def mail(parts: Sequence[Part], *, language: str, frame: MailFrame, choices: Sequence[Choice], offer: str) -> Said:
    """The parts as paragraphs between marker and footer; `offer` is the sentence that names the choices."""
    paragraphs = (frame.marker, *(part.body for part in parts), offer, frame.footer)
    return Said(
        text="\n\n".join(paragraph for paragraph in paragraphs if paragraph),
        choices=tuple(choices),
        as_list=False,
        list_title="",
        subject=next((part.subject for part in parts if part.subject), frame.subject),
        names=tuple(part.name for part in parts),
        language=language,
        template="",
        variables=(),
    )


def _bodies(parts: Sequence[str], limit: int) -> Iterator[str]:
    """As many parts as fit into each message; a part that alone is too long is cut at its sentences."""
    held = ""
    for piece in (piece for part in parts for piece in pieces(part, limit)):
        joined = f"{held}\n{piece}" if held else piece
        if len(joined) > limit:
            yield held
            joined = piece
        held = joined
    if held:
        yield held
