"""Whether a message answers the open question, and how: one small reader per question, in a table.

A button tap, the button's title typed by hand and the same in the person's own words are one answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.heard import Heard
from bot.talk import Question, Talk
from intents.understanding import Understanding
from law.places import Places

ONLY = re.compile(r"\b(?:only|just)\b", re.IGNORECASE)
AFFIRM = {"yes", "yes_correct", "go_on", "send_them", "end_it", "look_again"}
DENY = {"no", "change", "no_delete", "skip", "no_other", "keep_it", "new_request"}
FREE = frozenset({"correction_value", "complaint_text", "objection_reason", "contact", "second_contact", "country"})
PERSON = ("btn:person", "menu:human")
SHORTEST_WORD, MOST_WORDS = 4, 3  # letters and words of a typed part of a title
# What was probably meant as a contact though none can be read in it: digits, an at sign, a name, a word or three.
MEANT_AS_CONTACT = re.compile(r"\d{3}|@|\bname\b|^\W*\w+(?:\W+\w+){0,2}\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a message says to the open question. No kind: it is about something else, a digression.

    Kinds: `affirm`, `deny`, `value`, `unreadable`, and for codes `code`, `two`, `resend`, `other_contact`, `cancel`.
    """

    kind: str = ""
    value: Any = None

    def __bool__(self) -> bool:
        return bool(self.kind)


NONE = Answer()


@dataclass(frozen=True, slots=True)
class Reply:
    """What there is to read an answer from."""

    heard: Heard
    said: Understanding
    choice: str
    places: Places
    question: Question

    @property
    def elsewhere(self) -> bool:
        """Whether the message surely wants something of its own rather than to answer."""
        wants = self.said.sure and self.said.labels != ("out_of_scope",)
        return wants or self.said.social in ("greet", "thanks")


def chosen(heard: Heard, talk: Talk, said: Understanding | None = None) -> str:
    """The id of the button or row that was tapped, or whose title, place in the list or own word was typed."""
    if heard.choice:
        return heard.choice
    typed = _plain(heard.text)
    exact = next((choice for choice, title in talk.offered if _plain(title) == typed), "")
    if exact or said is None or said.keyword or _free(talk):
        return exact
    return _by_place(said.choice, talk) or _by_word(typed, talk)


def _free(talk: Talk) -> bool:
    """Whether the open question is answered in any words, so that a number or a word may be the answer itself."""
    return talk.front is not None and talk.front.name in FREE


def _by_place(place: int, talk: Talk) -> str:
    """The choice at that place, counted from 1 as they were shown; -1 is the last but for the button to a person."""
    shown = [choice for choice, _ in talk.offered]
    if place < 0:
        shown = [choice for choice in shown if choice not in PERSON]
    at = place - 1 if place > 0 else place
    return shown[at] if place and -len(shown) <= at < len(shown) else ""


def _by_word(typed: str, talk: Talk) -> str:
    """The only choice whose title holds these words, where several are offered: "delete" of "Delete my data"."""
    if len(typed) < SHORTEST_WORD or len(talk.offered) < 2 or len(typed.split()) > MOST_WORDS:
        return ""
    found = [choice for choice, title in talk.offered if f" {typed} " in f" {_plain(title)} "]
    return found[0] if len(found) == 1 and found[0] not in PERSON else ""


def read(reply: Reply) -> Answer:
    """The answer to `reply.question`, if the message is one."""
    prefix, _, value = reply.choice.partition(":")
    if reply.choice in BUTTONS:
        return BUTTONS[reply.choice]
    if prefix in ("uses", "fields", "refs", "reading") or (prefix == "menu" and reply.question.name == "reading"):
        return Answer("value", value)
    if prefix == "btn" and value in AFFIRM | DENY:
        return Answer("affirm" if value in AFFIRM else "deny")
    return NONE if prefix else READERS[reply.question.name](reply)


BUTTONS: Mapping[str, Answer] = {
    "btn:new_code": Answer("resend"),
    "btn:other_contact": Answer("other_contact"),
    "btn:summary": Answer("value", "summary"),
    "btn:full_copy": Answer("value", "full"),
}


def _yes_or_no(reply: Reply) -> Answer:
    if reply.said.keyword in ("yes", "no", "skip") or reply.said.social in ("affirm", "deny"):
        return Answer("affirm" if reply.said.keyword == "yes" or reply.said.social == "affirm" else "deny")
    return NONE


