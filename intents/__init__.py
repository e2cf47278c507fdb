"""What a text asks for: language, intents, details, codes. Pure: no clock, no network, no store.

`Reader().understand(text, language)` is all the other rooms need.
"""

from __future__ import annotations

from intents.models import ModelError
from intents.phrases import LABELS, languages
from intents.reader import Reader
from intents.understanding import CodeReading, Contact, Detail, Reading, Understanding

__all__ = [
    "LABELS",
    "CodeReading",
    "Contact",
    "Detail",
    "ModelError",
    "Reader",
    "Reading",
    "Understanding",
    "languages",
]
