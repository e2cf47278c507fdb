"""The rooms know only whom the design lets them know; and the reader of imports misses nothing."""

from __future__ import annotations

from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.imports import KEPT_TO, MAY, Arrow, arrows, circles, forbidden

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def found() -> list[Arrow]:
    return arrows(ROOT, sorted(MAY))


def test_no_room_imports_what_it_may_not(found: list[Arrow]) -> None:
    assert forbidden(found) == []


def test_there_is_no_circle_between_rooms_or_inside_one(found: list[Arrow]) -> None:
    assert circles(found) == []


def test_every_room_is_there_and_has_been_read(found: list[Arrow]) -> None:
    assert {arrow.source.partition(".")[0] for arrow in found} == set(MAY)
    on_disk = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert on_disk <= set(MAY)


def test_the_table_itself_has_no_circle() -> None:
    TopologicalSorter(MAY).prepare()


# --- the reader itself, on small made-up trees


def tree(tmp_path: Path, **files: str) -> list[Arrow]:
    for name, text in files.items():
        path = tmp_path / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for folder in path.relative_to(tmp_path).parents:
            if folder != Path():
                (tmp_path / folder / "__init__.py").touch()
    return arrows(tmp_path, sorted(MAY))


WAYS = [
    "import {0}.part",
    "import {0}.part as p",
    "import json, {0}.part",
    "from {0} import part",
    "from {0}.part import thing",
    "from {0} import *",
    "def f():\n    import {0}.part",
    "class A:\n    def f(self):\n        from {0}.part import thing",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from {0}.part import Thing",
    "try:\n    import {0}\nexcept ImportError:\n    pass",
    "import importlib\nimportlib.import_module('{0}.part')",
    "import importlib as i\ni.import_module(name='{0}.part')",
    "from importlib import import_module\nimport_module('{0}.part')",
    "__import__('{0}.part')",
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("room", "other"), [(room, other) for room in MAY for other in MAY if other != room and other not in MAY[room]]
)
def test_an_arrow_the_design_does_not_allow_is_seen(tmp_path: Path, room: str, other: str, way: str) -> None:
    seen = forbidden(tree(tmp_path, **{f"{room}__noun": way.format(other), f"{other}__part": "thing = 1"}))
    assert len(seen) == 1
    assert seen[0].startswith(f"{room}.noun:")
    assert f"imports {other}" in seen[0]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("room", "other"), [(room, other) for room in MAY for other in MAY[room]])
def test_an_allowed_arrow_is_let_through(tmp_path: Path, room: str, other: str, way: str) -> None:
    assert forbidden(tree(tmp_path, **{f"{room}__noun": way.format(other), f"{other}__part": "thing = 1"})) == []


@pytest.mark.parametrize("library", sorted(KEPT_TO))
@pytest.mark.parametrize("module", ["bot__dialogue", "staff__queue", "intents__model", "wiring__web", "bot__runners"])
def test_a_library_outside_its_home_is_seen(tmp_path: Path, library: str, module: str) -> None:
    assert len(forbidden(tree(tmp_path, **{module: f"def f():\n    from {library}.interfaces import Tracker"}))) == 1


@pytest.mark.parametrize(
    ("library", "module"),
    [("rasa_sdk", "bot__actions__file"), ("rasa_sdk", "bot__runner"), ("sklearn", "intents__train")],
)
def test_a_library_is_welcome_in_its_home(tmp_path: Path, library: str, module: str) -> None:
    assert forbidden(tree(tmp_path, **{module: f"import {library}"})) == []


def test_an_import_whose_name_is_computed_is_seen_outside_wiring(tmp_path: Path) -> None:
    code = "import importlib\nimportlib.import_module(f'{room}.part')"
    assert len(forbidden(tree(tmp_path, bot__noun=code, wiring__noun=code))) == 1


def test_the_system_never_imports_its_tests(tmp_path: Path) -> None:
    assert len(forbidden(tree(tmp_path, wiring__noun="from tests.postgres import running_server"))) == 1


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("from law import two", "from law import one"),
        ("import law.two", "def f():\n    import law.one"),
        ("from . import two", "from .one import thing"),
        ("from law.two import a", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from law.one import B"),
        ("import importlib\nimportlib.import_module('.two', __package__)", "from law.one import a"),
    ],
)
def test_a_circle_between_two_modules_of_a_room_is_seen(tmp_path: Path, one: str, two: str) -> None:
    seen = circles(tree(tmp_path, law__one=one, law__two=two))
    assert len(seen) == 1
    assert "law.one" in seen[0]
    assert "law.two" in seen[0]


def test_a_longer_circle_and_one_through_a_folder_are_seen(tmp_path: Path) -> None:
    last = "from ..a import d"
    code = {"bot__a": "from bot import b", "bot__b": "from bot.actions import c", "bot__actions__c": last}
    assert len(circles(tree(tmp_path, **code))) == 1


def test_a_circle_between_rooms_is_seen(tmp_path: Path) -> None:
    seen = circles(tree(tmp_path, law__a="import company.a", company__b="import law.b", company__a="", law__b=""))
    assert len(seen) == 1


def test_a_chain_is_no_circle(tmp_path: Path) -> None:
    files = {"law__a": "from law import b, c", "law__b": "from law import c", "law__c": "import json"}
    assert circles(tree(tmp_path, **files)) == []


def test_a_module_of_the_same_name_elsewhere_is_not_ours(tmp_path: Path) -> None:
    assert forbidden(tree(tmp_path, law__noun="import json.staff\nfrom os import path\nfrom lawful import staff")) == []
