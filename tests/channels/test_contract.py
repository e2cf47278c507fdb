"""The promises of every channel, tried on every channel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Arrival, Channel, Post, Receipt, Refused, SendError
from tests.channels.contract import NOW, SIDES, Running, Side, mail_channel, signed_form, signed_mail, whatsapp_channel

CHANNELS = Path(__file__).parents[2] / "channels"


@pytest.fixture(params=SIDES, ids=lambda side: side.name)
def side(request: pytest.FixtureRequest) -> Side:
    found: Side = request.param
    return found


@pytest.fixture
def running(side: Side) -> Iterator[Running]:
    with side.run() as provider:
        yield provider


@pytest.fixture
def channel(running: Running) -> Channel:
    return running.channel


def _refusal(channel: Channel, post: Post) -> int:
    with pytest.raises(Refused) as refused:
        channel.receive(post, NOW)
    return refused.value.status


def test_every_file_that_builds_a_channel_is_in_the_contract() -> None:
    building = {path.name for path in CHANNELS.glob("*.py") if re.search(r"^def build\(", path.read_text(), re.M)}
    assert building == {side.file for side in SIDES}


def test_a_signed_message_arrives_with_its_sender(side: Side, channel: Channel) -> None:
    (arrival,) = channel.receive(side.sign(side.body), NOW)
    assert isinstance(arrival, Arrival)
    assert (arrival.channel, arrival.raw) == (side.name, side.body)
    inbound = channel.read(arrival.raw)
    assert inbound.kind == "message"
    assert inbound.text
    assert inbound.sender == arrival.sender
    assert arrival.sender is not None
    assert arrival.dedup == f"{side.name}:{inbound.provider_id}"


def test_an_unsigned_message_is_refused(side: Side, channel: Channel) -> None:
    post = side.sign(side.body)
    headers = {name: value for name, value in post.headers.items() if "signature" not in name}
    assert _refusal(channel, replace(post, headers=headers)) == 403


def test_a_forged_signature_is_refused(side: Side, channel: Channel) -> None:
    post = side.sign(side.body)
    forged = {name: "AAAA" + value[4:] if "signature" in name else value for name, value in post.headers.items()}
    assert _refusal(channel, replace(post, headers=forged)) == 403


def test_a_changed_body_is_refused(side: Side, channel: Channel) -> None:
    post = side.sign(side.body)
    assert _refusal(channel, replace(post, body=post.body.replace(b"delete", b"ignore"))) == 403


def test_a_repeat_has_the_same_key(side: Side, channel: Channel) -> None:
    first, again = (channel.receive(side.sign(side.body), NOW)[0] for _ in range(2))
    assert isinstance(first, Arrival)
    assert isinstance(again, Arrival)
    assert first.dedup == again.dedup


def test_fields_that_nobody_knows_are_accepted(side: Side, channel: Channel) -> None:
    (arrival,) = channel.receive(side.sign(side.longer_body), NOW)
    assert isinstance(arrival, Arrival)
    assert channel.read(arrival.raw).text == channel.read(side.body).text


def test_a_body_that_is_too_large_is_refused(side: Side, channel: Channel) -> None:
    post = side.sign(side.body)
    assert _refusal(channel, replace(post, body=b"a" * (channel.max_body + 1))) == 413


def test_another_content_type_is_refused(side: Side, channel: Channel) -> None:
    post = side.sign(side.body)
    assert _refusal(channel, replace(post, headers={**post.headers, "content-type": "application/json"})) == 415


def test_a_message_is_sent_with_an_id_that_every_try_shares(side: Side, running: Running) -> None:
    ids = set()
    for _ in range(2):
        assert running.channel.send(side.outbound)
        ids.add(running.stable_id())
    assert len(ids) == 1
    assert side.outbound.id in ids.pop()


def test_a_refusal_for_good_is_permanent(side: Side, running: Running) -> None:
    running.refuse_for_good()
    with pytest.raises(SendError) as failed:
        running.channel.send(side.outbound)
    assert failed.value.permanent
    assert failed.value.remedy == "stop"


def test_a_refusal_for_now_is_not(side: Side, running: Running) -> None:
    running.refuse_for_now()
    with pytest.raises(SendError) as failed:
        running.channel.send(side.outbound)
    assert not failed.value.permanent
    assert failed.value.remedy == "retry"


def test_a_failure_tells_no_address_and_no_text(side: Side, running: Running) -> None:
    running.refuse_for_good()
    with pytest.raises(SendError) as failed:
        running.channel.send(side.outbound)
    told = f"{failed.value!r} {failed.value} {failed.value.__cause__}"
    assert side.outbound.to.value not in told
    assert side.outbound.text not in told
    assert failed.value.__suppress_context__


def test_a_channels_repr_shows_no_secret(channel: Channel) -> None:
    assert "of-the-tests" not in repr(channel)
    assert "tttttttt" not in repr(channel)


BUILT = st.sampled_from([whatsapp_channel(), mail_channel()])
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "x-signature", "x-twilio-signature", "host"]),
    st.one_of(
        st.text(max_size=80),
        st.sampled_from(
            ["application/x-www-form-urlencoded", "message/rfc822", "t=1,v1=" + "0" * 64, "t=1763897400,v1="]
        ),
    ),
)
PATHS = st.one_of(st.text(max_size=40), st.sampled_from(["/in/whatsapp", "/in/whatsapp/status", "/in/mail/mime"]))


@given(BUILT, st.builds(Post, PATHS, st.text(max_size=60), HEADERS, st.binary(max_size=300)))
def test_whatever_a_stranger_posts_is_refused_and_nothing_else(channel: Channel, post: Post) -> None:
    assert _refusal(channel, post) in (400, 403, 404, 413, 415)


@given(BUILT, st.binary(max_size=600))
def test_whatever_is_stored_can_be_read(channel: Channel, raw: bytes) -> None:
    inbound = channel.read(raw)
    assert inbound.channel == channel.name
    assert "\x00" not in inbound.text + inbound.subject


NAMES = st.one_of(st.text(max_size=20), st.sampled_from(["MessageSid", "MessageStatus", "From", "Body", "ErrorCode"]))
SIDS = st.from_regex(r"(SM|MM)[0-9a-f]{32}", fullmatch=True)
NUMBERS = st.sampled_from(["whatsapp:+254700000001", "whatsapp:+81312345678"])
VALUES = st.one_of(st.text(max_size=40), SIDS, st.sampled_from(["SM1", "sent"]), NUMBERS)


@given(st.dictionaries(NAMES, VALUES, max_size=8), st.booleans())
def test_a_rightly_signed_form_is_an_arrival_a_receipt_or_a_refusal(fields: dict[str, str], status: bool) -> None:
    fields |= {"AccountSid": whatsapp_channel().account}
    body = urlencode(fields, errors="ignore").encode()
    post = signed_form(body, "/in/whatsapp/status" if status else "/in/whatsapp")
    fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    ours = fields.get("From") == "whatsapp:+81312345678"
    status = status or ours or bool(fields.get("MessageStatus") and not fields.get("Body"))
    if status or re.fullmatch(r"(SM|MM)[0-9a-f]{32}", fields.get("MessageSid", "")):
        results = whatsapp_channel().receive(post, NOW)
        assert all(isinstance(result, Receipt if status else Arrival) for result in results)
    else:
        assert _refusal(whatsapp_channel(), post) == 400


@given(st.binary(min_size=1, max_size=300))
def test_any_rightly_signed_bytes_are_kept_as_a_mail(raw: bytes) -> None:
    (arrival,) = mail_channel().receive(signed_mail(raw), NOW)
    assert isinstance(arrival, Arrival)
    assert arrival.raw == raw
