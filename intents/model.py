"""The trained classifiers of one folder, each read when its language is first met, built first where they are absent.

A model folder holds one folder per stamp (a hash over the phrases and the code that makes features of them), so a
changed phrase file makes a new model and a running process keeps reading its own.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from intents.classifier import Model, stamp
from intents.phrases import LANGUAGES

BESIDE_PACKAGE = Path(__file__).parent / "model"


class ModelError(RuntimeError):
    """The model can neither be read nor built in any folder that was given."""


class Models:
    """The languages' models of one folder, each opened once, when first asked for. Safe for threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._open: dict[str, Model] = {}

    def __getitem__(self, language: str) -> Model:
        """The language's model; English for a language that has none."""
        code = language if language in LANGUAGES else "en"
        model = self._open.get(code)
        if model is None:
            with self._lock:
                model = self._open.get(code) or Model.open(self._folder / f"{code}.npz")
                self._open[code] = model
        return model


def load(folder: Path | None = None, fallback: Path | None = None) -> Models:
    """The models, built first where they are absent or older than phrases or code.

    `folder` defaults to the one beside the package; `fallback` is used where that can neither be read nor written.
    Two processes never build at once. Raises ModelError.
    """
    name = stamp()
    for place in (folder or BESIDE_PACKAGE, fallback):
        if place is not None and (place / name).is_dir():
            return Models(place / name)
        if place is not None and _can_write(place):
            return Models(_build(place, name))
    raise ModelError("the model folder is not writable and holds no model for these phrases")


def _build(place: Path, name: str) -> Path:
    from intents.train import build  # scikit-learn is loaded only where a model is made

    return build(place, name)


def _can_write(place: Path) -> bool:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(place, os.W_OK)
