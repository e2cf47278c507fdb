"""Reads who imports whom from the source, without running it: in every way Python knows that can be read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

# What a room may import besides itself. Wiring joins the parts and may know everyone.
MAY = {
    "wiring": {"staff", "bot", "storage", "channels", "intents", "law", "company"},
    "staff": {"storage", "law", "company"},
    "bot": {"storage", "law", "company", "intents"},
    "storage": {"law"},
    "channels": set(),
    "intents": set(),
    "law": set(),
    "company": set(),
}
# Libraries that only some modules may know, so that they can be replaced; a name stands for all modules under it.
KEPT_TO = {
    "rasa_sdk": ("bot.actions", "bot.runner"),
    "sklearn": ("intents.train", "intents.judging"),
    "torch": ("intents.teach",),
}
COMPUTED = "(computed)"


@dataclass(frozen=True, slots=True)
class Arrow:
    """One module imports another. Names are dotted; `line` is where."""

    source: str
    target: str
    line: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


def arrows(root: Path, rooms: list[str]) -> list[Arrow]:
    """Every import in the modules of `rooms` under `root`."""
    files = {_name(path, root): path for room in rooms for path in sorted((root / room).rglob("*.py"))}
    found = []
    for name, path in files.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for target, line in _imports(ast.parse(path.read_text("utf-8")), package):
            found.append(Arrow(name, _module(target, files), line))
    return found


def forbidden(found: list[Arrow]) -> list[str]:
    """One line per arrow that the design does not allow."""
    return [str(arrow) for arrow in found if not _allowed(arrow)]


def circles(found: list[Arrow]) -> list[str]:
    """A circle between rooms and one between modules of each room, where there are any."""
    between_rooms: dict[str, set[str]] = {}
    inside: dict[str, dict[str, set[str]]] = {}
    for arrow in found:
        room, other = _room(arrow.source), _room(arrow.target)
        if other not in MAY:
            continue
        if room != other:
            between_rooms.setdefault(room, set()).add(other)
        elif arrow.source != arrow.target:
            inside.setdefault(room, {}).setdefault(arrow.source, set()).add(arrow.target)
    return [circle for graph in (between_rooms, *inside.values()) if (circle := _circle(graph))]


def _allowed(arrow: Arrow) -> bool:
    room, other = _room(arrow.source), _room(arrow.target)
    if other in KEPT_TO:
        return any(arrow.source == home or arrow.source.startswith(f"{home}.") for home in KEPT_TO[other])
    if other == COMPUTED:
        return room == "wiring"
    return other not in {*MAY, "tests", "scripts"} or other == room or other in MAY[room]


def _circle(graph: dict[str, set[str]]) -> str:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " <- ".join(error.args[1])
    return ""


def _imports(tree: ast.Module, package: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute("." * node.level + (node.module or ""), package)
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and _is_import(node.func):
            yield _called(node, package), node.lineno


def _is_import(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"import_module", "__import__"}


def _called(call: ast.Call, package: str) -> str:
    """The module an `import_module("...")` names; `package` in it, where given, is taken to be the module's own."""
    given = call.args[0] if call.args else next((word.value for word in call.keywords if word.arg == "name"), None)
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return _absolute(given.value, package)
    return COMPUTED


def _absolute(name: str, package: str) -> str:
    rest = name.lstrip(".")
    up = len(name) - len(rest)
    if up == 0:
        return rest
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - up + 1], *([rest] if rest else [])])


def _module(target: str, files: dict[str, Path]) -> str:
    """`storage.queue.claim` is a name in the module `storage.queue`; what is not ours stays as it is."""
    name = target.removesuffix(".*")
    while "." in name and name not in files and _room(name) in MAY:
        name = name.rpartition(".")[0]
    return name


def _name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str) -> str:
    return module.partition(".")[0]
