"""The works: what make and the scripts do and say, the lock files, the image. Nothing here installs anything."""

from __future__ import annotations

import os
import pty
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.imports import MAY
from wiring.settings import Settings

ROOT = Path(__file__).parents[1]
TARGETS = ["setup", "run", "test", "lint", "types", "check", "bench", "model", "lock", "clean", "screenshots"]
SCRIPTS = sorted((ROOT / "scripts").glob("*.sh"))


def make(*words: str, **environ: str) -> str:
    """What make prints, without the settings of a make that runs these tests."""
    told = {"PATH": os.environ["PATH"], **environ}
    done = subprocess.run(["make", *words], cwd=ROOT, env=told, capture_output=True, text=True, check=True)
    return done.stdout


# --- make


def test_make_alone_lists_every_target_with_a_line_of_help() -> None:
    listed = dict(re.findall(r"^  make ([a-z]+) +(\S.*)$", make(), re.MULTILINE))
    assert set(listed) >= set(TARGETS)
    assert make() == make("help")


def test_every_target_is_a_command_and_no_file() -> None:
    phony = re.search(r"^\.PHONY:(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert set(TARGETS) <= set(phony[1].split())


def test_run_sets_up_and_then_starts_practice_on_port_8000() -> None:
    steps = make("-n", "run").splitlines()
    assert steps[0] == "scripts/setup.sh"
    assert steps[-1] == "PRIVACYDESK_PRACTICE=on PRIVACYDESK_PORT=8000 exec .venv/bin/privacydesk run"


@pytest.mark.parametrize("words", [{"PORT": "9001"}, {"PRIVACYDESK_PORT": "9001"}])
def test_run_takes_another_port(words: dict[str, str]) -> None:
    assert "PRIVACYDESK_PORT=9001 " in make("-n", "run", **words)


def test_run_needs_no_debian_package_and_test_does() -> None:
    assert "chromium" not in make("-n", "run")
    assert "scripts/debian.sh chromium fonts-noto-core fonts-noto-cjk" in make("-n", "test")


def test_check_is_lint_types_and_tests() -> None:
    steps = make("-n", "check")
    assert 0 < steps.find("ruff check") < steps.find("bin/mypy") < steps.find("-m pytest")


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    """A folder with our Makefile and scripts and nothing else of the project."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / "requirements.lock").write_text("one==1\n")
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def call(yard: Path, *words: str, path: str = os.defpath, **environ: str) -> subprocess.CompletedProcess[str]:
    told = {"PATH": path, **environ}
    return subprocess.run(words, cwd=yard, env=told, capture_output=True, text=True, check=False, input="")


def test_ctrl_c_ends_make_run_without_a_word_from_make(yard: Path) -> None:
    program(yard / "scripts" / "setup.sh", "")
    program(yard / "scripts" / "model.sh", "")
    # Like the real one it takes a moment to stop: make 4.3 stumbles over a child that is gone in the same instant.
    desk = 'trap "sleep 0.3; echo bye; exit 0" INT; echo "up $PRIVACYDESK_PRACTICE"; sleep 60 & wait'
    program(yard / ".venv" / "bin" / "privacydesk", desk)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(yard)
        os.execvp("make", ["make", "run"])  # noqa: S606
    said = _until(terminal, b"up on")
    os.write(terminal, b"\x03")
    said += _until(terminal, b"")
    os.waitpid(child, 0)
    assert said.replace(b"^C", b"").split() == [b"up", b"on", b"bye"]


def _until(terminal: int, word: bytes) -> bytes:
    said = b""
    while not word or word not in said:
        try:
            part = os.read(terminal, 1024)
        except OSError:  # the other side is gone
            return said
        if not part:
            return said
        said += part
    return said


# --- which Python


def test_a_new_enough_python_is_taken(yard: Path) -> None:
    assert call(yard, "scripts/python.sh", PYTHON=sys.executable).stdout.strip() == sys.executable


def test_an_old_python_is_told_with_its_version(yard: Path) -> None:
    old = program(yard / "bin" / "python3", '[ "$1" = --version ] && { echo Python 3.9.2; exit 0; }\nexit 1')
    named = call(yard, "scripts/python.sh", PYTHON=str(old))
    looked_for = call(yard, "/bin/sh", "scripts/python.sh", path=_bare(yard))
    for done in (named, looked_for):
        assert done.returncode == 1
        assert done.stdout == ""
        assert "needs Python 3.11 or newer; found only: " in done.stderr
        assert "(Python 3.9.2)" in done.stderr
        assert "Traceback" not in done.stderr


def test_no_python_at_all_is_told(yard: Path) -> None:
    done = call(yard, "/bin/sh", "scripts/python.sh", path=_bare(yard))
    assert done.returncode == 1
    assert "found no python3" in done.stderr


def test_a_newer_python_beside_an_old_one_is_found(yard: Path) -> None:
    program(yard / "bin" / "python3", "exit 1")
    newer = program(yard / "bin" / "python3.12", "exit 0")
    assert call(yard, "/bin/sh", "scripts/python.sh", path=_bare(yard)).stdout.strip() == str(newer)


def _bare(yard: Path) -> str:
    """A PATH with the plainest programs only, and those that a test puts in."""
    for name in ("env", "head", "tail", "grep", "cat", "cksum", "dirname", "rm", "mkdir", "find", "mktemp", "mv"):
        found = shutil.which(name, path=os.defpath + ":/bin:/usr/bin")
        assert found is not None
        (yard / "bin").mkdir(exist_ok=True)
        if not (yard / "bin" / name).exists():
            (yard / "bin" / name).symlink_to(found)
    return str(yard / "bin")


# --- Debian packages


def debian(yard: Path, *packages: str) -> subprocess.CompletedProcess[str]:
    return call(yard, "/bin/sh", "scripts/debian.sh", *packages, path=_bare(yard))


def machine(yard: Path, *, here: str = "", user: str = "0", sudo: bool = False, apt: str = "exit 0") -> None:
    program(yard / "bin" / "dpkg-query", f'case " {here} " in *" $3 "*) printf installed ;; *) exit 1 ;; esac')
    program(yard / "bin" / "id", f"echo {user}")
    program(yard / "bin" / "sudo", 'shift; exec "$@"' if sudo else "exit 1")
    program(yard / "bin" / "true", "exit 0")
    program(yard / "bin" / "apt-get", f'echo "$@" >> {yard}/asked\n{apt}')


def asked(yard: Path) -> str:
    return (yard / "asked").read_text() if (yard / "asked").exists() else ""


def test_packages_that_are_there_are_not_asked_for(yard: Path) -> None:
    machine(yard, here="chromium fonts-noto-core")
    done = debian(yard, "chromium", "fonts-noto-core")
    assert (done.returncode, done.stdout, done.stderr, asked(yard)) == (0, "", "", "")


def test_only_what_is_missing_is_installed_as_root(yard: Path) -> None:
    machine(yard, here="chromium")
    assert debian(yard, "chromium", "fonts-noto-core", "fonts-noto-cjk").returncode == 0
    assert asked(yard).splitlines()[-1].endswith("install -y --no-install-recommends fonts-noto-core fonts-noto-cjk")


def test_sudo_without_a_password_is_used(yard: Path) -> None:
    machine(yard, user="1000", sudo=True)
    assert debian(yard, "chromium").returncode == 0
    assert "install" in asked(yard)


def test_without_rights_the_missing_packages_and_the_command_are_told(yard: Path) -> None:
    machine(yard, user="1000")
    done = debian(yard, "chromium", "fonts-noto-cjk")
    assert done.returncode == 1
    assert "Missing: chromium fonts-noto-cjk. " in done.stderr
    assert "as root: apt-get install chromium fonts-noto-cjk\n" in done.stderr
    assert asked(yard) == ""


def test_without_apt_the_missing_packages_are_told(yard: Path) -> None:
    done = debian(yard, "chromium")
    assert done.returncode == 1
    assert "Missing: chromium. This is no Debian or Ubuntu" in done.stderr


def test_a_failing_apt_is_told(yard: Path) -> None:
    machine(yard, apt="exit 100")
    done = debian(yard, "chromium")
    assert done.returncode == 1
    assert "apt-get could not install them" in done.stderr


def test_a_browser_under_another_name_is_good_enough(yard: Path) -> None:
    machine(yard)
    program(yard / "bin" / "google-chrome", "")
    assert debian(yard, "chromium").returncode == 0
    assert asked(yard) == ""


# --- setup

FAKE_PYTHON = """
[ "$1" = -c ] && exit 0
echo "$@" >> calls
case "$*" in
    *requirements.lock*) [ ! -e fails ] || { cat fails >&2; exit 1; } ;;
    *" -e .") printf '#!/bin/sh\\n' > .venv/bin/privacydesk; chmod +x .venv/bin/privacydesk ;;
