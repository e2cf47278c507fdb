"""Where a message is cut into clauses, at a cost that grows with its length alone."""

from __future__ import annotations

import pytest

from intents.clauses import Cutter, split
from tests.channels.limits import run_within_limits


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("delete my data \u2013 and  -  tell me", ["delete my data", "and", "tell me"]),
        ("my data:\n - name\n - phone-number", ["my data:", "name", "phone-number"]),
        ("a well-known address -5", ["a well-known address -5"]),
        ("stop\t\u2014\u3000now. yes", ["stop", "now.", "yes"]),
    ],
)
def test_a_dash_between_spaces_parts_clauses(text: str, clauses: list[str]) -> None:
    assert split(text) == clauses


@pytest.mark.parametrize("space", [" ", "\t", "\u3000", " \t"])
def test_a_long_gap_costs_no_more_than_its_length(space: str) -> None:
    text = f"'a' + {space!r} * 200_000 + 'b,' + {space!r} * 200_000 + 'c'"
    assert run_within_limits(f"from intents.clauses import split; print(len(split({text})))") == "1"


@pytest.fixture(scope="module")
def cutter() -> Cutter:
    return Cutter()


@pytest.mark.parametrize(
    ("language", "text", "pieces"),
    [
        ("en", "delete my data and tell me who has it", ("delete my data", "tell me who has it")),
        ("en", "keep the offers, not the calls", ("keep the offers", "not the calls")),
        (
            "es",
            "borren mis datos y además díganme quién los tiene",
            ("borren mis datos", "díganme quién los tiene"),
        ),
        (
            "ja",
            "住所を直して、あと誰に渡したか教えて",
            ("住所を直して、", "誰に渡したか教えて"),
        ),
        (
            "ar",
            "احذفوا بياناتي وقولوا لي",
            (
                "احذفوا بياناتي",
                "وقولوا لي",
            ),
        ),
        ("en", "delete my data", ()),
        ("zz", "delete my data and tell me who has it", ("delete my data", "tell me who has it")),
    ],
)
def test_a_joined_sentence_has_pieces(cutter: Cutter, language: str, text: str, pieces: tuple[str, ...]) -> None:
    assert cutter.parts(text, language).pieces == (pieces,)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, all done.\n\n> please delete my data\n> now",
        "Thanks, all done.\n\nOn Mon, 3 Feb 2026 at 10:00, A B <a@b.ke> wrote:\nplease delete my data",
        "Thanks, all done.\n-----Original Message-----\nplease delete my data",
        "Thanks, all done.\n\nLe lundi 3 février, KM a écrit :\n> please delete my data",
    ],
)
def test_an_older_mail_below_a_reply_is_not_this_persons_words(cutter: Cutter, text: str) -> None:
    assert cutter.own_words(text) == "Thanks, all done."


def test_a_message_that_is_all_quote_is_kept(cutter: Cutter) -> None:
    assert cutter.own_words("> delete my data\n> please") == "> delete my data\n> please"
