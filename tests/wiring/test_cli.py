"""The command line as people and programs use it: in processes of its own."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import select, update

from storage import audit, staff
from storage.db import Store
from storage.directory import count, on_file
from storage.tables import audit as trail
from storage.vault import Vault
from tests.wiring.rig import KEY, settings_for
from wiring import cli, keeping
from wiring.house import utc_now

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "import sys; from wiring.cli import main; sys.exit(main())")
PASSWORD = "a long enough password"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def given(tmp_path: Path, database_url: str) -> dict[str, str]:
    """The environment of an operator."""
    return environment(tmp_path, DATABASE_URL=database_url)


@pytest.fixture
def sqlite_given(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path)


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PRIVACYDESK_")}
    (tmp_path / "data").mkdir()
    settings = {"SECRET_KEY": KEY, "DATA_DIR": str(tmp_path / "data")} | more
    return own | {"PYTHONPATH": str(ROOT)} | {f"PRIVACYDESK_{name}": value for name, value in settings.items()}


def run(given: Mapping[str, str], *arguments: str, stdin: str = "") -> Done:
    """A short command, in this process: dozens of interpreters would take minutes."""
    out, err = io.StringIO(), io.StringIO()
    here = patch.dict(os.environ, given, clear=True), patch.object(sys, "stdin", io.StringIO(stdin))
    with here[0], here[1], redirect_stdout(out), redirect_stderr(err):
        code = cli.main(arguments)
    return Done(code, out.getvalue(), err.getvalue())


def run_apart(given: Mapping[str, str], *arguments: str, stdin: str = "") -> Done:
    """A command in a process of its own."""
    done = subprocess.run(
        (*COMMAND, *arguments), env=given, cwd=given["PRIVACYDESK_DATA_DIR"], input=stdin, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(autouse=True)
def _nobodys_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No .env of a developer is read."""
    monkeypatch.chdir(tmp_path)


def store_of(given: Mapping[str, str], key: str = KEY) -> Store:
    settings = settings_for(url_of(given), Path(given["PRIVACYDESK_DATA_DIR"]))
    return Store(settings.database_url.get_secret_value(), Vault(key.split(",")), utc_now, os.urandom)


def url_of(given: Mapping[str, str]) -> str:
    return given.get("PRIVACYDESK_DATABASE_URL") or f"sqlite:///{given['PRIVACYDESK_DATA_DIR']}/privacydesk.db"


def one_line(done: Done) -> str:
    """The single line on stderr of a command that was given something bad."""
    assert done.returncode == 2, done
    assert done.stderr.startswith("privacydesk: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["due"],
        ["due", "--right", "wings", "--country", "JP", "--received", "2026-11-23"],
        ["due", "--right", "access", "--country", "XX", "--received", "2026-11-23"],
        ["due", "--right", "access", "--country", "JP", "--received", "yesterday"],
        ["staff", "add", "a@b.example", "--role", "agent"],
        ["customers", "import", "/nowhere.csv"],
        ["audit", "verify"],
        ["web"],
        ["worker"],
        ["run", "--fast"],
        ["keys", "rotate"],
        ["backup"],
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(sqlite_given: dict[str, str], arguments: list[str]) -> None:
    one_line(run(sqlite_given, *arguments))


def test_a_process_of_its_own_ends_with_the_same_code_and_line(sqlite_given: dict[str, str]) -> None:
    one_line(run_apart(sqlite_given, "due", "--right", "wings", "--country", "JP", "--received", "2026-11-23"))


def test_settings_that_cannot_be_used_are_one_line(sqlite_given: dict[str, str]) -> None:
    line = one_line(run(sqlite_given | {"PRIVACYDESK_PORT": "many", "PRIVACYDESK_WORKERS": "0"}, "check"))
    assert "PRIVACYDESK_PORT" in line
    assert "PRIVACYDESK_WORKERS" in line


def test_half_the_keys_of_a_channel_stop_the_start_and_the_missing_one_is_named(sqlite_given: dict[str, str]) -> None:
    assert run(sqlite_given, "migrate").returncode == 0
    half = {"PRIVACYDESK_MAIL_FROM": "a@b.example", "PRIVACYDESK_SMTP_URL": "smtp://127.0.0.1:1"}
    assert "PRIVACYDESK_MAIL_MIME_SECRET is missing" in one_line(run(sqlite_given | half, "worker"))


def test_a_database_that_is_not_there_is_one_line(sqlite_given: dict[str, str]) -> None:
    for url in ("postgresql://nobody:secret@127.0.0.1:9/none", "sqlite:////proc/none/x.db"):
        line = one_line(run(sqlite_given | {"PRIVACYDESK_DATABASE_URL": url}, "migrate"))
        assert "secret" not in line


def test_help_comes_without_loading_the_parts() -> None:
    code = "import sys; from wiring.cli import main; main(['--help']); print(*sorted(sys.modules))"
    python = (sys.executable, "-c", code)
    done = subprocess.run(python, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"sqlalchemy", "fastapi", "rasa_sdk", "numpy", "twilio", "bot", "storage"}


def test_a_text_is_understood_as_json_lines(sqlite_given: dict[str, str]) -> None:
    lines = [{"text": "Delete my data", "ref": 7}, {"text": "123456", "lang": "en", "awaiting": "code"}]
    done = run_apart(sqlite_given, "understand", stdin="\n".join(map(json.dumps, lines)) + "\n")
    assert done.returncode == 0, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["ref"] == 7
    assert first["labels"] == ["deletion"]
    assert first["language"] == "en"
    assert (second["act"], second["code"]) == ("code", "123456")
    one_line(run(sqlite_given, "understand", stdin='{"text": "hello"}\nno json\n'))


def test_mail_files_are_read_as_json_lines(sqlite_given: dict[str, str]) -> None:
    files = [str(ROOT / "tests/payloads/mail/gmail_reply.eml"), "/nowhere.eml"]
    done = run(sqlite_given, "read-mail", *files)
    assert done.returncode == 0, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["file"], first["kind"]) == (files[0], "message")
    assert first["lang"]
    assert first["reply"]
    assert (second["kind"], second["lang"]) == ("unreadable", "")