esac
"""


def calls(yard: Path) -> list[str]:
    """What was asked of pip; the bytecode that setup compiles afterwards asks nobody anything."""
    lines = (yard / "calls").read_text().splitlines() if (yard / "calls").exists() else []
    return [line for line in lines if "compileall" not in line]


def test_setup_installs_with_hashes_once_and_then_asks_nobody(yard: Path) -> None:
    program(yard / ".venv" / "bin" / "python", FAKE_PYTHON)
    assert call(yard, "scripts/setup.sh").returncode == 0
    assert ["--require-hashes" in line for line in calls(yard)] == [True, False]
    again = call(yard, "scripts/setup.sh")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert len(calls(yard)) == 2


@pytest.mark.parametrize("file", ["requirements.lock", "pyproject.toml"])
def test_setup_installs_again_when_the_lock_or_the_project_file_changed(yard: Path, file: str) -> None:
    program(yard / ".venv" / "bin" / "python", FAKE_PYTHON)
    call(yard, "scripts/setup.sh")
    (yard / file).write_text("two==2\n")
    call(yard, "scripts/setup.sh")
    assert len(calls(yard)) == 4


def test_setup_installs_again_when_the_command_is_gone(yard: Path) -> None:
    program(yard / ".venv" / "bin" / "python", FAKE_PYTHON)
    call(yard, "scripts/setup.sh")
    (yard / ".venv" / "bin" / "privacydesk").unlink()
    call(yard, "scripts/setup.sh")
    assert len(calls(yard)) == 4


@pytest.mark.parametrize(
    ("pip", "told"),
    [
        ("ERROR: [Errno 28] No space left on device", "the disk is full"),
        ("NewConnectionError('...: Failed to establish a new connection')", "registry cannot be reached"),
        ("Temporary failure in name resolution", "registry cannot be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "is not the one"),
        ("ERROR: No matching distribution found for numpy==2.4.6", "no build of a package for this Python"),
        ("ERROR: something else", "pip could not install the packages. The whole story is in .venv/setup.log"),
    ],
)
def test_a_setup_that_fails_says_why_and_is_tried_again(yard: Path, pip: str, told: str) -> None:
    program(yard / ".venv" / "bin" / "python", FAKE_PYTHON)
    (yard / "fails").write_text(pip)
    done = call(yard, "scripts/setup.sh")
    assert done.returncode == 1
    assert told in done.stderr.splitlines()[-1]
    (yard / "fails").unlink()
    assert call(yard, "scripts/setup.sh").returncode == 0
    assert len(calls(yard)) == 3


def test_a_python_without_venv_is_told_by_the_name_of_its_package(yard: Path) -> None:
    machine(yard, user="1000")
    program(yard / "bin" / "python3", 'case "$2" in *venv\\"*) echo python3.11-venv ;; *ensurepip*) exit 1 ;; esac')
    done = call(yard, "/bin/sh", "scripts/setup.sh", path=_bare(yard))
    assert done.returncode == 1
    assert done.stderr == "Missing: python3.11-venv. Install them as root: apt-get install python3.11-venv\n"
    assert not (yard / ".venv").exists()


# --- model

TRAINS = 'echo "$@" >> calls; [ ! -e fails ] && mkdir -p intents/model/x && touch intents/model/x/en.npz'


def test_the_model_is_trained_when_something_in_its_room_is_newer(yard: Path) -> None:
    program(yard / ".venv" / "bin" / "python", TRAINS)
    data = yard / "intents" / "data" / "en.yml"
    data.parent.mkdir(parents=True)
    data.write_text("")
    for _ in range(2):
        assert call(yard, "scripts/model.sh").returncode == 0
    assert calls(yard) == ["-m intents.train"]
    later = (yard / "intents" / "model" / ".built").stat().st_mtime + 5
    os.utime(data, (later, later))
    assert call(yard, "scripts/model.sh").returncode == 0
    assert len(calls(yard)) == 2


def test_a_model_that_is_gone_is_trained_again(yard: Path) -> None:
    program(yard / ".venv" / "bin" / "python", TRAINS)
    call(yard, "scripts/model.sh")
    shutil.rmtree(yard / "intents" / "model" / "x")
    call(yard, "scripts/model.sh")
    assert len(calls(yard)) == 2


def test_a_training_that_fails_is_not_taken_for_done(yard: Path) -> None:
    program(yard / ".venv" / "bin" / "python", TRAINS)
    (yard / "fails").touch()
    assert call(yard, "scripts/model.sh").returncode != 0
    assert list((yard / "intents" / "model").iterdir()) == []


# --- scripts and lock files


@pytest.mark.parametrize("script", [*SCRIPTS, ROOT / ".ci" / "run"], ids=lambda path: path.name)
def test_a_script_can_be_run_and_stops_at_the_first_error(script: Path) -> None:
    text = script.read_text()
    shell = "bash" if text.startswith("#!/usr/bin/env bash") else "sh"
    assert script.stat().st_mode & stat.S_IXUSR
    assert subprocess.run([shell, "-n", str(script)], check=False).returncode == 0
    assert "set -eu" in text


def locked(name: str) -> dict[str, str]:
    """Each requirement of a lock file with its lines."""
    text = (ROOT / name).read_text()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", text))
    return {block.split("\n")[0].rstrip(" \\"): block for block in blocks}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-run.lock"])
def test_everything_in_a_lock_file_has_a_version_and_hashes_and_names_no_host(name: str) -> None:
    for requirement, block in locked(name).items():
        assert "==" in requirement
        assert "--hash=sha256:" in block, requirement
    assert "://" not in (ROOT / name).read_text()


def test_the_lock_files_hold_what_the_project_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    run = {_package(line) for line in project["dependencies"]}
    test = {_package(line) for line in project["optional-dependencies"]["test"]}
    assert run <= {_package(line) for line in locked("requirements-run.lock")}
    assert run | test <= {_package(line) for line in locked("requirements.lock")}
    assert "pytest" not in {_package(line) for line in locked("requirements-run.lock")}


def test_the_image_runs_the_very_versions_that_were_tested() -> None:
    assert set(locked("requirements-run.lock")) <= set(locked("requirements.lock"))


def _package(line: str) -> str:
    return re.split(r"[\[><=;! ]", line)[0].lower().replace("_", "-")


# --- the image

DOCKERFILE = (ROOT / "Dockerfile").read_text()
LAST_STAGE = DOCKERFILE.rsplit("\nFROM ", 1)[1]


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def test_the_image_does_not_run_as_root() -> None:
    user = re.findall(r"^USER (\d+):(\d+)$", LAST_STAGE, re.MULTILINE)
    assert user == [("10001", "10001")]


def test_the_image_checks_its_health_with_a_python_that_parses() -> None:
    check = re.search(r'CMD \["python", "-c", "(.*)"\]$', LAST_STAGE, re.MULTILINE)
    assert check is not None
    compile(check[1], "healthcheck", "exec")
    assert "http://127.0.0.1:8000/healthz" in check[1]


def test_the_image_holds_the_model_and_no_tests() -> None:
    assert "python -m intents.train" in DOCKERFILE
    assert "--require-hashes -r requirements-run.lock" in DOCKERFILE
    assert "pip" not in LAST_STAGE


def test_only_the_rooms_and_what_builds_them_reach_the_image() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()
    assert allowed == {*MAY, "pyproject.toml", "requirements-run.lock", "README.md"}


@pytest.mark.parametrize("name", ["migrate", "web", "worker", "database"])
def test_a_container_can_write_only_where_it_must_and_gain_nothing(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in service["tmpfs"]
    assert "privileged" not in service


def test_nothing_starts_before_the_database_is_migrated() -> None:
    services = compose()["services"]
    assert services["migrate"]["command"] == ["migrate"]
    assert services["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert services["database"]["image"].startswith("postgres:17")
    assert "pg_isready" in services["database"]["healthcheck"]["test"]


def test_the_database_is_reached_from_inside_only() -> None:
    described = compose()
    assert described["networks"]["store"]["internal"] is True
    assert described["services"]["database"]["networks"] == ["store"]
    assert "ports" not in described["services"]["database"]
    assert described["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_no_secret_stands_in_the_compose_file_and_each_used_one_is_defined() -> None:
    described = compose()
    for service in described["services"].values():
        given = service["environment"]
        files = {value.removeprefix("/run/secrets/") for name, value in given.items() if name.endswith("_FILE")}
        assert files == set(service["secrets"]) <= set(described["secrets"])
        assert not [name for name in given if re.search(r"(KEY|TOKEN|SECRET|PASSWORD|_URL)$", name)]


def test_the_secrets_that_are_made_are_settings_that_are_accepted(yard: Path) -> None:
    for _ in range(2):
        assert call(yard, "scripts/secrets.sh").returncode == 0
    environ = compose()["services"]["web"]["environment"]
    settings = Settings.read({k: v.replace("/run/secrets", f"{yard}/secrets") for k, v in environ.items()}, None)
    assert settings.database_url.get_secret_value().startswith("postgresql+psycopg://privacydesk:")
    assert settings.channel_keys() == {}
    assert stat.S_IMODE((yard / "secrets").stat().st_mode) == 0o700


def test_made_secrets_are_never_replaced(yard: Path) -> None:
    call(yard, "scripts/secrets.sh")
    before = {path.name: path.read_bytes() for path in (yard / "secrets").iterdir()}
    (yard / "secrets" / "smtp_url").write_text("smtp://a")
    call(yard, "scripts/secrets.sh")
    after = {path.name: path.read_bytes() for path in (yard / "secrets").iterdir()}
    assert after == before | {"smtp_url": b"smtp://a"}
    assert set(after) == set(compose()["secrets"])


def test_what_a_running_desk_keeps_is_not_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {".env", "secrets/", "/data/", ".venv/", "intents/model/", "build/"} <= set(ignored)
