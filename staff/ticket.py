"""One ticket's page and its forms; a talk without a ticket; a delivery that could not be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes
from email.policy import compat32
from typing import Annotated, Any

from fastapi import Form, Path
from fastapi.responses import JSONResponse, RedirectResponse, Response

from staff import door, dossier, evidence, work
from staff.door import Inside, Member, Working
from staff.guard import Missing
from staff.listing import Lister
from staff.lists import Id
from staff.wording import explain
from staff.work import GROUNDS, Seen
from storage import audit, board, conversations, queue, tickets
from storage.db import Tx
from storage.tickets import Ticket

FIRST_BYTES = 1024  # of a delivery that could not be read
HEADERS_SHOWN = 60

Reference = Annotated[str, Path(max_length=20)]
Text = Annotated[str, Form(max_length=work.LONGEST_TEXT * 2)]
State = Annotated[str, Form(max_length=20)]
Said = Annotated[int, Form(ge=0, le=10**9)]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a refused form held, so that nobody types it again, and why it was refused."""

    form: str = ""
    text: str = ""
    why: str = ""


def show(who: Inside, reference: Reference) -> Response:
    """A ticket, the name and contacts masked."""
    return _ticket(who, reference)


def unmask(who: Working, reference: Reference) -> Response:
    """The same page with name and contacts; each look is on record."""
    with who.room.desk.store.write() as tx:
        one = _find(tx, reference)
        audit.record(tx, one.subject, "ticket.unmasked", who.who.actor)
    return _ticket(who, reference, unmasked=True)


def claim(who: Working, reference: Reference) -> Response:
    """Take it, also from somebody else."""
    return _change(who, reference, lambda tx, one: work.claim(tx, one.id, who.who))


def release(who: Working, reference: Reference) -> Response:
    """Put it back."""
    return _change(who, reference, lambda tx, one: work.release(tx, one.id, who.who))


def answer(
    who: Working,
    reference: Reference,
    text: Text = "",
    state: State = "",
    said: Said = 0,
    ask_back: Annotated[bool, Form()] = False,
) -> Response:
    """Answer in the customer's own thread."""
    seen, kept = Seen(state, said), Kept("answer", text)
    return _change(
        who, reference, lambda tx, one: work.reply(tx, one.id, who.who, text, ask_back=ask_back, seen=seen), kept
    )


def note(who: Working, reference: Reference, text: Text = "") -> Response:
    """Keep an internal note."""
    return _change(who, reference, lambda tx, one: work.note(tx, one.id, who.who, text), Kept("note", text))


def close(
    who: Working,
    reference: Reference,
    as_: Annotated[str, Form(alias="as", max_length=20)] = "",
    ground: Annotated[str, Form(max_length=20)] = "",
    text: Text = "",
    state: State = "",
    said: Said = 0,
) -> Response:
    """Close as fulfilled, partly fulfilled or refused."""
    seen = Seen(state, said)

    def act(tx: Tx, one: Ticket) -> Ticket:
        if as_ == "refused":
            return work.refuse(tx, one.id, who.who, ground, text, seen=seen)
        return work.fulfil(tx, one.id, who.who, text, partly=as_ == "partly_fulfilled", seen=seen)

    return _change(who, reference, act, Kept("close", text))


def reopen(who: Working, reference: Reference) -> Response:
    """Look again."""
    return _change(who, reference, lambda tx, one: work.reopen(tx, one.id, who.who))


def extend(
    who: Working,
    reference: Reference,
    text: Text = "",
    due_on: Annotated[str, Form(max_length=10)] = "",
    state: State = "",
    said: Said = 0,
) -> Response:
    """Use the law's extension."""
    desk, seen = who.room.desk, Seen(state, said)
    try:
        named = date.fromisoformat(due_on) if due_on else None
    except ValueError:
        named = None
    return _change(
        who,
        reference,
        lambda tx, one: work.extend(tx, desk, one.id, who.who, text, due_on=named, seen=seen),
        Kept("extend", text),
    )


def hand_back(who: Working, reference: Reference) -> Response:
    """The bot answers again in this ticket's talk."""
    return _change(who, reference, lambda tx, one: work.hand_back(tx, one.conversation_id or "", who.who))


