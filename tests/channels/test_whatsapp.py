"""WhatsApp messages and receipts as Twilio posts them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from channels.base import Address, Arrival, BadKey, Inbound, MissingKey, Post, Receipt, Refused
from channels.receipts import RANKS
from channels.whatsapp import Form, build
from tests.channels.contract import (
    ACCOUNT,
    NOW,
    PUBLIC_URL,
    WHATSAPP_KEYS,
    signed_form,
    whatsapp_channel,
    whatsapp_post,
)

SID = "SM" + "1" * 32
SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "twilio"


def _arrived(post: Post) -> Arrival:
    (arrival,) = whatsapp_channel().receive(post, NOW)
    assert isinstance(arrival, Arrival)
    return arrival


def _receipt(status: str) -> Receipt:
    return Receipt("", SID, status, RANKS[status], "")


def _read(name: str) -> Inbound:
    return whatsapp_channel().read(_arrived(whatsapp_post(name)).raw)


def test_a_text_loses_only_the_space_around_it() -> None:
    assert _read("text").text == "Please delete my number \U0001f64f"


def test_a_tap_gives_our_own_id_and_the_message_it_answers() -> None:
    tap = _read("button")
    assert (tap.choice, tap.text, tap.replied_to) == ("affirm", "Yes", "MM" + "a" * 32)


def test_a_list_row_gives_our_own_id() -> None:
    assert _read("list").choice == "deletion"


def test_a_picture_is_named_and_not_fetched() -> None:
    (media,) = _read("media").media
    assert media.content_type == "image/jpeg"
    assert media.url.startswith("https://api.twilio.com/")


def test_a_place_is_a_message_without_text() -> None:
    assert (_read("location").kind, _read("location").text) == ("message", "")


def test_a_person_who_hides_the_number_is_known_by_user_id() -> None:
    arrival = _arrived(whatsapp_post("username"))
    assert arrival.sender == Address("whatsapp_user", "KE.8842019375510")
    assert _read("username").also == ()


def test_number_and_user_id_are_both_kept() -> None:
    both = _read("number_and_user_id")
    assert both.sender == Address("whatsapp", "+254700000001")
    assert both.also == (Address("whatsapp_user", "KE.8842019375510"),)


def test_a_number_that_numbering_plans_do_not_know_is_kept_as_received() -> None:
    assert _read("mexico").sender == Address("whatsapp", "+5215512345678")


def test_a_nul_is_signed_but_not_kept() -> None:
    assert _read("nul_and_empty").text == "Stop"


def test_a_sender_of_an_unknown_shape_is_stored_as_unreadable() -> None:
    arrival = _arrived(signed_form(f"AccountSid={ACCOUNT}&MessageSid={SID}&From=%2B254700000001".encode()))
    assert arrival.sender is None
    assert whatsapp_channel().read(arrival.raw).error == "bad_sender"


def test_a_repeated_field_is_signed_as_twilio_signs_it() -> None:
    post = signed_form(f"AccountSid={ACCOUNT}&MessageSid={SID}&From=whatsapp%3A%2B254700000001&X=2&X=1&X=2".encode())
    assert _arrived(post).dedup == f"whatsapp:{SID}"


@pytest.mark.parametrize(
    "post",
    [
        pytest.param(signed_form(f"AccountSid=AC9&MessageSid={SID}".encode()), id="another account"),
        pytest.param(whatsapp_post("text", token="another token"), id="another token"),
        pytest.param(replace(whatsapp_post("text"), path="/in/whatsapp/status"), id="another path"),
        pytest.param(replace(whatsapp_post("text"), path="/in/whatsapp/"), id="a slash at the end"),
        pytest.param(replace(whatsapp_post("text"), query="a=1"), id="another query"),
        pytest.param(
            signed_form(f"AccountSid={ACCOUNT}&MessageSid={SID}".encode(), query="bodySHA256=00"), id="body hash"
        ),
        pytest.param(replace(whatsapp_post("text"), query="["), id="a query that is none"),
    ],
)
def test_what_twilio_did_not_sign_for_this_place_is_refused(post: Post) -> None:
    with pytest.raises(Refused) as refused:
        whatsapp_channel().receive(post, NOW)
    assert refused.value.status == 403


def test_a_signed_message_without_an_id_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        whatsapp_channel().receive(signed_form(f"AccountSid={ACCOUNT}&Body=x".encode()), NOW)
    assert refused.value.status == 400


@pytest.mark.parametrize("sid", [f"{SID}NumMedia0", SID[:-1], "SM1", f"{SID}\n", "XX" + "1" * 32, "SM" + "١" * 32])
def test_an_id_that_is_not_twilios_is_refused(sid: str) -> None:
    fields = {"AccountSid": ACCOUNT, "MessageSid": sid, "From": "whatsapp:+254700000001", "Body": "x"}
    with pytest.raises(Refused) as refused:
        whatsapp_channel().receive(signed_form(urlencode(fields).encode()), NOW)
    assert refused.value.status == 400


def test_fields_with_their_borders_moved_are_no_new_message() -> None:
    fields = {"AccountSid": ACCOUNT, "MessageSid": SID, "NumMedia": "0", "From": "whatsapp:+254700000001"}
    post = signed_form(urlencode(fields).encode())
    moved = urlencode({**fields, "MessageSid": f"{SID}NumMedia0"} | {"NumMedia": ""}).replace("&NumMedia=", "")
    assert whatsapp_channel().receive(post, NOW)
    with pytest.raises(Refused) as refused:
        whatsapp_channel().receive(replace(post, body=moved.encode()), NOW)
    assert refused.value.status == 400  # and not 403: the signature holds


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"MessageStatus": "delivered", "From": "whatsapp:+81312345678"}, [_receipt("delivered")]),
        ({"SmsStatus": "sent", "From": "whatsapp:+81312345678", "Body": "x"}, [_receipt("sent")]),
        ({"MessageStatus": "read", "From": "whatsapp:+254700000001"}, [_receipt("read")]),
        ({"SmsStatus": "received", "From": "whatsapp:+81312345678", "Body": "x"}, []),
        ({"MessageStatus": "delivered", "From": "whatsapp:+81312345678", "MessageSid": "SM1"}, []),
    ],
)
def test_a_status_posted_to_the_wrong_place_is_no_message(fields: dict[str, str], found: list[Receipt]) -> None:
    body = urlencode({"AccountSid": ACCOUNT, "MessageSid": SID, **fields}).encode()
    assert whatsapp_channel().receive(signed_form(body), NOW) == found


def test_a_form_of_too_many_fields_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        whatsapp_channel().receive(replace(whatsapp_post("text"), body=b"a&" * 2000), NOW)
    assert refused.value.status == 400


@pytest.mark.parametrize("token", ["old-token", "new-token"])
def test_while_rotating_both_tokens_are_taken(token: str) -> None:
    channel = whatsapp_channel(TWILIO_AUTH_TOKEN=" new-token, old-token ")
    assert channel.receive(whatsapp_post("text", token=token), NOW)


def test_a_receipt_carries_our_id_and_its_rank() -> None:
    (receipt,) = whatsapp_channel().receive(whatsapp_post("status_delivered"), NOW)
    assert receipt == Receipt("out-77", "SM" + f"{20:032x}", "delivered", RANKS["delivered"], "")


def test_a_failed_receipt_carries_the_providers_code() -> None:
    (receipt,) = whatsapp_channel().receive(whatsapp_post("status_undelivered"), NOW)
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.error) == ("undelivered", "63016")


def test_a_receipt_of_an_unknown_status_is_taken_and_left() -> None:
    body = f"AccountSid={ACCOUNT}&MessageSid={SID}&MessageStatus=teleported".encode()
    assert whatsapp_channel().receive(signed_form(body, "/in/whatsapp/status"), NOW) == []


def test_receipts_rank_as_a_message_travels() -> None:
    way = ["accepted", "queued", "sending", "sent", "failed", "delivered", "read"]
    assert sorted(way, key=RANKS.__getitem__) == way
    assert len({RANKS[status] for status in way}) == len(way)


def test_the_answers_are_what_twilio_wants() -> None:
    channel = whatsapp_channel()
    assert (channel.reply.status, channel.reply.content_type, channel.reply.body) == (200, "text/xml", b"<Response/>")
    assert (channel.receipt_reply.status, channel.receipt_reply.body) == (204, b"")


def test_without_any_key_the_channel_is_off() -> None:
    assert build({"TWILIO_FROM": "", "TWILIO_API_URL": "https://api.twilio.com"}, PUBLIC_URL, {}) is None


@pytest.mark.parametrize("name", WHATSAPP_KEYS)
def test_half_the_keys_name_the_missing_one(name: str) -> None:
    with pytest.raises(MissingKey) as missing:
        build({**WHATSAPP_KEYS, name: ""}, PUBLIC_URL, {})
    assert missing.value.name == name


@pytest.mark.parametrize(
    ("keys", "error", "name"),
    [
        ({"TWILIO_API_KEY": "SK1"}, MissingKey, "TWILIO_API_SECRET"),
        ({"TWILIO_AUTH_TOKEN": " , "}, MissingKey, "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_FROM": "+81312345678"}, BadKey, "TWILIO_FROM"),
        ({"TWILIO_API_URL": "http://api.twilio.com"}, BadKey, "TWILIO_API_URL"),
        ({"TWILIO_API_URL": "http://[x"}, BadKey, "TWILIO_API_URL"),
    ],
)
def test_keys_that_cannot_work_are_named(keys: Mapping[str, str], error: type[BadKey], name: str) -> None:
    with pytest.raises(error) as problem:
        build({**WHATSAPP_KEYS, **keys}, PUBLIC_URL, {})
    assert problem.value.name == name


def test_published_signature_vectors_hold() -> None:
    path = SAMPLES / "signature_vectors.json"
    vectors = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"auth_token": "", "vectors": []}
    for vector in vectors["vectors"]:
        if "body" in vector:
            form: Mapping[str, object] = Form.parse(vector["body"].encode())
        else:
            form = vectors["vectors"][0]["params"]
        assert RequestValidator(vectors["auth_token"]).validate(vector["url"], form, vector["signature"])


def test_published_webhooks_are_understood() -> None:
    path = SAMPLES / "webhooks.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    for row in rows:
        host, _, place = row["test_url"].partition("/webhooks")
        keys = {"TWILIO_AUTH_TOKEN": row["test_auth_token"], "TWILIO_ACCOUNT_SID": row["params"]["AccountSid"]}
        channel = build({**WHATSAPP_KEYS, **keys}, host, {})
        assert channel is not None
        headers = {"content-type": row["content_type"], "x-twilio-signature": row["x_twilio_signature"]}
        (found,) = channel.receive(Post(f"/webhooks{place}", "", headers, row["body"].encode()), NOW)
        if row["kind"] == "status_callback":
            assert isinstance(found, Receipt)
            assert found.status == row["params"]["MessageStatus"]
        else:
            assert isinstance(found, Arrival)
            assert found.sender == Address("whatsapp", row["params"]["From"].removeprefix("whatsapp:"))
