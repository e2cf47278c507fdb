from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents import LABELS, Reader
from intents.phrases import DATA, languages, read


@given(text=st.text(max_size=500), language=st.sampled_from([None, *languages(), "de", "zz"]))
@settings(deadline=None)
def test_understanding_never_raises_and_always_answers(reader: Reader, text: str, language: str | None) -> None:
    found = reader.understand(text, language)
    assert found.text == text
    assert found.labels == tuple(sorted(set(found.labels)))
    assert set(found.labels) <= set(LABELS)
    assert found.labels == ("out_of_scope",) or "out_of_scope" not in found.labels
    confidences = [one.confidence for one in found.readings]
    assert confidences == sorted(confidences, reverse=True)
    assert found.labels
    assert found.act("code") in {"code", "resend", "cancel", "other"}


@pytest.mark.parametrize(
    "text",
    ["a" * 50_000, "delete my data. " * 3_000, "1 " * 20_000, "\n" * 30_000, "@" * 20_000, "- " * 20_000, "の" * 25_000,
     "why ... " * 4_000, "\ud800" * 100, "\x00\x01", "ﷺ" * 20_000, "i am i am " * 3_000],
)  # fmt: skip
def test_long_and_broken_texts_are_read_in_bounds(reader: Reader, text: str) -> None:
    assert reader.understand(text).labels


def test_the_same_text_reads_the_same_from_many_threads(reader: Reader) -> None:
    texts = ["delete my data", "quiero mis datos", "私のデータをください", "any news?"] * 20
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(reader.understand, texts))
    assert found == [reader.understand(text) for text in texts]


@pytest.mark.parametrize("text", ["ok", "482917", "Kenya", "asha@example.com", "👍", "", "thanks", "停止", "نعم", "да"])
def test_one_word_a_code_or_an_address_never_switches_the_language(reader: Reader, text: str) -> None:
    assert {reader.understand(text, known).language for known in ("fr", "ja", "ar")} == {"fr", "ja", "ar"}


@pytest.mark.parametrize(
    ("text", "language"),
    [("English please", "en"), ("en français svp", "fr"), ("日本語でお願いします", "ja"),
     ("kwa kiswahili tafadhali", "sw")],
)  # fmt: skip
def test_the_name_of_a_language_switches_at_once(reader: Reader, text: str, language: str) -> None:
    assert reader.understand(text, "ru").language == language


def test_a_language_that_is_not_ours_is_named_as_it_is(reader: Reader) -> None:
    found = reader.understand("Ich möchte gerne wissen, welche Daten Sie über mich gespeichert haben", "en")
    assert found.language == "de"


def test_an_unknown_text_without_a_conversation_is_taken_as_english(reader: Reader) -> None:
    assert reader.understand("xx").language == "en"


@pytest.mark.parametrize(
    ("text", "keyword"),
    [("STOP", "stop"), (" stop! ", "stop"), ("ＳＴＯＰ", "stop"), ("Baja", "stop"), ("停止", "stop"), ("СТОП", "stop"),
     ("إلغاء الاشتراك", "stop"), ("start", "start"), ("PERSON", "person"), ("担当者", "person"), ("Mtu", "person"),
     ("موظف", "person"), ("withdraw", "withdraw"), ("Not me.", "not_me"), ("Yes", "yes"), ("نعم", "yes"), ("no", "no"),
     ("Skip", "skip"), ("New code", "new_code"), ("cancel", "cancel"), ("stop the car", ""), ("yesterday", "")],
)  # fmt: skip
def test_a_whole_message_that_is_a_keyword_is_one_in_every_language(reader: Reader, text: str, keyword: str) -> None:
    assert {reader.understand(text, known).keyword for known in ("en", "ja", "sw")} == {keyword}


@pytest.mark.parametrize(
    ("text", "social"),
    [("hello", "greet"), ("Good morning sir", "greet"), ("Hello, yes please", "affirm"), ("no thanks", "deny"),
     ("ok thanks", "affirm"), ("Asante sana", "thanks"), ("ありがとうございます", "thanks"), ("السلام عليكم", "greet"),
     ("👍", "affirm"),
     ("👍👍", "affirm"), ("hello delete my data", ""), ("thanks, and who has my data?", ""), ("", "")],
)  # fmt: skip
def test_a_message_that_is_only_courtesy_says_so(reader: Reader, text: str, social: str) -> None:
    assert reader.understand(text).social == social


def test_every_social_phrase_is_recognised(reader: Reader) -> None:
    phrases = read(DATA / "social.yml", ("affirm", "deny", "greet", "thanks"))
    assert [phrase.text for phrase in phrases if not reader.understand(phrase.text).social] == []


def test_courtesy_around_a_wish_changes_nothing(reader: Reader) -> None:
    plain = reader.understand("Delete all my data.")
    kind = reader.understand("Good morning! Delete all my data. Thank you very much. Bye.")
    assert plain.labels == kind.labels == ("deletion",)


def test_business_around_a_right_neither_hides_nor_joins_it(reader: Reader) -> None:
    text = "The Vitz arrived in Dar last week, thank you. The price was good. Please delete all my personal data now."
    assert reader.understand(text).labels == ("deletion",)


@pytest.mark.parametrize(
    "text",
    ["I withdraw my consent", "I take back my request, I mean my consent", "I want to cancel my consent request",
     "I changed my mind and take back my consent", "retract my consent please, I changed my mind"],
)  # fmt: skip
def test_a_consent_taken_back_never_ends_a_request(reader: Reader, text: str) -> None:
    assert reader.understand(text, "en").labels == ("objection", "opt_out")


def test_a_long_message_of_courtesies_alone_asks_surely_for_nothing(reader: Reader) -> None:
    courtesies = ["Hello!", "Good morning sir.", "Thank you very much.", "Thanks for your help.", "No.", "Wrong."]
    found = reader.understand("\n".join(courtesies * 2), "en")
    assert [(one.name, one.confidence) for one in found.readings] == [("out_of_scope", 1.0)]


def test_nothing_personal_is_in_the_repr(reader: Reader) -> None:
    shown = repr(reader.understand("change my email to jo.new@example.com, code 482917, PR-D25VT4F51", "en"))
    assert not any(secret in shown for secret in ("jo.new", "482917", "D25VT4F51", "change"))