def _reading(reply: Reply) -> Answer:
    between = reply.question.data.get("between", ())
    if between and _plain(reply.heard.text) in ("both", "both of them"):
        return Answer("value", "both")
    if len(reply.said.labels) == 1 and reply.said.labels[0] in between and reply.said.sure:
        return Answer("value", reply.said.labels[0])
    return _yes_or_no(reply)


def _withdraw_pick(reply: Reply) -> Answer:
    if reply.said.references:
        return Answer("value", reply.said.references[0])
    if _plain(reply.heard.text) in ("all", "all of them", "both"):
        return Answer("value", "all")
    return Answer("deny") if _yes_or_no(reply).kind == "deny" else NONE


def _free_text(reply: Reply) -> Answer:
    answer = _yes_or_no(reply)
    if answer or reply.elsewhere:
        return answer if answer.kind == "deny" else NONE
    return Answer("value", reply.heard.text)


def _correction_field(reply: Reply) -> Answer:
    if reply.said.details and not _vague(reply):
        return Answer("value", reply.said.details[0].field)
    return _yes_or_no(reply)


def _vague(reply: Reply) -> bool:
    """Whether a whole sentence says that something is wrong and not what: the question again, not its answer."""
    first = reply.said.details[0]
    return first.field == "other" and not first.new_value and len(reply.heard.text.split()) > MOST_WORDS


def _correction_value(reply: Reply) -> Answer:
    answer = _yes_or_no(reply)
    if answer or (reply.elsewhere and reply.said.labels != ("correction",)):
        return answer
    details = reply.said.details
    return Answer("value", details[0].new_value if details and details[0].new_value else reply.heard.text)


def _correction_confirm(reply: Reply) -> Answer:
    details = reply.said.details
    if details and details[0].new_value:
        return Answer("value", details[0].new_value)
    return _yes_or_no(reply)


def _deletion_confirm(reply: Reply) -> Answer:
    """ "Only the marketing" stops that and ends the deletion."""
    if reply.said.labels == ("opt_out",) and reply.said.sure and ONLY.search(reply.heard.text):
        return Answer("deny")
    return _yes_or_no(reply)


def _objection_use(reply: Reply) -> Answer:
    use = next((name for name, word in USES.items() if word in reply.heard.text.casefold()), "")
    if use:
        return Answer("value", use)
    return _free_text(reply)


USES = {"marketing": "marketing", "analytics": "analytic", "improvement": "improve", "fraud": "fraud"}


def _contact(reply: Reply) -> Answer:
    if reply.said.contacts:
        return Answer("value", reply.said.contacts)
    if reply.said.code.act == "resend":
        return Answer("resend")
    answer = _yes_or_no(reply)
    if answer or reply.elsewhere:
        return answer
    meant = MEANT_AS_CONTACT.search(reply.heard.text) and not reply.said.keyword
    return Answer("unreadable") if meant else NONE


def _code(reply: Reply) -> Answer:
    if reply.said.code.act != "other":
        return Answer(reply.said.code.act, reply.said.code.code)
    if reply.said.contacts and not reply.elsewhere:
        return Answer("value", reply.said.contacts)
    return _yes_or_no(reply)


def _access_choice(reply: Reply) -> Answer:
    for sign in ("full", "summary"):
        if sign in reply.said.signs:
            return Answer("value", sign)
    return _yes_or_no(reply)


def _country(reply: Reply) -> Answer:
    answer = _yes_or_no(reply)
    if answer or reply.elsewhere:
        return answer
    place = reply.places.country_of(reply.said.residence) or reply.places.country_of(reply.heard.text)
    return Answer("value", place) if place and place.country else Answer("unreadable")


READERS: Mapping[str, Callable[[Reply], Answer]] = {
    "withdraw_pick": _withdraw_pick,
    "withdraw_confirm": _yes_or_no,
    "reading": _reading,
    "complaint_text": _free_text,
    "correction_field": _correction_field,
    "correction_value": _correction_value,
    "correction_confirm": _correction_confirm,
    "deletion_confirm": _deletion_confirm,
    "objection_use": _objection_use,
    "objection_reason": _free_text,
    "contact": _contact,
    "code": _code,
    "access_choice": _access_choice,
    "second_contact": _contact,
    "country": _country,
    "policy_person": _yes_or_no,
}


def _plain(text: str) -> str:
    return re.sub(r"[^\w]+", " ", text.casefold()).strip()