def test_a_deadline_is_one_json_object(sqlite_given: dict[str, str]) -> None:
    done = run(sqlite_given, "due", "--right", "access", "--country", "KE", "--received", "2026-11-23T09:00:00Z")
    found = json.loads(done.stdout)
    assert found.keys() == {"regime", "due_on", "target_on", "statutory", "law", "extension"}


def test_the_day_of_receipt_is_the_companys_day_and_needs_no_other_setting(sqlite_given: dict[str, str]) -> None:
    bare = {name: value for name, value in sqlite_given.items() if not name.startswith("PRIVACYDESK_")}

    def due(received: str) -> str:
        done = run(bare, "due", "--right", "deletion", "--country", "KE", "--received", received)
        assert done.returncode == 0, done.stderr
        return done.stdout

    # 16:00 UTC is one o'clock of the next day in Tokyo.
    assert due("2026-11-23T16:00:00Z") == due("2026-11-24T00:30:00Z") != due("2026-11-23T14:00:00Z")


def test_staff_are_added_and_their_password_is_no_argument(given: dict[str, str]) -> None:
    run(given, "migrate")
    done = run(given, "staff", "add", "Yuki@km.example", "--role", "manager", "--password-stdin", stdin=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr
    assert "yuki" not in done.stdout.lower()
    store = store_of(given)
    with store.write() as tx:
        who = staff.check_password(tx, "yuki@km.example", PASSWORD)
        assert who is not None
        assert who.role == "manager"
    store.close()
    add = ("staff", "add", "b@km.example", "--password-stdin", "--role")
    assert "12 characters" in one_line(run(given, *add, "agent", stdin="short\n"))
    assert "role" in one_line(run(given, *add, "king", stdin=PASSWORD))


def test_customers_are_loaded_and_bad_rows_told_by_their_line(given: dict[str, str], tmp_path: Path) -> None:
    run(given, "migrate")
    file = tmp_path / "customers.csv"
    rows = ["customer,name,email,whatsapp", "1,Amina,amina@mail.example,+254 700 000001", "2,Ben,no mail,"]
    rows += [",Nobody,c@mail.example,", '3,"O\'Hara, Ciara",ciara@mail.example;c2@mail.example,', "4,Dan,,0700"]
    file.write_text("\n".join(rows) + "\n", "utf-8")
    done = run(given, "customers", "import", str(file))
    assert done.returncode == 1
    assert done.stdout == "2 customers loaded, 3 rows left out.\n"
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["line 3", "line 4", "line 6"]
    assert "no mail," not in done.stderr
    store = store_of(given)
    with store.read() as tx:
        assert count(tx) == 2
        assert len(on_file(tx, "whatsapp", "+254700000001")) == 1
        assert len(on_file(tx, "email", "c2@mail.example")) == 1
    store.close()


def test_a_mapping_names_the_columns_of_another_system(sqlite_given: dict[str, str], tmp_path: Path) -> None:
    run(sqlite_given, "migrate")
    file, mapping = tmp_path / "crm.csv", tmp_path / "names.toml"
    file.write_text("\ufeffNo;Mail\n1;amina@mail.example\n", "utf-8")
    mapping.write_text('customer = "No"\nemail = "Mail"\n')
    done = run(sqlite_given, "customers", "import", str(file), "--mapping", str(mapping))
    assert (done.returncode, done.stdout) == (0, "1 customers loaded, 0 rows left out.\n")
    assert "first line" in one_line(run(sqlite_given, "customers", "import", str(file)))
    mapping.write_text('shoe_size = "No"\n')
    assert "shoe_size" in one_line(run(sqlite_given, "customers", "import", str(file), "--mapping", str(mapping)))
    file.write_bytes(b"customer,email\n1,\xff\xfe\n")
    assert "UTF-8" in one_line(run(sqlite_given, "customers", "import", str(file)))


def test_a_changed_audit_row_is_found(given: dict[str, str]) -> None:
    run(given, "migrate")
    store = store_of(given)
    with store.write() as tx:
        for number in range(3):
            audit.record(tx, "ticket:1", "ticket.note", "system", n=number)
    assert run(given, "audit", "verify").returncode == 0
    with store.write() as tx:
        tx.conn.execute(update(trail).where(trail.c.n == 2).values(actor="staff:x"))
    done = run(given, "audit", "verify")
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "ticket:1, row 2: a row was changed or swapped")
    store.close()


