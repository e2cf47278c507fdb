"""The one way in: a text becomes an Understanding."""

from __future__ import annotations

import re
from pathlib import Path

from intents import contacts, models, tables, wishes
from intents.ages import AgeReader
from intents.clauses import Cutter, split
from intents.codes import CodeReader
from intents.details import DetailReader
from intents.fold import MAX_CHARACTERS, bare, clean, fold
from intents.language import LanguageReader
from intents.phrases import LABELS
from intents.residence import ResidenceReader
from intents.understanding import Detail, Reading, Understanding
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

_LETTERS = re.compile(r"[^\W\d_]{3}|[\u3040-\u30ff\u4e00-\u9fff\u0621-\u064a]")

_CONSENT = frozenset({"opt_out", "objection", "withdraw"})


class Reader:
    """Understands texts in eight languages. Holds nothing of a conversation; safe for threads."""

    def __init__(self, folder: Path | None = None, fallback: Path | None = None) -> None:
        """`folder` holds the model (default: beside the package); `fallback` is used where that cannot be written.

        Builds the model where it is absent or older than the phrases: half a minute. Raises models.ModelError.
        """
        self._models = models.load(folder, fallback)
        self._languages = LanguageReader()
        self._near: dict[str, str] = tables.read("languages")["near"]
        self._words = WordReader()
        self._cutter = Cutter()
        self._codes = CodeReader()
        self._details = DetailReader()
        self._residence = ResidenceReader()
        self._ages = AgeReader()
        self._signs = tables.Finders(tables.read("signs"))
        self._topics = tables.Finders(tables.read("topics"))
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
        own = self._own_words(typed)
        folded = fold(typed[:PATTERN_CHARACTERS])
        near = self._near.get(spoken, spoken)
        signs = frozenset(self._signs.names(folded, near)) | ({"minor"} if self._ages.minor(folded, near) else set())
        if keyword or social or not own:
            wish = wishes.certain(KEYWORD_LABELS.get(keyword, "out_of_scope"))
        else:
            wish = self._wish(own, near, signs)
        return Understanding(
            text=text,
            language=spoken,
            language_score=score,
            labels=wish.labels,
            readings=_readings(wish),
            sure=wish.sure,
            between=() if wish.sure else _between(wish),
            social=social,
            keyword=keyword,
            topic=self._topic(wish, near) if "question" in wish.labels else "",
            choice=self._words.choice(typed),
            signs=signs,
            details=self._detailed(text, wish, near) if "correction" in wish.labels else (),
            contacts=contacts.contacts_in(typed),
            references=contacts.references_in(typed),
            code=self._codes.read(typed, keyword, _sure_wish(wish) if wish.sure else ""),
            residence=self._residence.read(typed, near),
        )

    def _detailed(self, text: str, wish: wishes.Wish, near: str) -> tuple[Detail, ...]:
        """The details of the text as it was typed, outside the sentences that ask for something else only."""
        others = [clause for clause, labels in wish.clauses if labels and "correction" not in labels]
        own = self._cutter.own_words(text[:MAX_CHARACTERS])
        return self._details.read(own, near, others if len(wish.labels) > 1 else ())

    def _own_words(self, typed: str) -> str:
        """The sentences without quoted mail, greetings and thanks."""
        return "\n".join(part for part in split(self._cutter.own_words(typed)) if not self._words.social(part))

    def _wish(self, typed: str, near: str, signs: frozenset[str]) -> wishes.Wish:
        if pair := self._either.get(bare(typed)):
            return wishes.torn(*pair)
        rest = contacts.without_contacts(typed)
        if not _LETTERS.search(rest):
            # A bare reference asks how it stands; a bare address, code or number answers a question.
            return wishes.certain("status" if contacts.references_in(typed) else "out_of_scope")
        wish = wishes.read(self._models[near], self._cutter.parts(typed, near))
        if "consent" in signs and {*wish.labels} <= _CONSENT and len(wish.labels) > 1:
            # Taking back consent uses rights; it never ends a request (the worst misreading possible).
            return wishes.certain("opt_out", "objection")
        if "consent" in signs and "withdraw" in wish.labels:
            return wishes.certain(*({*wish.labels} - {"withdraw"}), "opt_out", "objection")
        if self._languages.says_nothing(typed, near):
            return wishes.believed(wish, False)
        if "agent" in signs and wish.labels != ("out_of_scope",):
            # "His data" reads like somebody else's business; a person looks at an agent's request in any case.
            return wishes.believed(wish, True)
        return wish

    def _topic(self, wish: wishes.Wish, near: str) -> str:
        asked = "\n".join(fold(part) for part in wish.saying("question"))
        return next(self._topics.names(asked, near), "")


def _sure_wish(wish: wishes.Wish) -> str:
    """The one thing a message surely asks for, which then is not about the code; several count as one."""
    return "" if wish.labels == ("out_of_scope",) else wish.labels[0] if len(wish.labels) == 1 else "several"


def _readings(wish: wishes.Wish) -> tuple[Reading, ...]:
    pairs = [Reading(name, round(float(value), 3)) for name, value in zip(LABELS, wish.confidences, strict=True)]
    worth = [one for one in pairs if one.confidence >= LOWEST or one.name in wish.labels]
    return tuple(sorted(worth, key=lambda one: (-one.confidence, one.name)))


def _between(wish: wishes.Wish) -> tuple[str, ...]:
    """The two best readings where they are close, both worth asking about, and only one was taken."""
    best = _readings(wish)[:2]
    if len(wish.labels) > 1 or len(best) < 2 or "out_of_scope" in {one.name for one in best}:
        return ()
    near = best[0].confidence - best[1].confidence <= CLOSE and best[1].confidence >= WORTH_ASKING
    return (best[0].name, best[1].name) if near else ()
