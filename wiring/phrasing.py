"""The commands around what the bot understands: how well it does, and its phrases there and back in Rasa's format."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from intents import phrases
from wiring.plainly import BadInput


def test(folder: Path, out: TextIO) -> int:
    """Print the report over the cases of a folder. Raises BadInput where they cannot be read."""
    from intents import Reader, report

    try:
        cases = report.cases_in(folder)
        reader = Reader()
        read = report.Report.of(cases, report.reading(reader))
        for line in report.lines(read, reader, folder):
            out.write(line + "\n")
    except (report.BadCases, OSError) as error:
        raise BadInput(str(error)) from None
    return 0


def export(language: str, out: TextIO) -> int:
    """Print all phrases of a language as one NLU file. Raises BadInput for a language that has none."""
    if language not in phrases.languages():
        raise BadInput(f"no phrases in {language!r}; there are {', '.join(phrases.languages())}")
    out.write(phrases.write(phrases.of_language(language)))
    return 0


def bring_in(file: Path, language: str, out: TextIO) -> int:
    """Add an NLU file as one more writer of a language; what is known already stays out.

    Raises BadInput for a file or a language code that cannot be used.
    """
    if not (language.isalpha() and language.islower() and len(language) in (2, 3)):
        raise BadInput(f"{language!r} is no language code; it is two or three small letters, like de")
    try:
        given = phrases.read(file)
        known = {phrase.text for path in phrases.files(language) for phrase in phrases.read(path)}
        fresh = [phrase for phrase in given if phrase.text not in known]
        place = phrases.DATA / language / f"{file.stem}.yml"
        if place.exists():
            raise BadInput(f"{language} has a file {place.name} already; give yours another name")
        if fresh:
            place.parent.mkdir(exist_ok=True)
            place.write_text(phrases.write(fresh), encoding="utf-8")
    except phrases.BadPhrases as error:
        raise BadInput(str(error)) from None
    except OSError as error:
        raise BadInput(f"{file.name}: {error.strerror or 'cannot be read'}") from None
    out.write(f"{len(fresh)} phrases added, {len(given) - len(fresh)} were known. ")
    out.write("The model is made anew at the next start.\n")
    return 0