def test_migrating_twice_changes_nothing(given: dict[str, str]) -> None:
    first, second = run(given, "migrate"), run(given, "migrate")
    assert (first.returncode, second.returncode) == (0, 0)
    assert keeping.newest_shape() in first.stdout
    assert "already" in second.stdout


def test_a_copy_is_a_whole_database_and_never_written_over(sqlite_given: dict[str, str], tmp_path: Path) -> None:
    run(sqlite_given, "migrate")
    store = store_of(sqlite_given)
    with store.write() as tx:
        staff.add(tx, "a@km.example", "", "agent", PASSWORD, "system")
        target = tmp_path / "copy.db"
        assert run(sqlite_given, "backup", str(target)).returncode == 0  # while somebody writes
    assert run(sqlite_given, "backup").returncode == 0
    [copy] = (Path(sqlite_given["PRIVACYDESK_DATA_DIR"]) / "backups").iterdir()
    with closing(sqlite3.connect(copy)) as read:
        assert read.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert read.execute("SELECT count(*) FROM staff").fetchone() == (1,)
    assert copy.stat().st_mode & 0o077 == 0
    assert "is there already" in one_line(run(sqlite_given, "backup", str(target)))
    store.close()


def test_a_copy_of_postgresql_is_left_to_its_own_tool(given: dict[str, str]) -> None:
    run(given, "migrate")
    done = run(given, "backup")
    if url_of(given).startswith("postgresql"):
        assert "pg_dump" in one_line(done)
    else:
        assert done.returncode == 0


def test_after_a_rotation_everything_opens_and_is_found_with_the_new_key_alone(
    given: dict[str, str], tmp_path: Path
) -> None:
    run(given, "migrate")
    file = tmp_path / "customers.csv"
    file.write_text("customer,name,email\n1,Amina,amina@mail.example\n")
    run(given, "customers", "import", str(file))
    run(given, "staff", "add", "a@km.example", "--role", "agent", "--password-stdin", stdin=PASSWORD)
    new = "n" * 40
    both = given | {"PRIVACYDESK_SECRET_KEY": f"{new},{KEY}"}
    for _ in range(2):
        done = run(both, "keys", "rotate")
        assert done.returncode == 0, done.stderr
    assert "0 of 1 rows" in done.stdout
    store = store_of(given, new)
    with store.write() as tx:
        assert len(on_file(tx, "email", "amina@mail.example")) == 1
        assert staff.check_password(tx, "a@km.example", PASSWORD) is not None
    store.close()
    assert run(both, "audit", "verify").returncode == 0


