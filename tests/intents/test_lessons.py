"""What the classifier learns from a phrase: the whole of a short one, the clauses of a marked one."""

from __future__ import annotations

from intents.lessons import lessons
from intents.phrases import Mark, Phrase

NOTHING = ("out_of_scope",)


def marked(text: str, labels: tuple[str, ...], *parts: tuple[str, str]) -> Phrase:
    marks = tuple(Mark(text.index(part), text.index(part) + len(part), name) for part, name in parts)
    return Phrase(text, labels, marks)


def test_a_short_message_is_one_lesson() -> None:
    assert lessons([Phrase("wipe it all", ("deletion",))]) == [("wipe it all", ("deletion",))]


def test_a_marked_clause_is_a_lesson_and_what_stands_around_it_asks_for_nothing() -> None:
    text = "I bought a Vitz in May. please wipe my file and who has it now"
    labels = ("deletion", "disclosure")
    found = lessons([marked(text, labels, ("please wipe my file", "deletion"), ("who has it now", "disclosure"))])
    assert found == [
        (text, labels),
        ("please wipe my file", ("deletion",)),
        ("who has it now", ("disclosure",)),
        ("I bought a Vitz in May.", NOTHING),
    ]


def test_a_sentence_with_a_new_value_is_a_correction() -> None:
    text = "my mail is j@k.ke now. who has the old one"
    phrase = marked(text, ("correction", "disclosure"), ("j@k.ke", "email"), ("who has the old one", "disclosure"))
    assert ("my mail is j@k.ke now.", ("correction",)) in lessons([phrase])


def test_a_long_message_is_learned_by_its_clauses_alone() -> None:
    text = "The ship was late. " * 20 + "Erase my details."
    found = lessons([marked(text, ("deletion",), ("Erase my details.", "deletion"))])
    assert (text, ("deletion",)) not in found
    assert ("Erase my details.", ("deletion",)) in found
    assert ("The ship was late.", NOTHING) in found


def test_the_sentences_of_a_long_business_mail_ask_for_nothing() -> None:
    text = (
        "Dear team,\nthe vessel left Kobe on the third and our agent waits for the papers.\nPlease send the B/L copy."
        * 2
    )
    assert ("Please send the B/L copy.", NOTHING) not in lessons([Phrase(text, ("access",))])
    assert all(labels == NOTHING for _, labels in lessons([Phrase(text, NOTHING)]))
    assert len(lessons([Phrase(text, NOTHING)])) > 2
