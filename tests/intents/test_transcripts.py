"""The sentences of the conversations this project is specified by, read as those conversations say."""

from __future__ import annotations

import pytest

from intents import Reader

RIGHTS = {"access", "correction", "deletion", "opt_out", "restriction", "objection", "disclosure", "complaint"}

ASKS = [
    ("Hello, can I get everything you have stored about me", "access"),
    ("please send me the data you keep on me", "access"),
    ("Please give me my data in a machine readable format so I can move it. Regards, Lena", "access"),
    ("I want my data", "access"),
    ("my email changed, new one is jo.new@example.com", "correction"),
    ("pls correct my address, new: 12 Harbour Road, Mombasa", "correction"),
    ("change MY phone number then", "correction"),
    ("delete all my data", "deletion"),
    ("Delete me please", "deletion"),
    ("this is RIDICULOUS you thieves, just delete it", "deletion"),
    ("my father bought cars from you, he died, please remove his details", "deletion"),
    ("im 15 and you have my number, delete it", "deletion"),
    ("STOP", "opt_out"),
    ("stop", "opt_out"),
    ("Kindly take me off your newsletter, and also my work mail buyer@example.org.", "opt_out"),
    ("Freeze my info until the dispute about my name is solved", "restriction"),
    ("I object to you using my information.", "objection"),
    ("who did you give my details to??", "disclosure"),
    ("I want to complain, your agent shared my number in a group", "complaint"),
    ("Someone sent me another customer passport from your company", "complaint"),
    ("I will report you to the data commissioner", "complaint"),
    ("Send me a copy of my data and then delete it", "access deletion"),
    ("Stop the promo mails. My name is spelled Jon Smyth, fix it. And tell me who has my data.",
     "correction disclosure opt_out"),
    ("STOP sending ads, and is my deletion done?", "opt_out status"),
    ("ok dont delete, just stop the adverts", "opt_out withdraw"),
    ("I withdraw my consent", "objection opt_out"),
    ("who do you share with in general", "question"),
    ("wait, do you sell my data?", "question"),
    ("how long do you keep invoices", "question"),
    ("got a message with new bank details, is it from you?", "question"),
    ("am I talking to a robot", "question"),
    ("who is your data protection officer?", "question"),
    ("can I get your offers again", "question"),
    ("any news?", "status"),
    ("status of PR-D25VT4F51", "status"),
    ("and PR-D25VT4F52?", "status"),
    ("what is happening with my request", "status"),
    ("why is it taking so long", "status"),
    ("you are late now!", "status"),
    ("forget my request", "withdraw"),
    ("cancel", "withdraw"),
    ("I want a human", "human"),
    ("useless bot", "human"),
    ("cancel my order too", "out_of_scope"),
    ("the consignee on invoice 2231 is wrong, please correct", "out_of_scope"),
    ("ok and when does the ship leave", "out_of_scope"),
    ("please stop the shipment at Mombasa", "out_of_scope"),
    ("thanks", "out_of_scope"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "labels"), ASKS)
def test_an_english_sentence_is_surely_read_as_its_transcript_says(reader: Reader, text: str, labels: str) -> None:
    found = reader.understand(text, "en")
    assert (found.labels, found.sure, found.language) == (tuple(labels.split()), True, "en")


def test_a_copy_asked_for_by_a_lawyer_is_an_access_request_with_a_sign(reader: Reader) -> None:
    found = reader.understand("We act for Mr Otieno and request a copy of his data.")
    assert (found.labels, "agent" in found.signs) == (("access",), True)


@pytest.mark.parametrize("text", ["the thing with my stuff", "you know, what I said"])
def test_a_sentence_that_says_nothing_is_not_sure(reader: Reader, text: str) -> None:
    assert not reader.understand(text, "en").sure


def test_remove_my_number_stands_between_deletion_and_opt_out(reader: Reader) -> None:
    found = reader.understand("remove my number", "en")
    assert (found.sure, found.between) == (False, ("deletion", "opt_out"))


