from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words import BadText, Line, MissingValue, Said, UnknownText, Words

TEXTS = Path(__file__).parents[2] / "bot" / "texts"
DIALOGUES = Path(__file__).parents[3] / "shared" / "dialogues.md"
WORDS = Words.load(TEXTS)
TARGET = "22 December 2026"
FRAME = {
    "company": "KM Auto Export",
    "company_contact": "{company_contact}",
    "policy_url": "{policy_url}",
    "sales_contact": "{sales_contact}",
    "optout_hours": "48",
    "minutes": "10",
    "human_by": "{human_by}",
}
MARKER = "##- Please write your reply above this line -##"
FOOTER = (
    "Automated privacy assistant of KM Auto Export. To reach a person, reply PERSON or use {company_contact}."
    " Privacy policy: {policy_url}"
)
FIRST = "I am the automated privacy assistant of KM Auto Export. Write PERSON at any time to reach a person."
RIGHTS = {
    WORDS.phrase(f"right_{right}", "en")
    for right in (
        "access", "portability", "correction", "deletion", "restriction", "objection", "opt_out", "disclosure",
        "complaint",
    )
}  # fmt: skip
READINGS = (("reading:deletion", "Delete my data"), ("reading:opt_out", "Stop marketing"))


def said(*lines: Line | str, channel: str = "whatsapp", language: str = "en", **more: str) -> Said:
    named = [line if isinstance(line, Line) else Line(line) for line in lines]
    (only,) = WORDS.say(named, channel=channel, language=language, frame=FRAME, **more)  # type: ignore[arg-type]
    return only


def shown(message: Said) -> str:
    """As the transcripts write it."""
    if message.as_list:
        return message.text.replace("\n", " ⏎ ") + f" [{message.list_title}: list]"
    buttons = "".join(f"[{choice.title}]" for choice in message.choices)
    return message.text.replace("\n", " ⏎ ") + (f" {buttons}" if buttons else "")


def ack(ref: str, right: str, day: str = TARGET) -> Line:
    return Line("ack_one", {"ref": ref, "right": WORDS.phrase(f"right_{right}", "en"), "date": day})


def ref_lines(*asked: tuple[str, str]) -> str:
    rights = [(ref, WORDS.phrase(f"right_{right}", "en")) for ref, right in asked]
    return WORDS.join([WORDS.phrase("ack_ref_line", "en", ref=r, right=n, date=TARGET) for r, n in rights], "en")


def test_a_list_takes_the_place_of_buttons() -> None:
    message = said("first_line", "unclear")
    assert (message.as_list, message.list_title, len(message.choices)) == (True, "Choose", 10)


def test_several_requests_are_named_in_one_sentence() -> None:
    lines = ref_lines(("PR-DJ8FSSZ54", "access"), ("PR-AWSH8VHTW", "deletion"))
    assert said(Line("ack_many", {"ref_lines": lines})).text == (
        "Filed; one check covers all. Dates we aim at: PR-DJ8FSSZ54: copy of personal data, 22 December 2026; "
        "PR-AWSH8VHTW: deletion of personal data, 22 December 2026."
    )


def test_a_mail_stands_between_marker_and_footer_and_writes_its_choices_out() -> None:
    ref = "PR-7TAN9ZT2M"
    mail = said("first_line", ack(ref, "objection"), "objection_ask", channel="mail", reference=ref)
    assert mail.text.split("\n\n") == [
        MARKER,
        FIRST,
        "Filed as PR-7TAN9ZT2M: objection to a use of personal data. We aim to answer by 22 December 2026.",
        "Which use do you object to?",
        "You can reply with: Marketing messages / Website analytics / Service improvement / Fraud checks"
        " / Another use.",
        FOOTER,
    ]
    assert mail.subject == "[PR-7TAN9ZT2M] Your message about personal data"
    assert not mail.as_list
    assert mail.template == ""


def test_a_mail_leaves_the_person_to_its_footer() -> None:
    assert "You can reply with: I did not ask.\n" in said("code_elsewhere", channel="mail").text
    assert "You can reply with" not in said("media_kept", channel="mail").text


def test_a_mail_with_no_reference_has_the_plain_subject() -> None:
    assert said("optout_done", channel="mail").subject == "Your message about personal data"


def test_an_opt_in_by_mail_offers_no_reply_because_only_the_page_counts() -> None:
    mail = said(Line("optin_ask", {"confirm_url": "https://example.com/c"}), channel="mail")
    assert "press the button on this page: https://example.com/c." in mail.text
    assert mail.choices == ()


