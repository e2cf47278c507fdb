"""The law as data: which rights there are, whose law speaks, and by which date an answer is due.

Nothing here knows of messages, tickets or the company. The laws' figures live in `regimes/*.toml`, the house's own in
`house.toml`; `deadline` joins them.
"""

from law.clock import BadDate, Deadline, Extension, UnknownRight, deadline, deadline_line
from law.places import Place, Places, country_name
from law.regimes import BadRegime, Regimes, UnknownCountry
from law.rights import Right, order_in_message

__all__ = [
    "BadDate",
    "BadRegime",
    "Deadline",
    "Extension",
    "Place",
    "Places",
    "Regimes",
    "Right",
    "UnknownCountry",
    "UnknownRight",
    "country_name",
    "deadline",
    "deadline_line",
    "order_in_message",
]
