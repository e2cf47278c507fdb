"""Mails by signed webhook, and keys of the mail channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from channels.base import Arrival, BadKey, KeyProblem, MissingKey, Refused
from channels.mail import build
from channels.mime import peek_sender
from tests.channels.contract import MAIL_KEYS, NOW, PUBLIC_URL, THREAD_SECRET, mail_channel, signed_mail

RAW = b"From: Amina <amina@example.com>\r\nSubject: x\r\n\r\nDelete my data."


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_signature_lives_five_minutes_either_way(seconds: int) -> None:
    assert mail_channel().receive(signed_mail(RAW, NOW + timedelta(seconds=seconds)), NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_older_or_earlier_one_is_refused(seconds: int) -> None:
    with pytest.raises(Refused) as refused:
        mail_channel().receive(signed_mail(RAW, NOW + timedelta(seconds=seconds)), NOW)
    assert (refused.value.status, refused.value.code) == (403, "stale_signature")


def test_a_fresh_time_on_an_old_signature_is_refused() -> None:
    old = signed_mail(RAW, NOW - timedelta(hours=1))
    _, _, mac = old.headers["x-signature"].partition(",")
    fresh = replace(old, headers={**old.headers, "x-signature": f"t={int(NOW.timestamp())},{mac}"})
    with pytest.raises(Refused):
        mail_channel().receive(fresh, NOW)


@pytest.mark.parametrize("value", ["", "t=1", "v1=00", "t=x,v1=y", "t=1,v1=" + "g" * 64, "t=1,v1=" + "0" * 64 + "\n"])
def test_a_signature_of_another_shape_is_refused(value: str) -> None:
    post = signed_mail(RAW)
    with pytest.raises(Refused) as refused:
        mail_channel().receive(replace(post, headers={**post.headers, "x-signature": value}), NOW)
    assert refused.value.status == 403


@pytest.mark.parametrize("content_type", ["message/rfc822", "Application/Octet-Stream", "text/plain; charset=utf-8"])
def test_raw_mail_comes_under_three_names(content_type: str) -> None:
    post = signed_mail(RAW)
    assert mail_channel().receive(replace(post, headers={**post.headers, "content-type": content_type}), NOW)


def test_an_unknown_provider_is_not_found() -> None:
    with pytest.raises(Refused) as refused:
        mail_channel().receive(replace(signed_mail(RAW), path="/in/mail/pigeon"), NOW)
    assert refused.value.status == 404


def test_an_empty_mail_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        mail_channel().receive(signed_mail(b""), NOW)
    assert refused.value.status == 400


def test_two_mails_with_one_message_id_are_two() -> None:
    first, second = (mail_channel().receive(signed_mail(RAW + tail), NOW)[0] for tail in (b"", b" Now."))
    assert isinstance(first, Arrival)
    assert isinstance(second, Arrival)
    assert first.dedup != second.dedup


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@example.com\r\nFrom: b@example.com\r\n\r\nx",
        b"Subject: x\r\n\r\nFrom: a@example.com",
        b"From: a@example.com, b@example.com\r\n\r\nx",
        b"From: " + b"x" * 5000 + b" <a@example.com>\r\n\r\nx",
    ],
)
def test_the_first_look_believes_no_more_than_the_reader(raw: bytes) -> None:
    assert peek_sender(raw) is None
    assert mail_channel().read(raw).sender is None


def test_the_first_look_sees_a_folded_sender() -> None:
    found = peek_sender(b"Received: x\r\nfrom: Amina\r\n\t<amina@example.com>\r\n\r\nx")
    assert found is not None
    assert found.value == "amina@example.com"


def test_without_any_key_the_channel_is_off() -> None:
    assert build({"MAIL_FROM": ""}, PUBLIC_URL, THREAD_SECRET) is None


@pytest.mark.parametrize("name", MAIL_KEYS)
def test_half_the_keys_name_the_missing_one(name: str) -> None:
    with pytest.raises(MissingKey) as missing:
        build({**MAIL_KEYS, name: ""}, PUBLIC_URL, THREAD_SECRET)
    assert missing.value.name == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_FROM", "nobody"),
        ("SMTP_URL", "http://mx.example"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://u:secret-word@mx.example:x"),
        ("SMTP_URL", "smtp://u:secret-word@mx.example?starttls=off"),
        ("SMTP_URL", "smtp://u:secret-word@mx.example?starttls=maybe"),
    ],
)
def test_keys_that_cannot_work_are_named_without_their_value(name: str, value: str) -> None:
    with pytest.raises(BadKey) as bad:
        build({**MAIL_KEYS, name: value}, PUBLIC_URL, THREAD_SECRET)
    assert bad.value.name == name
    assert "secret-word" not in str(bad.value)
    assert isinstance(bad.value, KeyProblem)


@pytest.mark.parametrize(
    ("url", "port", "tls", "start_tls"),
    [
        ("smtp://u:p%40ss@mx.example", 587, False, True),
        ("smtps://mx.example", 465, True, False),
        ("smtp://127.0.0.1:1025", 1025, False, False),
        ("smtp://localhost:1025?starttls=required", 1025, False, True),
    ],
)
def test_only_this_machine_may_go_without_tls(url: str, port: int, tls: bool, start_tls: bool) -> None:
    relay = mail_channel(SMTP_URL=url).relay
    assert (relay.port, relay.tls, relay.start_tls) == (port, tls, start_tls)
    assert relay.password == ("p@ss" if "@mx" in url else "")