def test_the_code_goes_out_in_a_mail_of_its_own_with_its_own_subject() -> None:
    code = Line("code_mail", {"code": "482917", "confirm_url": "https://example.com/c", "ref": "PR-M9S346Q3R"})
    thread, own = WORDS.say(
        [code, Line("proof_ask_contact")], channel="mail", language="en", frame=FRAME, reference="PR-M9S346Q3R"
    )
    assert "482917" not in thread.text + thread.subject
    assert own.names == ("code_mail",)
    assert own.subject == "One-time code for PR-M9S346Q3R"
    assert own.text.split("\n\n") == [
        MARKER,
        "Somebody asked us about personal data and gave this address. If it was you, type 482917 in the thread where"
        " you asked, or confirm here: https://example.com/c. It works once, for 10 minutes; that thread must show"
        " PR-M9S346Q3R. If it was not you, do nothing and give the code to nobody. To have us look into it, reply"
        " NOT ME.",
        FOOTER,
    ]


def test_a_letter_brings_its_own_subject() -> None:
    values = {"ref": "PR-0432CF1XZ", "new_date": "8 March 2027", "reason": "several requests at once"}
    values |= {"received": "8 December 2026", "right": WORDS.phrase("right_access", "en"), "law": "{law}"}
    contest = {"authority": "A", "authority_url": "U", "home_authority": "H", "court_line": "C."}
    mail = said(Line("extension", values), Line("answer_contest", contest), channel="mail", reference="PR-0432CF1XZ")
    assert mail.subject == "[PR-0432CF1XZ] New date"
    assert mail.text.split("\n\n")[1:3] == [
        "Your request of 8 December 2026: copy of personal data. We need more time, as {law} allows. Reason: several "
        "requests at once. The new date is 8 March 2027. What is ready sooner, we send sooner.",
        "If you disagree, reply to this mail and a person looks again. You may also contact A, U, and H. C.",
    ]


def test_a_text_that_a_channel_does_not_have_is_left_out() -> None:
    lines = [Line("thanks_plain"), Line("ack_law", {"country": "France", "due_date": "8 January 2027"})]
    assert [m.names for m in WORDS.say(lines, channel="whatsapp", language="en", frame=FRAME)] == [("thanks_plain",)]
    assert [m.names for m in WORDS.say(lines, channel="mail", language="en", frame=FRAME)] == [("ack_law",)]
    assert WORDS.say(lines[:1], channel="mail", language="en", frame=FRAME) == ()


def test_the_ids_of_choices_name_their_table() -> None:
    assert [choice.id for choice in said("access_choice").choices] == ["btn:summary", "btn:full_copy", "btn:person"]
    assert [choice.id for choice in said("greet").choices][:2] == ["menu:access", "menu:correction"]
    assert [choice.id for choice in said(Line("unclear_between", choices=READINGS)).choices] == [
        "reading:deletion", "reading:opt_out", "btn:person",
    ]  # fmt: skip


def test_the_buttons_of_the_last_text_that_has_some_are_shown() -> None:
    assert [choice.id for choice in said("answer_fraud", "country_ask", "noted").choices] == ["btn:skip"]
    assert [choice.id for choice in said("country_ask", "answer_fraud", "noted").choices] == ["btn:person"]


def test_a_value_of_the_line_goes_before_one_of_the_frame() -> None:
    assert "within 5 minutes" in said(Line("proof_code_sent", {"minutes": "5"})).text


def test_a_person_given_by_the_caller_is_not_offered_twice() -> None:
    given = Line("unclear_between", choices=(*READINGS, ("btn:person", "A person")))
    assert said(given) == said(Line("unclear_between", choices=READINGS))


def test_a_question_asked_again_can_carry_its_own_choices() -> None:
    question = WORDS.phrase("access_choice", "en")
    again = Line("resume_other", {"ref": "PR-1", "question": question}, WORDS.choices("access_choice", "en"))
    assert shown(said(again)) == f"Back to PR-1. {question} [Summary][Full copy][A person]"


def test_a_list_of_references_without_rows_is_refused() -> None:
    with pytest.raises(MissingValue, match="choices"):
        said("withdraw_pick")


