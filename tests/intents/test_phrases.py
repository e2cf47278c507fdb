"""The phrase files are Rasa's NLU YAML, there and back without loss."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.phrases import FIELDS, LABELS, BadPhrases, Mark, Phrase, files, languages, of_language, read, write

WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="[]"), min_size=1)
LINES = WORDS.map(str.strip).filter(bool)
TEXTS = st.lists(LINES, min_size=1, max_size=4).map("\n".join)


@st.composite
def phrase(draw: st.DrawFn) -> Phrase:
    text = draw(TEXTS)
    at = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(at + 1, len(text)))
    marks = (Mark(at, end, draw(st.sampled_from([*LABELS, *FIELDS]))),) if draw(st.booleans()) else ()
    labels = draw(st.lists(st.sampled_from(LABELS), min_size=1, max_size=3, unique=True))
    return Phrase(text, tuple(labels), marks, draw(st.sampled_from(["", "email"])))


@given(st.lists(phrase(), min_size=1, max_size=6))
def test_what_is_written_is_read_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, given: list[Phrase]) -> None:
    path = tmp_path_factory.mktemp("phrases") / "voice.yml"
    path.write_text(write(given), encoding="utf-8")
    assert read(path) == given


def test_marks_are_clauses_or_new_values(tmp_path: Path) -> None:
    path = tmp_path / "voice.yml"
    path.write_text(
        'version: "3.1"\nnlu:\n- intent: correction+deletion\n  examples: |\n'
        '    - mail is [j@k.ke](email), [wipe the old one]{"entity": "deletion"} pls\n'
    )
    (found,) = read(path)
    assert found.text == "mail is j@k.ke, wipe the old one pls"
    assert found.details == (("email", "j@k.ke"),)
    assert found.clauses == (("wipe the old one", "deletion"),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nlu:\n- intent: dance\n  examples: |\n    - let us\n", "dance"),
        ("nlu:\n- intent: access\n  examples: |\n    - [show](dance) it\n", "entity"),
        ("nlu:\n- synonym: data\n  examples: |\n    - info\n", "synonyms"),
        ("nlu:\n- intent: access\n  examples: |\n    no dash\n", "without '- '"),
        ("nlu:\n- intent: access\n", "no examples"),
        ("nlu: 3\n", "nlu"),
        ("- just\n- a list\n", "nlu"),
        ("nlu: [\n", "nlu"),
        ("\x00", "nlu"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_reason(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "en.yml"
    path.write_text(content)
    with pytest.raises(BadPhrases, match=said) as refused:
        read(path)
    assert "en.yml" in str(refused.value)


@pytest.mark.parametrize("language", languages())
def test_every_language_has_several_writers_and_says_nothing_twice(language: str) -> None:
    assert len(files(language)) >= 3
    found = of_language(language)
    twice = [text for text, count in Counter(phrase.text for phrase in found).items() if count > 1]
    assert not twice
    assert all(phrase.intents == ("out_of_scope",) or "out_of_scope" not in phrase.intents for phrase in found)


@pytest.mark.parametrize("language", languages())
def test_marked_clauses_say_what_the_message_asks_for(language: str) -> None:
    for phrase in of_language(language):
        marked = {label for _, label in phrase.clauses}
        assert marked <= set(phrase.intents), phrase.text
        assert not phrase.details or "correction" in phrase.intents, phrase.text


@pytest.mark.parametrize("language", languages())
def test_every_label_has_a_few_hundred_phrases(language: str) -> None:
    counts = Counter(label for phrase in of_language(language) for label in phrase.intents)
    assert min(counts[label] for label in LABELS) >= 200
    assert counts["out_of_scope"] >= 1_500
