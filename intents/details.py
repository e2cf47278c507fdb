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
_FREE_TEXT = ("name", "address", "company", "consignee")
_STRIP = " \t\n\"'.,;:!?«»“”()[]、。「」『』"


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
        return Detail(field, self._new_text(clause, language) if field in _FREE_TEXT else None)

    def _field(self, folded: str, language: str, contacts: Sequence[Contact]) -> str:
        for field, patterns in self._fields.items():
            if any(patterns[code].search(folded) for code in (language, "en") if code in patterns):
                return field
        return contacts[0].kind if contacts else ""

    def _new_contact(self, field: str, contacts: Sequence[Contact]) -> str | None:
        """The last one typed: people write the old one first."""
        values = [contact.value for contact in contacts if contact.kind == field]
        return values[-1] if values else None

    def _new_text(self, clause: str, language: str) -> str | None:
        # Folding may change the length of a text, so a lead is looked for in the lower-cased original first.
        folded = _same_length(clause)
        leads = [self._leads[code] for code in dict.fromkeys((language, "en")) if code in self._leads]
        starts = [match.end() for lead in leads for match in lead.finditer(folded)]
        for start in sorted(starts, reverse=True):
            value = self._cut(clause[start:], folded[start:], language)
            if value:
                return value
        return None

    def _cut(self, rest: str, folded: str, language: str) -> str:
        ends = [self._ends[code].search(folded) for code in dict.fromkeys((language, "en")) if code in self._ends]
        first = min((match.start() for match in ends if match and match.start() > 1), default=len(rest))
        value = re.split(r"[\n!?。！？]|\.(?:\s+[a-z]|$)", rest[:first])[0].strip(_STRIP)
        return value[:MAX_VALUE] if re.search(r"\w", value) else ""


def _same_length(text: str) -> str:
    """Folded character by character, so that positions are those of the text."""
    return "".join(folded if len(folded := fold(char) or " ") == 1 else char for char in text)
