"""Where settings come from: environment variables, the file `.env`, and `X_FILE` naming a file that holds X.

Variables win over `.env`. An empty value or file counts as not given, because compose files pass on what is unset
as empty.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

PREFIX = "PRIVACYDESK_"
FOR_TESTS = "PRIVACYDESK_TEST_"  # read by the tests alone
LARGEST_FILE = 64 * 1024  # bytes; a key or a URL is never longer


class BadSettings(ValueError):
    """The settings cannot be used. `problems` has one line each; no line ever holds the value of a secret."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def gather(environ: Mapping[str, str], env_file: Path | None, names: Collection[str]) -> dict[str, str]:
    """The given values by unprefixed upper-case name; only `names` are settings. Raises BadSettings."""
    problems: list[str] = []
    found: dict[str, str] = {}
    for source in (_from_file(env_file, problems), environ):
        found.update(_of_one_source(source, names, problems))
    if problems:
        raise BadSettings(problems)
    return found


def _from_file(env_file: Path | None, problems: list[str]) -> dict[str, str]:
    if env_file is None or not env_file.is_file():
        return {}
    text = _read(env_file, str(env_file), problems)
    if text is None:
        return {}
    # No interpolation: a password may contain "${".
    return {name: value or "" for name, value in dotenv_values(stream=StringIO(text), interpolate=False).items()}


def _of_one_source(source: Mapping[str, str], names: Collection[str], problems: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for variable, value in sorted(source.items()):
        if not variable.startswith(PREFIX) or variable.startswith(FOR_TESTS) or not value:
            continue
        name = variable.removeprefix(PREFIX)
        bare = name.removesuffix("_FILE")
        if name in names:
            found[name] = value
        elif bare not in names:
            problems.append(_unknown(variable, names))
        elif source.get(PREFIX + bare):
            problems.append(f"{PREFIX}{bare} and {variable} are both given: keep one.")
        else:
            text = (_read(Path(value), variable, problems) or "").rstrip("\r\n")
            if text:
                found[bare] = text
    return found


def _read(path: Path, named: str, problems: list[str]) -> str | None:
    """The text of a settings file; None and a problem where it cannot be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
        if len(raw) > LARGEST_FILE:
            problems.append(f"{named}: the file {path} is larger than {LARGEST_FILE} bytes.")
            return None
        return raw.decode("utf-8")
    except OSError as error:
        problems.append(f"{named}: the file {path} cannot be read ({error.strerror}).")
    except UnicodeDecodeError:
        problems.append(f"{named}: the file {path} is not UTF-8 text.")
    return None


def _unknown(variable: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(variable.removeprefix(PREFIX), names, n=1)
    hint = f" Did you mean {PREFIX}{near[0]}?" if near else ""
    return f"{variable} is not a setting.{hint}"
