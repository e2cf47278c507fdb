"""How an answer in free words, a number or a word of a title is matched with the choices that were offered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot import answers
from bot.answers import Answer, Reply, chosen
from bot.heard import Heard
from bot.talk import Question, Talk
from intents import Detail, Understanding
from intents.words import WordReader
from law.places import Places

WORDS, PLACES = WordReader(), Places.load()
MENU = [
    ["menu:access", "See my data"], ["menu:correction", "Correct my data"], ["menu:deletion", "Delete my data"],
    ["menu:human", "Talk to a person"],
]  # fmt: skip
CONFIRM = [["btn:go_on", "Go on"], ["btn:no_delete", "Do not delete"], ["btn:person", "A person"]]
READING = [["reading:deletion", "Delete my data"], ["reading:opt_out", "Stop marketing"], ["btn:person", "A person"]]


def heard(text: str, choice: str = "") -> Heard:
    return Heard("whatsapp", "message", "whatsapp", "+447700900101", text=text, choice=choice)


def said(text: str, **more: Any) -> Understanding:
    plain = Understanding(text, "en", 1.0, ("out_of_scope",), (), True)
    words = {"keyword": WORDS.keyword(text), "social": WORDS.social(text), "choice": WORDS.choice(text)}
    return replace(plain, **(words | more))


def choose(text: str, offered: list[list[str]], question: str = "", choice: str = "") -> str:
    questions = [Question(question)] if question else []
    return chosen(heard(text, choice), Talk(questions=questions, offered=offered), said(text))


@pytest.mark.parametrize(
    ("text", "offered", "choice"),
    [
        ("2", MENU, "menu:correction"),
        ("the third one", MENU, "menu:deletion"),
        ("第二", MENU, "menu:correction"),
        ("el segundo", MENU, "menu:correction"),
        ("last", MENU, "menu:deletion"),
        ("4", MENU, "menu:human"),
        ("5", MENU, ""),
        ("that one", READING, "reading:deletion"),
        ("それです", [["btn:summary", "Summary"], ["btn:person", "A person"]], "btn:summary"),
        ("option 2", CONFIRM, "btn:no_delete"),
        ("delete", READING, "reading:deletion"),
        ("Delete!", MENU, "menu:deletion"),
        ("marketing", READING, "reading:opt_out"),
        ("data", MENU, ""),
        ("person", MENU, ""),
        ("delete all of it please, every trace", MENU, ""),
        ("Delete my data", MENU, "menu:deletion"),
        ("2", [], ""),
    ],
)
def test_a_choice_is_named_by_its_place_or_by_a_word_of_its_own(
    text: str, offered: list[list[str]], choice: str
) -> None:
    assert choose(text, offered) == choice


def test_a_tap_is_what_it_is_whatever_was_typed() -> None:
    assert choose("2", MENU, choice="menu:access") == "menu:access"


@pytest.mark.parametrize("question", ["correction_value", "complaint_text", "country", "contact"])
def test_where_any_words_may_be_the_answer_a_number_is_no_choice(question: str) -> None:
    assert choose("2", CONFIRM, question) == ""


def answer(text: str, question: Question, **more: Any) -> Answer:
    return answers.read(Reply(heard(text), said(text, **more), "", PLACES, question))


def test_between_two_readings_the_word_for_one_of_them_is_the_answer() -> None:
    between = Question("reading", data={"between": ["deletion", "opt_out"]})
    assert answer("delete", between, labels=("deletion",)) == Answer("value", "deletion")
    assert answer("where is my car", between, labels=("out_of_scope",)) == answers.NONE
    assert answer("who has my data", between, labels=("disclosure",)) == answers.NONE


@pytest.mark.parametrize(
    ("detail", "text", "kind"),
    [
        (Detail("phone", None), "my phone number is wrong", "value"),
        (Detail("other", "A0238841"), "my passport is A0238841 now", "value"),
        (Detail("other", None), "passport number", "value"),
        (Detail("other", None), "I want to correct my data please", ""),
    ],
)
def test_a_correction_that_does_not_say_what_is_wrong_is_asked_again(detail: Detail, text: str, kind: str) -> None:
    found = answer(text, Question("correction_field"), labels=("correction",), details=(detail,))
    assert found.kind == kind


def test_the_place_somebody_lives_in_counts_before_others_they_name() -> None:
    found = answer("I was born in Peru and live in Kenya", Question("country"), residence="Kenya")
    assert (found.kind, found.value.country) == ("value", "KE")
