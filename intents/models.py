"""The trained classifiers of one folder, each read when its language is first met, built first where they are absent.

A model folder holds one folder per stamp (a hash over the phrases and the code that makes features of them), so a
changed phrase file makes a new model and a running process keeps reading its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from intents.classifier import Classifier
from intents.model import Model, Shared, stamp
from intents.phrases import languages

BESIDE_PACKAGE = Path(__file__).parent / "model"


class ModelError(RuntimeError):
    """The model can neither be read nor built in any folder that was given."""


class Models:
    """The languages' models of one folder, each opened once, when first asked for. Safe for threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._shared = Shared.open()
        self._open: dict[str, Model] = {}

    def __getitem__(self, language: str) -> Model:
        """The language's model; English for a language that has none."""
        code = language if language in languages() else "en"
        model = self._open.get(code)
        if model is None:
            with self._lock:
                model = self._open.get(code) or self._read(code)
                self._open[code] = model
        return model

    def _read(self, code: str) -> Model:
        shared = self._shared
        network = shared.network if code in shared.taught else None
        return Model(Classifier.open(self._folder / f"{code}.npz"), network, shared.judge, shared.limits)


Build = Callable[[Path, str], Path]
"""Makes the models of a stamp in a folder; gives the folder they are in, or raises ModelError."""


def load(folder: Path | None = None, fallback: Path | None = None, build: Build | None = None) -> Models:
    """The models, built first where they are absent or older than phrases or code.

    `folder` defaults to the one beside the package; `fallback` is used where that can neither be read nor written.
    Two processes never build at once. Raises ModelError.
    """
    name = stamp()
    for place in (folder or BESIDE_PACKAGE, fallback):
        if place is not None and (place / name).is_dir():
            return Models(place / name)
        if place is not None and _can_write(place):
            return Models((build or train)(place, name))
    raise ModelError("the model folder is not writable and holds no model for these phrases")


def train(place: Path, name: str) -> Path:
    """Train in a process of its own: what it needs of memory and of scikit-learn is gone afterwards."""
    command = [sys.executable, "-m", "intents.train", str(place)]
    made = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - nothing of it is anybody's input
    if made.returncode or not (place / name).is_dir():
        raise ModelError(f"the model could not be built: `{sys.executable} -m intents.train` says why")
    return place / name


def _can_write(place: Path) -> bool:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(place, os.W_OK)
