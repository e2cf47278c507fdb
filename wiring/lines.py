"""The commands that read text and write JSON, and touch no database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from wiring.plainly import BadInput


def understand(given: Iterable[str], out: TextIO) -> int:
    """Each line of `given` with what its text asks for. Raises BadInput at the first bad line."""
    from intents import Reader
    from intents.lines import BadLine, understand_lines

    try:
        for line in understand_lines(given, Reader()):
            out.write(line + "\n")
            out.flush()
    except BadLine as error:
        raise BadInput(str(error)) from None
    return 0


def read_mail(files: Sequence[Path], out: TextIO) -> int:
    """Each mail file as one JSON line, with its language."""
    from channels.letter import Reader as MailReader
    from channels.reading import read_mail_files
    from intents import Reader

    reader = Reader()
    for mail in read_mail_files(files, MailReader().read):
        if mail["kind"] != "unreadable":
            mail["lang"] = reader.understand(mail["reply"] or mail["text"]).language
        # A broken mail may hold half a character, which UTF-8 cannot write.
        line = json.dumps(mail, ensure_ascii=False).encode("utf-8", "replace").decode()
        out.write(line + "\n")
    return 0


def due(right: str, country: str, received: str, company: Path, out: TextIO) -> int:
    """The deadline of one right as one JSON object, in the days of the company in that folder.

    Raises law's UnknownRight, UnknownCountry and BadDate, and BadCompany.
    """
    from company import Company
    from law import Regimes, deadline_line

    timezone = Company.load(company).timezone
    out.write(json.dumps(deadline_line(Regimes.load(), right, country, received, timezone)) + "\n")
    return 0