def show_evidence(who: Inside, reference: Reference) -> Response:
    """The evidence file: everything about one ticket, to keep or to hand to an authority."""
    with who.room.desk.store.write() as tx:
        one = _find(tx, reference)
        audit.record(tx, one.subject, "ticket.exported", who.who.actor)
        body = evidence.of_ticket(tx, one).model_dump(mode="json")
    name = f'attachment; filename="{one.reference}.json"'
    return JSONResponse(body, headers={"Content-Disposition": name})


def show_talk(who: Inside, talk: Id) -> Response:
    """A talk that opened no ticket."""
    return _talk(who, talk)


def answer_talk(who: Working, talk: Id, text: Text = "", said: Said = 0) -> Response:
    """Answer in a talk that opened no ticket."""
    return _change_talk(who, talk, lambda tx: work.say(tx, talk, who.who, text, said), Kept("answer", text))


def hand_back_talk(who: Working, talk: Id) -> Response:
    """The bot answers again in this talk."""
    return _change_talk(who, talk, lambda tx: work.hand_back(tx, talk, who.who))


def show_aside(who: Inside, aside: Id) -> Response:
    """A delivery that could not be read: its headers, its size and its first kilobyte, as plain text."""
    with who.room.desk.store.read() as tx:
        one = board.aside(tx, aside)
        if one is None:
            raise Missing
        raw = queue.body(tx, one.dedup)
    found = message_from_bytes(raw[:65536], policy=compat32)
    headers = [(name, str(value)[:500]) for name, value in found.items()[:HEADERS_SHOWN]]
    values: dict[str, Any] = {"one": one, "headers": headers, "size": len(raw), "at": who.room.desk.local(one.at)}
    body = raw[:FIRST_BYTES].decode("utf-8", "replace").replace("\0", "�")
    return who.room.pages.page("aside.html", here="", body=body, **values, **door.frame(who))


def _change(who: Member, reference: str, act: Callable[[Tx, Ticket], object], kept: Kept | None = None) -> Response:
    try:
        with who.room.desk.store.write() as tx:
            one = _find(tx, reference)
            act(tx, one)
    except work.Refused as why:
        text = explain(who.words, why.code, why.values)
        refused = Kept(kept.form, kept.text, text) if kept else Kept(why=text)
        return _ticket(who, reference, kept=refused, status=409)
    return RedirectResponse(f"/desk/tickets/{one.reference}", 303)


def _ticket(
    who: Member, reference: str, *, unmasked: bool = False, kept: Kept | None = None, status: int = 200
) -> Response:
    with who.room.desk.store.read() as tx:
        lister = Lister.of(tx, who.room.desk, who.words, who.may_change)
        file = dossier.dossier(lister, _find(tx, reference), unmasked)
        no = file.extension_no
        values = {"file": file, "unmasked": unmasked, "kept": kept or Kept(), "grounds": GROUNDS, "lister": lister}
        values |= {"extension_why": explain(who.words, no.code, no.values) if no else "", "least": dossier.ASK_BACK}
        return who.room.pages.page("ticket.html", status, here="", **values, **door.frame(who))


def _change_talk(who: Member, talk: str, act: Callable[[Tx], None], kept: Kept | None = None) -> Response:
    try:
        with who.room.desk.store.write() as tx:
            act(tx)
    except work.Refused as why:
        text = explain(who.words, why.code, why.values)
        return _talk(who, talk, kept=Kept("answer", kept.text if kept else "", text), status=409)
    return RedirectResponse(f"/desk/talks/{talk}", 303)


def _talk(who: Member, talk: str, *, kept: Kept | None = None, status: int = 200) -> Response:
    with who.room.desk.store.read() as tx:
        lister = Lister.of(tx, who.room.desk, who.words, who.may_change)
        found = conversations.get(tx, talk)
        if found is None:
            raise Missing
        values = {"file": dossier.talk(lister, found), "kept": kept or Kept(), "lister": lister}
        return who.room.pages.page("talk.html", status, here="", **values, **door.frame(who))


def _find(tx: Tx, reference: str) -> Ticket:
    one = tickets.by_reference(tx, reference)
    if one is None:
        raise Missing
    return one
