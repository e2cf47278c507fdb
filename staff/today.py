"""Today: the queue in groups, the sentence above it, and the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from staff.listing import Lister, Row, asides, group_of, undelivered, wanting
from storage import board, references, tickets
from storage.addresses import EMAIL, WHATSAPP, WHATSAPP_USER
from storage.db import Tx
from storage.tickets import OPEN_STATES, Filter

MOST = 500  # open tickets on one page, the nearest dates first
ORDER = ("late", "soon", "free", "hand", "wait", "failed", "person", "aside")
LOUD = ("late", "failed", "aside")  # groups whose heading is red


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked the list for; empty fields ask for everything. `whose` is `mine`, `nobody` or empty."""

    whose: str = ""
    right: str = ""
    country: str = ""
    channel: str = ""
    state: str = ""

    @property
    def narrow(self) -> bool:
        """Whether anything was asked for at all."""
        return self != Asked()

    def filter(self, mine: str, states: Sequence[str] = OPEN_STATES) -> Filter:
        """The same for the store; `mine` is the reader's id, `states` what an unsaid state means."""
        assignee = {"mine": mine, "nobody": ""}.get(self.whose)
        row = {"right": self.right, "country": self.country, "channel": self.channel}
        return Filter(states=(self.state,) if self.state else states, assignee=assignee, **row)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Group:
    """Some rows under one heading."""

    name: str
    rows: list[Row]

    @property
    def loud(self) -> bool:
        """Whether its heading is red."""
        return self.name in LOUD


@dataclass(frozen=True, slots=True)
class Queue:
    """The whole page. `more`: there are more open tickets than it shows. `whose` counts everyone's, mine, nobody's."""

    groups: list[Group]
    headline: Markup
    whose: dict[str, int]
    more: bool


def queue(lister: Lister, asked: Asked, mine: str) -> Queue:
    """Today's queue as one reader asked for it."""
    found, rest = tickets.listing(lister.tx, asked.filter(mine), limit=MOST)
    rows = lister.rows(found)
    by_name: dict[str, list[Row]] = {name: [] for name in ORDER}
    for one, row in zip(found, rows, strict=True):
        by_name[group_of(one, lister.today)].append(row)
    if not asked.narrow:
        # These are nobody's and everybody's: a filter by right or person says nothing about them.
        by_name |= {"failed": undelivered(lister), "person": wanting(lister), "aside": asides(lister)}
    groups = [Group(name, by_name[name]) for name in ORDER if by_name[name]]
    return Queue(groups, headline(lister, groups), whose(lister.tx, asked, mine), bool(rest))


def headline(lister: Lister, groups: Sequence[Group]) -> Markup:
    """The sentence that is the dashboard: each number a link to its group."""
    words = lister.words
    clauses: list[Markup] = []
    for group in groups:
        if group.name != "hand":  # what somebody works on in good time needs no sentence
            n = len(group.rows)
            shown = words.number(n) if clauses else words.number(n).capitalize()
            link = Markup('<a class="{}" href="#{}">{}</a>').format("late" if group.loud else "", group.name, shown)
            text = words(f"headline.{group.name}_{'one' if n == 1 else 'many'}")
            clauses.append(Markup.escape(text).replace("{n}", link))
    if not clauses:
        return Markup.escape(words("headline.none"))
    return words.join(clauses) + words("stop")


def whose(tx: Tx, asked: Asked, mine: str) -> dict[str, int]:
    """How many tickets each choice of "whose" would show, the other filters kept."""
    return {name: tickets.count(tx, replace(asked, whose=name).filter(mine)) for name in ("", "mine", "nobody")}


def search(tx: Tx, text: str) -> Filter | None:
    """What a search box means: a reference, a whole mail address or a whole number; None for anything else.

    Names cannot be searched: they are stored sealed and found by keyed hash of the whole value alone.
    """
    plain = text.strip()[:300]
    reference = references.read(plain)
    if reference:
        return Filter(reference=reference)
    digits = sum(c.isdecimal() for c in plain)
    if "@" in plain:
        kinds = [EMAIL]
    elif digits >= 6 and digits + sum(c in "+-() ./" for c in plain) == len(plain):
        kinds = [WHATSAPP]
    else:
        kinds = [WHATSAPP_USER]
    people = [one for kind in kinds for one in board.people(tx, kind, plain)]
    return Filter(people=people) if people else None