def test_a_look_at_everything_says_what_works(sqlite_given: dict[str, str]) -> None:
    done = run(sqlite_given, "check")
    assert done.returncode == 1
    assert "run `privacydesk migrate`" in done.stdout
    run(sqlite_given, "migrate")
    done = run(sqlite_given, "check")
    assert "SQLite is reached" in done.stdout
    assert "off: it has no keys" in done.stdout
    closed = {"MAIL_FROM": "a@b.example", "SMTP_URL": "smtp://127.0.0.1:9", "MAIL_MIME_SECRET": "x"}
    done = run(sqlite_given | {f"PRIVACYDESK_{name}": value for name, value in closed.items()}, "check")
    assert "127.0.0.1:9 cannot be reached" in done.stdout


# --- long-running commands


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def started(given: Mapping[str, str], command: str) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen((*COMMAND, command), env=given, cwd=given["PRIVACYDESK_DATA_DIR"], text=True, **pipes)


def answers(port: int, path: str, process: subprocess.Popen[str]) -> int:
    """The status of a path, once the process answers at all."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return int(answer.status)
        except OSError:
            time.sleep(0.1)
    raise AssertionError(process.communicate(timeout=10))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_practice_starts_with_one_command_and_ends_cleanly(
    sqlite_given: dict[str, str], number: signal.Signals
) -> None:
    port = free_port()
    practice = sqlite_given | {"PRIVACYDESK_PRACTICE": "on", "PRIVACYDESK_PORT": str(port)}
    del practice["PRIVACYDESK_SECRET_KEY"]
    process = started(practice, "run")
    assert answers(port, "/readyz", process) == 200
    assert answers(port, "/practice", process) == 200
    taken = one_line(run(practice, "run"))
    assert f"Port {port} is taken" in taken
    assert "PORT=8080 make run" in taken
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert f"http://127.0.0.1:{port}/desk" in out
    assert "sign in as" in out
    assert "Traceback" not in err
    assert all(json.loads(line)["event"] for line in err.splitlines())


def test_web_and_worker_run_apart_on_one_database(given: dict[str, str]) -> None:
    run(given, "migrate")
    port = free_port()
    web = started(given | {"PRIVACYDESK_PORT": str(port)}, "web")
    worker = started(given, "worker")
    assert answers(port, "/readyz", web) == 200
    assert worker.stdout
    assert "at work" in worker.stdout.readline()
    for process in (web, worker):
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 0, err


def test_an_unexpected_error_shows_its_class_and_place_and_no_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("amina@mail.example")

    monkeypatch.setattr("wiring.lines.due", broken)
    code = cli.main(["due", "--right", "access", "--country", "JP", "--received", "2026-11-23"])
    told = capsys.readouterr().err
    assert code == 1
    assert "RuntimeError at wiring/test_cli.py" in told
    assert "amina" not in told


def test_a_reader_that_has_seen_enough_is_no_error(sqlite_given: dict[str, str]) -> None:
    command = " ".join(f"'{part}'" for part in COMMAND)
    text = json.dumps({"text": "hello"})
    script = f"yes '{text}' | head -300 | {command} understand | head -1"
    done = subprocess.run(["bash", "-c", script], env=sqlite_given, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert json.loads(done.stdout)["labels"]


@pytest.fixture(scope="module", autouse=True)
def _model_is_there() -> None:
    """No command of this module waits for the intent model to be trained."""
    from intents import Reader

    Reader()


def test_the_trail_of_the_commands_names_the_system(sqlite_given: dict[str, str]) -> None:
    run(sqlite_given, "migrate")
    run(sqlite_given, "staff", "add", "a@km.example", "--role", "agent", "--password-stdin", stdin=PASSWORD)
    store = store_of(sqlite_given)
    with store.read() as tx:
        assert set(tx.conn.scalars(select(trail.c.actor))) == {"system"}
    store.close()


def test_the_database_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        settings = settings_for(f"sqlite:///{tmp_path}/d.db", tmp_path)
        keeping.prepare(settings)
        (tmp_path / "d.db").chmod(0o644)  # as an older version left it
        keeping.prepare(settings)
        with keeping.opened(settings) as store, store.write() as tx:
            staff.add(tx, "a@km.example", "", "agent", PASSWORD, "system")
            files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("d.db*")}
    finally:
        os.umask(before)
    assert files == dict.fromkeys(("d.db", "d.db-wal", "d.db-shm"), 0o600)
