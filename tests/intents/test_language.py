"""Which language a message is in: by itself, within a conversation, and where another one is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.language import LanguageReader
from intents.phrases import DATA, languages, read

LANGUAGES = LanguageReader()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich möchte wissen, welche Daten Sie über mich gespeichert haben", "de"),
        ("Wo ist mein Auto?", "de"),
        ("Vorrei sapere quali dati avete su di me", "it"),
        ("Cancellate tutti i miei dati per favore", "it"),
        ("Ik wil graag weten welke gegevens u van mij heeft", "nl"),
        ("我想知道你们保存了我的哪些信息", "zh"),
        ("제 개인정보를 삭제해 주세요", "ko"),
        ("Kişisel verilerimi silmenizi istiyorum", "tr"),
        ("Будь ласка, видаліть усі мої персональні дані з вашої бази", "uk"),
        ("لطفا تمام اطلاعات شخصی من را پاک کنید", "fa"),
    ],
)
def test_a_language_that_is_not_ours_stays_what_it_is(text: str, language: str) -> None:
    assert LANGUAGES.read(text, None)[0] == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("zdravstvuite, udalite moi dannye pozhaluista", "ru"),
        ("Gde moi kod", "ru"),
        ("ana biddi tem7o ma3loumati law sama7t", "ar"),
        ("3ayez a3raf el data elli 3andkom", "ar"),
        ("watashi no joho o keshite kudasai", "ja"),
        ("onegai shimasu, juusho o henkou shitai desu", "ja"),
    ],
)
def test_a_language_is_known_in_latin_letters_too(text: str, language: str) -> None:
    assert LANGUAGES.read(text, None)[0] == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("bro futeni data yangu please asap", "sw"),
        ("niaje, mnajua nini about me?", "sw"),
        ("kindly remove my number ji", "en"),
        ("please delete mera data yaar, bahut ho gaya", "en"),
        ("abeg comot my number from una list", "en"),
        ("oye bro borra mis datos please", "es"),
        ("svp delete mon compte", "fr"),
        ("免許証番号が更新で変わりました。登録を000000001234へ", "ja"),
        ("who did you give رقمي لهم يا اخي؟", "ar"),
    ],
)
def test_a_mixed_message_is_in_its_main_language(text: str, language: str) -> None:
    assert LANGUAGES.read(text, None)[0] == language


@pytest.mark.parametrize("known", ["en", "ja", "sw", "ru"])
@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["English please", "can we speak english?", "do you speak English", "please reply in English",
                "hablan inglés?", "en anglais svp", "можно на английском?", "kwa kiingereza tafadhali",
                "ممكن بالانجليزي", "英語でお願いします", "can we do this in english",
                "I don't understand, English please"]),
        ("fr", ["can we do this in french", "en français svp", "vous parlez français?", "フランス語で"]),
        ("ja", ["日本語で", "日本語でお願いします", "Japanese please", "日本語話せますか"]),
        ("es", ["habla español?", "en español por favor", "¿Pueden escribir en español?"]),
        ("pt", ["fala português?", "em português por favor"]),
        ("ru", ["по-русски пожалуйста", "говорите по-русски?", "на русском"]),
        ("sw", ["kwa kiswahili tafadhali", "naomba tuongee kiswahili", "swahili please"]),
        ("ar", ["بالعربي لو سمحت", "تتكلمون عربي؟", "Arabic please"]),
    ],
)  # fmt: skip
def test_the_wish_for_a_language_switches_at_once(language: str, texts: list[str], known: str) -> None:
    assert {LANGUAGES.read(text, known)[0] for text in texts} == {language}


@pytest.mark.parametrize(
    "text", ["je ne parle pas anglais", "no hablo inglés, lo siento mucho", "I do not know Russian"]
)
def test_a_language_somebody_does_not_speak_is_not_asked_for(text: str) -> None:
    code, _ = LANGUAGES.read(text, None)
    assert code == {"j": "fr", "n": "es", "I": "en"}[text[0]]


@pytest.mark.parametrize(
    "text", ["ok", "Kenya", "482917", "si", "merci", "yes please", "👍", "asha@example.com", "Toyota"]
)
def test_a_word_or_two_never_switch_a_conversation(text: str) -> None:
    assert {LANGUAGES.read(text, known)[0] for known in ("fr", "ja", "ar", "sw")} == {"fr", "ja", "ar", "sw"}


@pytest.mark.parametrize("language", languages())
def test_the_phrases_are_in_the_language_of_their_folder(language: str) -> None:
    texts = [one.text for one in read(DATA / language / "voice2.yml") if len(one.text.split()) > 2 or language == "ja"]
    right = [text for text in texts if LANGUAGES.read(text, None)[0] == language]
    assert len(right) >= 0.95 * len(texts)


@given(text=st.text(max_size=400), known=st.sampled_from([None, "en", "ja", "zz"]))
@settings(deadline=None)
def test_any_text_has_a_language_and_a_score(text: str, known: str | None) -> None:
    code, score = LANGUAGES.read(text, known)
    assert code
    assert 0.0 <= score <= 1.0
    assert score or code == (known or "en")


@pytest.mark.parametrize("text", ["a " * 50_000, "english " * 12_000, "あ" * 100_000, "3ndkom " * 14_000])
def test_a_long_text_is_read_in_bounds(text: str) -> None:
    assert LANGUAGES.read(text, "en")[0]
