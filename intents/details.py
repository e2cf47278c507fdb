"""What a correction wants changed: the field, and the new text where the message gives it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intents import tables
from intents.contacts import contacts_in
from intents.fold import fold
from intents.understanding import Contact, Detail

MAX_VALUE = 200
MAX_DETAILS = 5
MAX_WORDS = 7
"""A name of more words is a sentence."""
_FREE_TEXT = ("name", "address", "company", "consignee")
_STRIP = " \t\n\"'.,;:!?«»“”()[]、。「」『』"
_QUOTED = re.compile(r"[「『“«\"]([^「」『』“”«»\"]{1,120})[」』”»\"](?!\s*(?:では|じゃ|で来|になって|だと|not))")
_SENTENCE_END = re.compile(r"[\n!?。！？]|\.(?:\s+[a-z]|$)")  # "P.O. Box 7" and "Jr. Puno" go on
# Names of people and firms: capitalised words with the small words that stand inside a name.
_CAPITALISED = re.compile(
    r"[^\W\d_a-z][\w'.&-]*"
    r"(?:,? (?:(?:de|del|la|da|do|dos|das|van|von|bin|al|el|ben|di|du|et|y|e|and|&) )?[^\W\d_a-z][\w'.&-]*)*"
)
_CASELESS = re.compile("[\u0600-\u06ff\u3040-\u30ff\u4e00-\u9fff]")


class DetailReader:
    """Reads the details of a correction from one clause."""

    def __init__(self) -> None:
        data = tables.read("corrections")
        self._fields: dict[str, dict[str, re.Pattern[str]]] = {
            field: {code: tables.finder(patterns) for code, patterns in languages.items()}
            for field, languages in data["fields"].items()
        }
        self._leads = {code: tables.finder(patterns) for code, patterns in data["leads"].items()}
        self._ends = {code: tables.finder(patterns) for code, patterns in data["ends"].items()}
        self._noise = {code: tables.finder(patterns) for code, patterns in data["noise"].items()}

    def read(self, clauses: Sequence[str], language: str) -> tuple[Detail, ...]:
        """The details in these clauses, one per field, in order; a field without a new text has None."""
        found: dict[str, Detail] = {}
        for clause in clauses:
            detail = self._of_clause(clause, language)
            if detail and (detail.field not in found or found[detail.field].new_value is None):
                found[detail.field] = detail
        named = [detail for detail in found.values() if detail.field != "other"]
        return tuple(named or found.values())[:MAX_DETAILS]

    def _of_clause(self, clause: str, language: str) -> Detail | None:
        contacts = contacts_in(clause)
        field = self._field(fold(clause), language, contacts)
        if not field:
            return None
        if field in ("email", "phone"):
            return Detail(field, self._new_contact(field, contacts))
        return Detail(field, self._new_text(field, clause, language) if field in _FREE_TEXT else None)

    def _field(self, folded: str, language: str, contacts: Sequence[Contact]) -> str:
        for field, patterns in self._fields.items():
            if any(patterns[code].search(folded) for code in (language, "en") if code in patterns):
                return field
        return contacts[0].kind if contacts else ""

    def _new_contact(self, field: str, contacts: Sequence[Contact]) -> str | None:
        """The last one typed: people write the old one first."""
        values = [contact.value for contact in contacts if contact.kind == field]
        return values[-1] if values else None

    def _new_text(self, field: str, clause: str, language: str) -> str | None:
        """The new text where the sentence leaves no doubt which words it is; otherwise the bot asks for it."""
        quoted = _QUOTED.findall(clause)
        if quoted:
            return str(quoted[-1]).strip(_STRIP)[:MAX_VALUE] or None
        folded = _same_length(clause)
        starts = {match.end() for lead in self._of(self._leads, language) for match in lead.finditer(folded)}
        cut = (self._cut(clause[start:], folded[start:], language) for start in sorted(starts, reverse=True))
        values = (_as_name(value) if field in ("name", "company") else value for value in cut)
        return next((value[:MAX_VALUE] for value in values if self._plausible(field, value, language)), None)

    def _cut(self, rest: str, folded: str, language: str) -> str:
        ends = [found.search(folded) for found in self._of(self._ends, language)]
        first = min((match.start() for match in ends if match and match.start() > 1), default=len(rest))
        return _SENTENCE_END.split(rest[:first])[0].strip(_STRIP)

    def _plausible(self, field: str, value: str, language: str) -> bool:
        noise = self._of(self._noise, language)
        if not 2 <= len(value) <= MAX_VALUE or any(found.search(fold(value)) for found in noise):
            return False
        if field == "address":
            return bool(re.search(r"\d", value)) or value[0].isupper()
        return len(value.split()) <= MAX_WORDS

    def _of(self, table: dict[str, re.Pattern[str]], language: str) -> list[re.Pattern[str]]:
        return [table[code] for code in dict.fromkeys((language, "en")) if code in table]


def _as_name(value: str) -> str:
    """The capitalised words a value begins with; as typed where the script or the writer uses no capitals."""
    found = _CAPITALISED.match(value)
    return found[0].strip(_STRIP) if found and not _CASELESS.search(value) else value


def _same_length(text: str) -> str:
    """Folded character by character, so that positions are those of the text."""
    return "".join(folded if len(folded := fold(char) or " ") == 1 else char for char in text)
