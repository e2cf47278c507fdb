"""The one way in: a text becomes an Understanding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from intents import clauses, contacts, model, tables
from intents.classifier import Model
from intents.codes import CodeReader
from intents.details import DetailReader
from intents.fold import bare, clean, fold
from intents.language import LanguageReader
from intents.phrases import LABELS
from intents.understanding import Reading, Understanding
from intents.words import WordReader

LOWEST = 0.10
"""Confidence from which a reading is worth showing."""
WORTH_ASKING = 0.20
"""A second reading below this is noise, not the other meaning of the sentence."""
CLOSE = 0.25
"""Two readings nearer than this, neither of them sure, are asked about."""
PATTERN_CHARACTERS = 6_000
"""How much of a text signs and topics are looked for in."""
KEYWORD_LABELS = {"stop": "opt_out", "person": "human", "withdraw": "withdraw", "cancel": "withdraw"}
"""What a keyword asks for by itself; the others answer a question of the bot and ask for nothing."""

_LETTERS = re.compile(r"[^\W\d_]{2}|[\u3040-\u30ff\u4e00-\u9fff]")


class Reader:
    """Understands texts in eight languages. Holds nothing of a conversation; safe for threads."""

    def __init__(self, folder: Path | None = None, fallback: Path | None = None) -> None:
        """`folder` holds the model (default: beside the package); `fallback` is used where that cannot be written.

        Builds the model where it is absent or older than the phrases: half a minute. Raises model.ModelError.
        """
        self._models = model.load(folder, fallback)
        self._languages = LanguageReader()
        self._near: dict[str, str] = tables.read("languages")["near"]
        self._words = WordReader()
        self._codes = CodeReader()
        self._details = DetailReader()
        self._signs = tables.finders(tables.read("signs"))
        self._topics = tables.finders(tables.read("topics"))
        self._either = {
            bare(word): tuple(pair["labels"]) for pair in tables.read("between")["either"] for word in pair["words"]
        }

    def understand(self, text: str, language: str | None = None) -> Understanding:
        """What a text asks for. `language` is the conversation's so far, kept where the text is too short to tell.

        Never raises; reads the first 20,000 characters.
        """
        typed = clean(text)
        spoken, score = self._languages.read(typed, language)
        keyword, social = self._words.keyword(typed), self._words.social(typed)
        parts = [part for part in clauses.split(typed) if not self._words.social(part)]
        folded = fold(typed[:PATTERN_CHARACTERS])
        signs = frozenset(name for name, pattern in self._signs.items() if pattern.search(folded))
        if keyword or social or not parts:
            wish = clauses.certain(KEYWORD_LABELS.get(keyword, "out_of_scope"))
        else:
            wish = self._wish(typed, parts, spoken, signs)
        sure = wish.sureness >= self._model(spoken).sure
        return Understanding(
            text=text,
            language=spoken,
            language_score=score,
            labels=wish.labels,
            readings=_readings(wish),
            sure=sure,
            between=() if sure else _between(wish),
            social=social,
            keyword=keyword,
            topic=self._topic(wish) if "question" in wish.labels else "",
            signs=signs,
            details=self._details.read(wish.saying("correction"), spoken) if "correction" in wish.labels else (),
            contacts=contacts.contacts_in(typed),
            references=contacts.references_in(typed),
            code=self._codes.read(typed, keyword, _sure_wish(wish) if sure else ""),
        )

    def _wish(self, typed: str, parts: Sequence[str], spoken: str, signs: frozenset[str]) -> clauses.Wish:
        if pair := self._either.get(bare(typed)):
            return clauses.torn(*pair)
        rest = contacts.without_contacts(typed)
        if not _LETTERS.search(rest):
            # A bare reference asks how it stands; a bare address, code or number answers a question.
            return clauses.certain("status" if contacts.references_in(typed) else "out_of_scope")
        wish = clauses.unite(self._model(spoken), typed, parts)
        if "consent" in signs and "withdraw" in wish.labels:
            # Taking back consent uses a right; it never ends a request (the worst misreading possible).
            kept = set(wish.labels) - {"withdraw"}
            return clauses.certain(*kept, "opt_out", "objection")
        return wish

    def _model(self, spoken: str) -> Model:
        return self._models[self._near.get(spoken, spoken)]

    def _topic(self, wish: clauses.Wish) -> str:
        asked = [fold(part) for part in wish.saying("question")]
        return next((name for name, found in self._topics.items() if any(found.search(part) for part in asked)), "")


def _sure_wish(wish: clauses.Wish) -> str:
    """The one thing a message surely asks for, which then is not about the code; several count as one."""
    return "" if wish.labels == ("out_of_scope",) else wish.labels[0] if len(wish.labels) == 1 else "several"


def _readings(wish: clauses.Wish) -> tuple[Reading, ...]:
    pairs = [Reading(name, round(float(value), 3)) for name, value in zip(LABELS, wish.confidences, strict=True)]
    worth = [one for one in pairs if one.confidence >= LOWEST or one.name in wish.labels]
    return tuple(sorted(worth, key=lambda one: (-one.confidence, one.name)))


def _between(wish: clauses.Wish) -> tuple[str, ...]:
    """The two best readings where they are close, both worth asking about, and only one was taken."""
    best = _readings(wish)[:2]
    if len(wish.labels) > 1 or len(best) < 2 or "out_of_scope" in {one.name for one in best}:
        return ()
    near = best[0].confidence - best[1].confidence <= CLOSE and best[1].confidence >= WORTH_ASKING
    return (best[0].name, best[1].name) if near else ()
