"""The command line. Parts are imported where they are used, so that --help does not wait for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wiring.plainly import BadInput, plain_line

if TYPE_CHECKING:
    from wiring.settings import Settings

BAD_INPUT = 2
ENV_FILE = Path(".env")

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Privacy Desk: customers ask for their privacy rights, the bot files and answers, staff decide.",
)
staff = typer.Typer(no_args_is_help=True, help="Who may work the desk.")
customers = typer.Typer(no_args_is_help=True, help="The company's own directory.")
audit = typer.Typer(no_args_is_help=True, help="The audit trail.")
keys = typer.Typer(no_args_is_help=True, help="The keys that personal data is sealed with.")
intents = typer.Typer(no_args_is_help=True, help="What the bot understands, and the phrases it learned from.")
GROUPS = (("staff", staff), ("customers", customers), ("audit", audit), ("keys", keys), ("intents", intents))
for name, group in GROUPS:
    app.add_typer(group, name=name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 (looked, and not all is well) or 2 (bad input, one line on stderr)."""
    from typer._click.exceptions import ClickException

    # Before numpy is loaded: our products are small, and threads that wait for each other cost more than they bring.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        result = app(args=list(sys.argv[1:] if arguments is None else arguments), standalone_mode=False)
    except typer.Exit as ended:
        return ended.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except ClickException as error:
        return _told(error.format_message())
    except BrokenPipeError:
        # Whoever read our output has seen enough (`... | head`); what is left must not be flushed into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        # No traceback: its text may hold personal data, and whoever typed the command cannot use it.
        return _told(*plain_line(error))
    return result if isinstance(result, int) else 0


@app.command()
def run() -> int:
    """Web and worker in one process; brings the database to the newest shape first."""
    from wiring import serving

    return serving.run(_settings())


@app.command()
def web() -> int:
    """The web process alone."""
    from wiring import serving

    return serving.web(_settings())


@app.command()
def worker() -> int:
    """The worker alone."""
    from wiring import serving

    return serving.work(_settings())


@app.command()
def understand() -> int:
    """JSON lines on stdin, each {"text", "lang"?, "channel"?, "awaiting"?}: what each text asks for."""
    from wiring import lines

    return lines.understand(sys.stdin, sys.stdout)


@app.command("read-mail")
def read_mail(files: list[Path]) -> int:
    """Mail files as JSON lines: who wrote, what is new in it, what kind of mail it is."""
    from wiring import lines

    return lines.read_mail(files, sys.stdout)


@app.command()
def due(
    right: Annotated[str, typer.Option(help="access, portability, deletion, ...")],
    country: Annotated[str, typer.Option(help="ISO 3166-1, perhaps with a subdivision: US-CA")],
    received: Annotated[str, typer.Option(help="ISO 8601; without an offset UTC")],
) -> int:
    """The deadline of one right, as JSON."""
    from wiring import lines

    return lines.due(right, country, received, _company(), sys.stdout)


@staff.command("add")
def staff_add(
    email: str,
    role: Annotated[str, typer.Option(help="agent, manager or auditor")],
    name: Annotated[str, typer.Option(help="as others see it")] = "",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="read the password from stdin")] = False,
) -> int:
    """Add a member of staff."""
    from wiring import keeping

    return keeping.add_staff(_settings(), email, name, role, _password(password_stdin))


@staff.command("password")
def staff_password(
    email: str,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="read the password from stdin")] = False,
) -> int:
    """Set a new password for a member of staff; it ends all their sessions."""
    from wiring import keeping

    return keeping.set_password(_settings(), email, _password(password_stdin))


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    raise BadInput("give the password on stdin, with --password-stdin")


@customers.command("import")
def customers_import(
    file: Path,
    mapping: Annotated[Path | None, typer.Option(help="TOML: our column = the file's column")] = None,
) -> int:
    """Load customers from a CSV file: customer,name,email,whatsapp and perhaps language,country."""
    from wiring import directory

    return directory.import_file(_settings(), file, mapping)


@intents.command("test")
def intents_test(
    folder: Annotated[Path, typer.Argument(help="a folder with files like en.jsonl")] = Path("tests/understanding"),
) -> int:
    """How well messages with known answers are understood."""
    from wiring import phrasing

    return phrasing.test(folder, sys.stdout)


@intents.command("export")
def intents_export(language: Annotated[str, typer.Argument(help="en, ja, ...")]) -> int:
    """All phrases of one language, as Rasa NLU YAML."""
    from wiring import phrasing

    return phrasing.export(language, sys.stdout)


@intents.command("import")
def intents_import(
    file: Path,
    language: Annotated[str, typer.Option(help="en, ja, ... or a new language's code")],
) -> int:
    """Add phrases from a Rasa NLU YAML file as one more writer of a language."""
    from wiring import phrasing

    return phrasing.bring_in(file, language, sys.stdout)


@app.command()
def migrate() -> int:
    """Bring the database to the newest shape; what is there stays."""
    from wiring import keeping

    return keeping.migrate(_settings())


@audit.command("verify")
def audit_verify() -> int:
    """Check that no row of the audit trail was changed, moved or removed."""
    from wiring import keeping

    return keeping.verify_audit(_settings())


@keys.command("rotate")
def keys_rotate() -> int:
    """Seal everything anew with the first key of SECRET_KEY; the older ones then only prove the past."""
    from wiring import rotation

    return rotation.rotate(_settings())


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="default: a dated file under DATA_DIR/backups")] = None,
) -> int:
    """Copy the SQLite database while it is in use."""
    from wiring import keeping

    return keeping.backup(_settings(), file)


@app.command()
def check() -> int:
    """Look at settings and connections and say in plain words what works."""
    from wiring import checkup

    return checkup.check(_settings(), sys.stdout)


def _settings() -> Settings:
    from wiring.settings import BadSettings, Settings

    try:
        return Settings.read(os.environ, ENV_FILE)
    except BadSettings as error:
        raise BadInput(" ".join(error.problems)) from None


def _company() -> Path:
    """The company's folder, for a command that needs no other setting."""
    from wiring.environment import gather
    from wiring.settings import BadSettings, Settings

    try:
        given = gather(os.environ, ENV_FILE, [name.upper() for name in Settings.model_fields])
    except BadSettings as error:
        raise BadInput(" ".join(error.problems)) from None
    return Path(given.get("COMPANY") or Settings.model_fields["company"].default)


def _told(line: str, code: int = BAD_INPUT) -> int:
    print(f"privacydesk: {' '.join(line.split())}", file=sys.stderr)
    return code