def test_outside_the_window_a_template_and_its_values_stand_in() -> None:
    delay = Line("delay", {"ref": "PR-1", "date": TARGET, "new_date": "5 January 2027", "reason": "an\narchive"})
    assert (said(delay).template, said(delay).variables) == ("tpl_new_date", ("PR-1", "5 January 2027"))
    assert WORDS.template("tpl_new_date", "en").numbered == (
        "We need more time for your privacy request {{1}}. The new date is {{2}}. Tap the button to read the reason."
    )
    assert said("noted").template == ""


def test_a_template_value_is_never_empty() -> None:
    with pytest.raises(MissingValue, match="ref"):
        said(Line("news", {"ref": "\n"}))


def test_a_missing_value_and_an_unknown_text_are_named() -> None:
    with pytest.raises(MissingValue, match=r"^date$"):
        said(Line("ack_one", {"ref": "PR-1", "right": "x"}))
    with pytest.raises(UnknownText, match=r"^ack_none$"):
        said("ack_none")


def test_an_answer_of_nothing_is_refused() -> None:
    with pytest.raises(MissingValue, match="answer_fee"):
        said(Line("answer_fee", {"fee_text": " "}))


def test_titles_too_long_for_buttons_become_a_list() -> None:
    message = said(Line("unclear_between", choices=(("reading:access", "a" * 21), ("reading:status", "b" * 30))))
    assert message.as_list
    assert [choice.title for choice in message.choices] == ["a" * 21, "b" * 23 + "…", "A person"]


def test_pages_have_a_heading_a_text_and_buttons() -> None:
    right = WORDS.phrase("right_objection", "en")
    page = WORDS.page("confirm_page", "en", ref="PR-7TAN9ZT2M", right=right, time="09:12", channel="email")
    assert page.text == (
        "PR-7TAN9ZT2M: objection to a use of personal data, asked 09:12 by email."
        " Confirm only if you asked and your thread shows the same reference."
    )
    assert [(button.id, button.title) for button in page.buttons] == [
        ("btn:confirm", "Confirm"),
        ("btn:not_me", "I did not ask"),
    ]
    assert WORDS.page("unsubscribe_page", "en").title == "Marketing mails"
    with pytest.raises(UnknownText):
        WORDS.page("ack_one", "en")


def test_every_state_of_a_ticket_has_a_stage_and_answers_do_not_tell_the_outcome() -> None:
    outcomes = {WORDS.phrase(f"stage_{state}", "en") for state in ("fulfilled", "partly_fulfilled", "refused")}
    assert outcomes == {"answered"}
    assert WORDS.phrase("stage_verifying", "en") == "waiting for the identity check"


def test_dates_are_in_full_and_hours_carry_the_companys_clock() -> None:
    at = datetime(2026, 12, 9, 9, 0, tzinfo=UTC)
    assert WORDS.date(date(2026, 12, 22), "en") == TARGET
    assert WORDS.moment(at, "Asia/Tokyo", "en") == "9 December 2026, 18:00 (Japan time)"
    assert WORDS.moment(at, "America/New_York", "en") == "9 December 2026, 04:00 (New York time)"
    assert WORDS.moment(at, "America/Argentina/Buenos_Aires", "en").endswith("06:00 (Buenos Aires time)")
    assert WORDS.moment(at, "Africa/Nairobi", "xx") == "9 December 2026, 12:00 (Kenya time)"
    assert WORDS.moment(at, "Etc/GMT-9", "en") == "9 December 2026, 18:00 (GMT+09:00 time)"


def test_a_proofreader_finds_nothing_to_mark() -> None:
    assert WORDS.check() == []


# -- another language

KISWAHILI = """
[file]
name = "Kiswahili"
locale = "sw"
between = "; "
moment = "{date}, {time} ({place})"
[ack_one]
text = "Ombi limesajiliwa kama {ref}: {right}. Tunalenga kujibu kufikia {date}."
[btn]
person = "Ongea na mtu"
"""
ARABIC = """
[file]
name = "العربية"
locale = "ar"
rtl = true
between = "؛ "
moment = "{date}، {time} ({place})"
[correction_confirm]
text = "يرجى التحقق. {field}: {new_value}. هل هذا صحيح؟"
[ack_one]
text = "سُجّل طلبك برقم {ref}: {right}. نهدف إلى الرد بحلول {date}."
"""


def with_file(folder: Path, name: str, content: str) -> Path:
    shutil.copy(TEXTS / "en.toml", folder)
    (folder / name).write_text(content, encoding="utf-8")
    return folder


def speak(words: Words, line: Line, language: str) -> Said:
    return words.say([line], channel="whatsapp", language=language, frame=FRAME)[0]


