"""What a person wrote in a reply, freed from the mail they reply to.

Rather a quote too many than a word of the customer lost: a quote goes only where its beginning is beyond doubt. Mails
that forward something, or answer between the quoted lines, stay whole.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from channels import quote_words as words

LONGEST = 200_000  # characters; longer text is returned as it is
_DIRECTION = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"))

# The first line of our own mails in every language: "##- Please write your reply above this line -##".
_MARKER = re.compile(r"^[>|\s]*##- .{0,200}$")
_QUOTED = re.compile(r"^\s{0,3}[>|]")
_RULE = re.compile(r"^[\s>]*[-_=*\u2500\u2501\u2014]{5,}\s*$")


def _any(pieces: Collection[str]) -> str:
    return f"(?:{'|'.join(pieces)})"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_FORWARD = _compiled(rf"^[\s>*-]{{0,40}}{_any(words.FORWARDED)}[\s:：>*-]{{0,40}}$")
_FORWARD_SUBJECT = _compiled(rf"^\s*{_any(words.FORWARDED_SUBJECT)}\s*[:：]")
_ANSWER_SUBJECT = _compiled(rf"^\s*{_any(words.ANSWER_SUBJECT)}\s*(?:\[\d+\])?\s*[:：]")
_ORIGINAL = _compiled(rf"^[\s>]*[-_*]{{2,}}\s*{_any(words.ORIGINAL)}\s*[-_*]{{2,}}\s*$")
_OPENER = _compiled(rf"^{_any(words.OPENERS)}\b")
_WROTE = _compiled(_any(words.WROTE))
_DATED = re.compile(r"(?:19|20)\d\d(?!\d)|\d{1,2}[:h.]\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|오전|오후|\d月")
_MAILBOX = re.compile(r"[^\s<>()\[\]\",;:]{1,64}@([\w.-]{1,100})")
_BELOW = _compiled(_any(words.BELOW))
_DEVICE = _compiled(
    rf"^{_any(words.SENT_FROM)}\b[^,!?\n]{{0,40}}{_any(words.DEVICES)}[^,!?\n]{{0,40}}$|^{_any(words.SENT_FROM_WHOLE)}$"
)
_KIND = {label: kind for kind, labels in words.LABELS.items() for label in labels.split()}
_LABEL_LINE = re.compile(r"^[\s>*]*([^\W\d_][^\n:：*]{0,24}?)\s*\*?\s*[:：]")
_BLOCK_LINES = 12
_SIGNATURE = re.compile(r"^(?:--|—)\s*$")


def reply(text: str, own: Collection[str] = (), subject: str = "") -> str:
    """The reply alone, or the whole text where that is not certain or nothing would be left.

    `own` are our addresses, which tell a quote of our mail from somebody else's that is shown as evidence.
    """
    whole = text.strip()
    if len(whole) > LONGEST:
        return whole
    lines = whole.splitlines()
    kept = _kept(lines, [line.translate(_DIRECTION).replace("\xa0", " ") for line in lines], _domains(own), subject)
    return "\n".join(_without_device(kept)).strip() or whole


def is_answer(subject: str) -> bool:
    """Whether a subject begins as mail programs begin the subject of a reply."""
    return bool(_ANSWER_SUBJECT.match(subject))


def _domains(own: Collection[str]) -> frozenset[str]:
    return frozenset(address.rpartition("@")[2].lower() for address in own if address)


def _kept(lines: Sequence[str], seen: Sequence[str], own: frozenset[str], subject: str) -> Sequence[str]:
    marker = next((i for i, line in enumerate(seen) if _MARKER.match(line)), None)
    if marker is not None:
        start = _quote_start(seen, marker)
        if any(_FORWARD.match(line) for line in seen[:start]):
            return lines
        return _around(lines, seen, start, marker)
    return lines if _FORWARD_SUBJECT.match(subject) else _before_quote(lines, seen, own)


def _before_quote(lines: Sequence[str], seen: Sequence[str], own: frozenset[str]) -> Sequence[str]:
    """Look for the first place where a quote may begin, and judge that one alone."""
    for i, line in enumerate(seen):
        if _FORWARD.match(line):
            return lines
        if _QUOTED.match(line):
            return lines[:i] if _only_quotes(seen[i:]) else lines
        if _ORIGINAL.match(line) or _block_at(seen, i):
            return lines if _evidence(seen[i : i + _BLOCK_LINES], own) else _top(lines, seen, _above_rule(seen, i))
        end = _attribution_end(seen, i)
        if end is not None:
            following = next((j for j in range(end + 1, min(end + 4, len(seen))) if seen[j].strip()), None)
            if following is not None and _QUOTED.match(seen[following]):
                return _around(lines, seen, i, following)
            if _names_us(" ".join(seen[i : end + 1]), own):
                return _top(lines, seen, i)
    return lines


def _around(lines: Sequence[str], seen: Sequence[str], start: int, quote: int) -> Sequence[str]:
    """The text above `start` and, where the quote is marked line by line, below the quote that begins at `quote`."""
    if not _QUOTED.match(seen[quote]):
        return _top(lines, seen, start)
    end = quote
    while end < len(seen) and (_QUOTED.match(seen[end]) or not seen[end].strip()):
        end += 1
    below = _signed(seen, end)
    if any(_QUOTED.match(line) for line in seen[end:below]):
        return lines  # answers between the quoted lines
    return [*lines[:start], "", *lines[end:below]]


def _signed(seen: Sequence[str], start: int) -> int:
    """Where the signature (RFC 3676, 4.3) of the text from `start` begins, or its end."""
    return next((i for i in range(start, len(seen)) if _SIGNATURE.match(seen[i])), len(seen))


def _top(lines: Sequence[str], seen: Sequence[str], start: int) -> Sequence[str]:
    """The text above a quote that is not marked line by line: whole where it says that answers stand below."""
    return lines if any(_BELOW.search(line) for line in seen[:start]) else lines[:start]


def _quote_start(seen: Sequence[str], marker: int) -> int:
    """Where the quote around our marker begins: above it stand what the mail program wrote, and quoted lines."""
    start = marker
    while start and (not seen[start - 1].strip() or _QUOTED.match(seen[start - 1]) or _RULE.match(seen[start - 1])):
        start -= 1
    for i in range(max(0, start - _BLOCK_LINES), start):
        if _ORIGINAL.match(seen[i]) or _block_at(seen, i):
            return _above_rule(seen, i)
        end = _attribution_end(seen, i)
        if end is not None and end >= start - 1:
            return i
    return start


def _only_quotes(rest: Sequence[str]) -> bool:
    return all(_QUOTED.match(line) or not line.strip() for line in rest[: _signed(rest, 0)])


def _above_rule(seen: Sequence[str], i: int) -> int:
    """The line of the rule that Outlook draws above its header block, else `i`."""
    above = i
    while above and not seen[above - 1].strip():
        above -= 1
    return above - 1 if above and _RULE.match(seen[above - 1]) else i


def _attribution_end(seen: Sequence[str], i: int) -> int | None:
    """The last line of an attribution ("On ... wrote:") that begins at line `i`, None if there is none.

    It has a date, ends in a colon within four lines, and begins with a word or a figure that such lines begin with.
    """
    if not seen[i].strip() or _QUOTED.match(seen[i]):
        return None
    joined = ""
    for end in range(i, min(i + 4, len(seen))):
        line = seen[end].strip()
        if not line or _QUOTED.match(line) or (end > i and _OPENER.match(line) and _DATED.search(line)):
            return None
        joined = f"{joined} {line}".strip()
        if line.endswith((":", "：")) and len(joined) <= 500 and _DATED.search(joined):
            starts_well = _OPENER.match(joined) or joined[0].isdigit() or end == i
            return end if starts_well and (_WROTE.search(joined) or _MAILBOX.search(joined) or end == i) else None
    return None


def _names_us(attribution: str, own: frozenset[str]) -> bool:
    """Whether an attribution is sure without quote marks: it names our address or, ours unknown, any and a verb."""
    domains = {match[1].lower() for match in _MAILBOX.finditer(attribution)}
    return bool(domains & own) if own else bool(domains) and bool(_WROTE.search(attribution))


def _block_at(seen: Sequence[str], i: int) -> bool:
    """Whether a mail header as Outlook quotes it begins at line `i`: From, Sent and To or Subject, each on its line."""
    first = _label(seen[i])
    if first not in ("from", "sent", "subject"):
        return False
    kinds = {first}
    text = seen[i]
    for line in seen[i + 1 : i + _BLOCK_LINES]:
        kind = _label(line)
        if not line.strip() or (kind is None and len(kinds) > 3):
            break
        kinds |= {kind} if kind else set()
        text += "\n" + line
    sure = "@" in text or kinds >= {"from", "sent", "to", "subject"} or _above_rule(seen, i) < i
    return {"from", "sent"} <= kinds and bool(kinds & {"to", "subject"}) and bool(_DATED.search(text)) and sure


def _label(line: str) -> str | None:
    match = _LABEL_LINE.match(line)
    return _KIND.get(re.sub(r"[\s*]", "", match[1]).lower()) if match else None


def _evidence(block: Sequence[str], own: frozenset[str]) -> bool:
    """Whether the quoted header is of a mail that is not ours, so that it is shown to us rather than answered."""
    sender = next((line for line in block if _label(line) == "from"), "")
    domains = {match[1].lower() for match in _MAILBOX.finditer(sender)}
    return bool(own) and bool(domains) and not domains & own


def _without_device(lines: Sequence[str]) -> Sequence[str]:
    """Without the last line that a telephone adds ("Sent from my iPhone")."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    if end > 1 and len(lines[end - 1]) <= 120 and _DEVICE.match(lines[end - 1].strip()):
        end -= 1
        while end and (not lines[end - 1].strip() or _SIGNATURE.match(lines[end - 1])):
            end -= 1
    return lines[:end]
