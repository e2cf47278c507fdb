"""Content templates of Twilio: which one fits a message, and its numbered variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain

from channels.base import Choice, Outbound, SendError

LONGEST_TEXT = 1600  # characters of a plain message (Twilio error 21617)
LONGEST_BODY = 1024  # characters above buttons or a list
BUTTON_TITLE, ROW_TITLE, ROW_ID = 20, 24, 200


def content_fields(message: Outbound, content: Mapping[str, str]) -> dict[str, str]:
    """`body`, or `content_sid` with `content_variables`, for Twilio's Messages resource. Raises SendError.

    `content` maps "buttons_1".. "list_10" and "<template>:<language>" to ids HX... Choices without an id, or too long
    for WhatsApp's limits, become plain lines below the text, one "- title" each, so that they can be answered in words.
    """
    if message.template:
        return _fields(_template(message, content), _clean(message.variables))
    shape = f"{'list' if message.as_list else 'buttons'}_{len(message.choices)}"
    if message.choices and shape in content and _fits(message):
        return _fields(content[shape], _choice_variables(message))
    text = message.text + _lines(message.choices)
    if len(text) > LONGEST_TEXT:
        raise SendError("too_long", permanent=True, remedy="ours")
    if not text.strip():
        raise SendError("empty", permanent=True, remedy="ours")
    return {"body": text}


def _fields(sid: str, variables: list[str]) -> dict[str, str]:
    numbered = {str(number): value for number, value in enumerate(variables, 1)}
    return {"content_sid": sid, "content_variables": json.dumps(numbered, ensure_ascii=False)}


def _template(message: Outbound, content: Mapping[str, str]) -> str:
    """The template in the customer's language, else its base language ("pt" for "pt-BR"), else English."""
    for language in (message.language, message.language.partition("-")[0], "en"):
        if sid := content.get(f"{message.template}:{language}"):
            return sid
    raise SendError("no_template", permanent=True, remedy="ours")


def _clean(variables: tuple[str, ...]) -> list[str]:
    """Approved templates take no line breaks, no runs of spaces and nothing empty (Twilio error 63013)."""
    cleaned = [" ".join(value.split()) for value in variables]
    if not all(cleaned):
        raise SendError("empty_variable", permanent=True, remedy="ours")
    return cleaned


def _choice_variables(message: Outbound) -> list[str]:
    head = [message.text, message.list_title] if message.as_list else [message.text]
    return [*head, *chain.from_iterable((choice.title, choice.id) for choice in message.choices)]


def _fits(message: Outbound) -> bool:
    longest = ROW_TITLE if message.as_list else BUTTON_TITLE
    titles_fit = all(0 < len(choice.title) <= longest and 0 < len(choice.id) <= ROW_ID for choice in message.choices)
    return titles_fit and 0 < len(message.text) <= LONGEST_BODY and bool(message.list_title or not message.as_list)


def _lines(choices: tuple[Choice, ...]) -> str:
    return "\n\n" + "\n".join(f"- {choice.title}" for choice in choices) if choices else ""