@pytest.mark.parametrize(
    "text",
    ["website analytics", "Kenya", "Germany", "Summary", "full copy please", "12 Harbour Road, Mombasa", "Skip",
     "yesterday, a pdf from a mail", "my name is Ali Hassan", "asha@example.com", "+44 7700 900145", "771 204",
     "ali@example.com or +44 7700 900102", "later, no time now", "no code came", "go on", "yes go ahead",
     "English please", "this is not complete, my shipping papers are missing"],
)  # fmt: skip
def test_an_answer_to_an_open_question_is_never_surely_a_right(reader: Reader, text: str) -> None:
    found = reader.understand(text, "en")
    assert not (found.sure and RIGHTS & set(found.labels))


OTHER_LANGUAGES = [
    ("御社が持っている私の個人情報をすべて開示してください。利用も停止してほしいです。", "ja", "access restriction"),
    ("Habari, naomba mnitumie copy ya data yangu yote, nataka kujua mnajua nini about me", "sw", "access"),
    ("السلام عليكم، أريد تصحيح رقم هاتفي عندكم، الرقم الجديد ⁦+44 7700 900123⁩", "ar", "correction"),
    ("Borren todos mis datos por favor", "es", "deletion"),
    ("à qui avez-vous donné mon numéro ?", "fr", "disclosure"),
    ("parem de me mandar publicidade", "pt", "opt_out"),
    ("хочу поговорить с человеком", "ru", "human"),
]


@pytest.mark.parametrize(("text", "language", "labels"), OTHER_LANGUAGES)
def test_the_other_languages_are_told_apart_and_read(reader: Reader, text: str, language: str, labels: str) -> None:
    found = reader.understand(text, "en")
    assert (found.language, found.labels) == (language, tuple(labels.split()))


TOPICS = [
    ("who do you share with in general", "recipients"),
    ("wait, do you sell my data?", "sale"),
    ("how long do you keep invoices", "retention"),
    ("got a message with new bank details, is it from you?", "fraud"),
    ("am I talking to a robot", "who_are_you"),
    ("who is your data protection officer?", ""),
    ("can I get your offers again", "optin"),
    ("do you use cookies", "cookies"),
    ("where is your privacy policy", "policy"),
    ("is there a fee", "fee"),
    ("¿venden mis datos?", "sale"),
    ("combien de temps gardez-vous les données ?", "retention"),
    ("вы робот?", "who_are_you"),
    ("ロボットですか", "who_are_you"),
]


@pytest.mark.parametrize(("text", "topic"), TOPICS)
def test_a_question_has_the_topic_the_policy_answers(reader: Reader, text: str, topic: str) -> None:
    found = reader.understand(text)
    assert (found.labels, found.topic) == (("question",), topic)


SIGNS = [
    ("Someone sent me another customer passport from your company", "leak"),
    ("my father bought cars from you, he died, please remove his details", "deceased"),
    ("im 15 and you have my number, delete it", "minor"),
    ("this is RIDICULOUS you thieves, just delete it", "angry"),
    ("I withdraw my consent", "consent"),
    ("why is it taking so long", "late_why"),
    ("Please give me my data in a machine readable format so I can move it.", "portable"),
    ("full copy please", "full"),
    ("Summary", "summary"),
    ("I will report you to the data commissioner", "authority"),
    ("Mi padre falleció, borren sus datos", "deceased"),
    ("je retire mon consentement", "consent"),
    ("отзываю своё согласие", "consent"),
    ("同意を撤回します", "consent"),
]


@pytest.mark.parametrize(("text", "sign"), SIGNS)
def test_a_circumstance_is_seen(reader: Reader, text: str, sign: str) -> None:
    assert sign in reader.understand(text).signs


@pytest.mark.parametrize("text", ["delete all my data", "I am 15 minutes away", "any news?", "stop the promo mails"])
def test_no_circumstance_is_seen_where_none_is_written(reader: Reader, text: str) -> None:
    people = {"leak", "agent", "deceased", "minor", "angry", "consent", "authority", "third_party_id"}
    assert not people & reader.understand(text).signs