def test_a_language_speaks_for_itself_and_english_fills_the_gaps(tmp_path: Path) -> None:
    words = Words.load(with_file(tmp_path, "sw.toml", KISWAHILI))
    filed = Line("ack_one", {"ref": "PR-1DBS629DZ", "right": "nakala", "date": words.date(date(2026, 12, 22), "sw-KE")})
    own = speak(words, filed, "sw-KE")
    assert own.text == "Ombi limesajiliwa kama PR-1DBS629DZ: nakala. Tunalenga kujibu kufikia 22 Desemba 2026."
    assert own.language == "sw"
    gap = speak(words, Line("who_are_you"), "sw")
    assert gap.text.startswith("I am an automated assistant")
    assert [choice.title for choice in gap.choices] == ["Ongea na mtu"]
    assert words.languages == ("en", "sw")
    assert not words.fallback("sw_KE")
    assert words.fallback("xh")
    assert speak(words, Line("noted"), "xh").language == "en"


def test_right_to_left_texts_isolate_what_reads_left_to_right(tmp_path: Path) -> None:
    words = Words.load(with_file(tmp_path, "ar.toml", ARABIC))
    confirm = Line("correction_confirm", {"field": "رقم الهاتف", "new_value": "+44 7700 900123"})
    assert speak(words, confirm, "ar").text == "يرجى التحقق. رقم الهاتف: \u2066+44 7700 900123\u2069. هل هذا صحيح؟"
    mixed = speak(words, Line("correction_confirm", {"field": "الاسم", "new_value": "نور Nour"}), "ar")
    assert "\u2066" not in mixed.text
    filed = Line("ack_one", {"ref": "PR-WG0NJR44Z", "right": "تصحيح بيانات شخصية", "date": "22 ديسمبر 2026"})
    assert speak(words, filed, "ar").text == (
        "سُجّل طلبك برقم \u2066PR-WG0NJR44Z\u2069: تصحيح بيانات شخصية. نهدف إلى الرد بحلول 22 ديسمبر 2026."
    )


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        (('person = "Ongea na mtu"', 'person = "Ongea na mtu wa kampuni yetu"'), "btn_person: 28 characters"),
        (("kufikia {date}", "hivi karibuni"), "ack_one: whatsapp: {date} is missing"),
        (("kufikia {date}", "kufikia {date} {due}"), "ack_one: whatsapp: {due} is not in the English text"),
        (("kujibu", "kujibu!"), "ack_one.whatsapp: has an exclamation mark"),
        (("[ack_one]", "[ack_ones]"), "ack_ones: is not in en.toml"),
        (("[ack_one]", "[ack_one]\nalone = true"), "ack_one: buttons, lists, channels and"),
        (("", ""), "first_line: is missing"),
        (("", ""), "tpl_news: is missing"),
    ],
)
def test_a_proofreader_marks_a_careless_translation(tmp_path: Path, change: tuple[str, str], mark: str) -> None:
    words = Words.load(with_file(tmp_path, "sw.toml", KISWAHILI.replace(*change, 1)))
    assert any(found.startswith(f"sw.toml: {mark}") for found in words.check())


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        (("Thank you, noted for {ref}.", "Your ticket: {ref}."), "detail_noted.whatsapp: says 'ticket'"),
        (("confirmed. Reply here if it did not arrive.", "named in {ref}."), "tpl_by_mail: begins"),
        (('["go_on", "no_delete", "person"]', '["go_on", "no_delete", "person", "no"]'), "deletion_confirm: 4 buttons"),
        (('name = "Name"', 'name = "The name by which we know you"'), "fields_name: 29 characters"),
        (("You are welcome.", "You are welcome \U0001f600."), "thanks_open.whatsapp: has an emoji"),
    ],
)
def test_a_proofreader_marks_careless_english(tmp_path: Path, change: tuple[str, str], mark: str) -> None:
    english = (TEXTS / "en.toml").read_text(encoding="utf-8")
    assert change[0] in english
    (tmp_path / "en.toml").write_text(english.replace(*change, 1), encoding="utf-8")
    assert any(found.startswith(f"en.toml: {mark}") for found in Words.load(tmp_path).check())


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[ack_one", "sw.toml: "),
        ("ack_one = 'text'", "sw.toml: ack_one: must be a table"),
        (KISWAHILI.replace("locale", "lokale"), "sw.toml: file: lokale: is not a known key"),
        (KISWAHILI.replace('locale = "sw"', ""), "sw.toml: file.locale: is missing"),
        (KISWAHILI.replace("{ref}", "{ref"), "sw.toml: ack_one: text: a brace stands alone"),
        (KISWAHILI.replace("{ref}", "{ref.__class__}"), "sw.toml: ack_one: text: a brace stands alone"),
        (KISWAHILI.replace('"Ongea na mtu"', "5"), "sw.toml: btn.person: must be a text"),
        (KISWAHILI.replace("[btn]", 'buttons = "person"\n[btn]'), "sw.toml: ack_one: buttons: must be a list"),
        (KISWAHILI.replace("[btn]", 'channels = ["sms"]\n[btn]'), "sw.toml: ack_one: channels: 'sms'"),
    ],
)
def test_a_broken_file_is_refused_with_file_and_key(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(BadText, match=re.escape(complaint)):
        Words.load(with_file(tmp_path, "sw.toml", content))


def test_a_folder_without_english_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sw.toml").write_text(KISWAHILI, encoding="utf-8")
    with pytest.raises(BadText, match=r"no en\.toml"):
        Words.load(tmp_path)


def test_a_button_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    english = (TEXTS / "en.toml").read_text(encoding="utf-8")
    (tmp_path / "en.toml").write_text(english.replace('"no_delete", "person"]', '"no_delette"]'), encoding="utf-8")
    with pytest.raises(BadText, match=r"en\.toml: deletion_confirm: buttons: there is no 'no_delette'"):
        Words.load(tmp_path)


# -- values of any kind

SHORT = st.one_of(st.text(max_size=60), st.text("{}ref company\n\r\x00\u202e⁦ .!", max_size=60))
HOSTILE = st.builds(lambda text, times: text * times, SHORT, st.sampled_from((1, 30, 90)))


@given(value=HOSTILE)
def test_what_a_customer_types_stays_one_short_line_and_is_never_read_as_a_variable(value: str) -> None:
    text = said(Line("correction_confirm", {"field": "Name", "new_value": value})).text
    before, after = "Please check. Name: ", ". Is this right?"
    assert text.startswith(before)
    assert text.endswith(after)
    typed = text[len(before) : len(text) - len(after)]
    assert len(typed) <= 200
    assert not set(typed) & set("\n\r\x00\t\u202e\u2066")
    assert ("{company}" in typed) <= ("{company}" in re.sub(r"[\x00\u202e⁦]", "", value))
    assert typed.count("KM Auto Export") <= value.count("KM Auto Export")


@given(value=HOSTILE)
def test_no_message_is_longer_than_the_provider_takes_and_nothing_is_lost(value: str) -> None:
    line = Line("answer_fulfilled", {"ref": "PR-1", "right": "r", "received": "d", "staff_text": value})
    for last, limit in ((Line("noted"), 1500), (Line("country_ask"), 1024)):
        messages = WORDS.say([line, last], channel="whatsapp", language="en", frame=FRAME)
        assert all(0 < len(message.text) <= limit for message in messages)
        assert not any(message.choices for message in messages[:-1])
        assert bool(messages[-1].choices) == (last.name == "country_ask")
        visible = "".join("".join(message.text for message in messages).split())
        spoken = [WORDS.phrase(each.name, "en", **{**FRAME, **each.values}) for each in (line, last)]
        assert visible == "".join("".join(spoken).split())


@given(titles=st.lists(st.text(max_size=60), min_size=1, max_size=14))
def test_choices_keep_the_providers_limits(titles: list[str]) -> None:
    line = Line("unclear_between", choices=tuple((f"reading:{n}", title) for n, title in enumerate(titles)))
    message = said(line)
    assert message.choices[-1].id == "btn:person"
    assert len(message.choices) <= (10 if message.as_list else 3)
    assert all(len(choice.title) <= (24 if message.as_list else 20) for choice in message.choices)


@given(ref=HOSTILE)
def test_a_subject_is_one_line_whatever_is_put_in(ref: str) -> None:
    thread = said("noted", channel="mail", reference=ref)
    letter = said(Line("refused_identity", {"ref": ref}), channel="mail")
    for message in (thread, letter):
        assert not set(message.subject) & set("\r\n\x00\u2028\x85")


def test_a_value_typed_too_long_shows_that_it_was_cut() -> None:
    text = said(Line("optout_named", {"address": "a" * 201})).text
    assert text == "Also done, from now: " + "a" * 199 + "…."


def test_a_message_may_fill_the_limit_to_its_last_character() -> None:
    for length, messages in ((1499 - len("You are welcome."), 1), (1500 - len("You are welcome."), 2)):
        lines = [Line("answer_fee", {"fee_text": "a" * length}), Line("thanks_plain")]
        assert len(WORDS.say(lines, channel="whatsapp", language="en", frame=FRAME)) == messages


def test_a_long_answer_is_cut_at_a_sentence() -> None:
    letter = " ".join(f"This is sentence number {n} of the letter." for n in range(60))
    line = Line("answer_fulfilled", {"ref": "PR-1", "right": "r", "received": "d", "staff_text": letter})
    messages = WORDS.say([line], channel="whatsapp", language="en", frame=FRAME)
    assert len(messages) == 2
    assert all(message.text.endswith("letter.") for message in messages)
    assert len(messages[0].text) > 1400


# -- the spec's own conversations: each answer is said again with the values that it shows

TRANSCRIPTS = (Path(__file__).parent / "transcripts.txt").read_text(encoding="utf-8").splitlines()[3:]


@pytest.mark.parametrize("row", TRANSCRIPTS, ids=[f"{n}-{row[:3]}" for n, row in enumerate(TRANSCRIPTS)])
def test_every_answer_of_the_spec_is_said_word_for_word(row: str) -> None:
    read = re.fullmatch(r"T\d\d (\w+): (.*) <([a-z_+]+)>", row.replace("(first line)", FIRST))
    assert read
    channel, wanted, names = read[1], read[2], read[3].split("+")
    body, *_ = re.split(r" \[[A-Z][^\]]*\](?:\[|$)| ⏎ You can reply with", wanted)
    lines = [
        Line(name, {"ref": "PR-1", **_values(name, part, channel)}, _choices(name))
        for name, part in zip(names, _parts(names, body), strict=True)
    ]
    message = said(*lines, channel=channel)
    if channel == "mail":
        marker, *paragraphs, footer = message.text.split("\n\n")
        assert (marker, " ⏎ ".join(paragraphs), footer) == (MARKER, wanted, FOOTER)
    else:
        rows = {"withdraw_pick": "refs", "objection_ask": "uses"}.get(names[-1], "menu")
        assert shown(message).replace("[Choose: list]", f"[Choose: list {rows}]") == wanted


def _parts(names: list[str], body: str) -> list[str]:
    parts = body.split(" ⏎ ")
    assert len(parts) == len(names), body
    return parts


def _choices(name: str) -> tuple[tuple[str, str], ...]:
    return {"withdraw_pick": (("refs:PR-1", "PR-1"),), "unclear_between": READINGS}.get(name, ())


def _values(name: str, part: str, channel: str) -> Mapping[str, str]:
    text = WORDS._text(name).bodies[channel]
    seen: set[str] = set()

    def group(found: re.Match[str]) -> str:
        again = found[1] in seen
        seen.add(found[1])
        return f"(?P={found[1]})" if again else f"(?P<{found[1]}>.*?)"

    pattern = re.sub(r"\\\{([a-z_0-9]+)\\\}", group, re.escape(text))
    found = re.fullmatch(pattern, part)
    assert found, f"{name} does not read: {part}"
    values = found.groupdict()
    assert values.get("right", "") in RIGHTS | {""}
    return values


def spec(part: str) -> str:
    text = DIALOGUES.read_text(encoding="utf-8") if DIALOGUES.exists() else ""
    return text.partition(f"\n## {part}")[2].partition("\n## ")[0]


def test_every_text_of_the_spec_is_in_the_file_letter_by_letter() -> None:
    rows = re.findall(r"^\| `(\w+)`(?: T)? \| (.*?) \| (.*?) \| (.*?) \|$", spec("3."), re.MULTILINE)
    for name, _, chat, mail in (row for row in rows if not row[0].startswith("tpl_")):
        bodies = WORDS._text(name).bodies
        buttons = re.search(r"(?: \[[^\]]+\])+$", chat)
        written = {"whatsapp": chat[: buttons.start()] if buttons else chat, "mail": mail}
        written = {place: body for place, body in written.items() if body not in ("-", "=") and "(web)" not in body}
        for place, body in written.items():
            subject = f"Subject: {bodies['subject']}. " if "subject" in bodies and place == "mail" else ""
            if body != f"{subject}=":
                assert f"{subject}{bodies[place]}" == body
        assert ("mail" in bodies) == (mail != "-" and "(web)" not in mail), name
