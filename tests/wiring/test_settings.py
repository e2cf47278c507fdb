from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiring.environment import gather
from wiring.settings import CHANNEL_KEYS, BadSettings, Settings, settings_page, settings_table

ROOT = Path(__file__).parents[2]
KEY = "k" * 32
LIVE = {"SECRET_KEY": KEY, "PUBLIC_URL": "https://privacy.example.com"}


def read(env_file: Path | None = None, /, **given: str) -> Settings:
    return Settings.read({f"PRIVACYDESK_{name}": value for name, value in given.items()}, env_file)


def problems(**given: str) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        read(**given)
    return caught.value.problems


def only_problem(**given: str) -> str:
    found = problems(**given)
    assert len(found) == 1, found
    return found[0]


def test_a_secret_key_is_enough_to_start(tmp_path: Path) -> None:
    settings = read(SECRET_KEY=KEY, DATA_DIR=str(tmp_path))
    assert (settings.host, settings.port, settings.practice, settings.workers) == ("127.0.0.1", 8000, False, 2)
    assert settings.database_url.get_secret_value() == f"sqlite:///{tmp_path}/privacydesk.db"
    assert settings.company == ROOT / "company" / "kmauto"
    assert settings.channel_keys() == {}


def test_without_a_secret_key_the_start_fails_by_name() -> None:
    assert only_problem().startswith("PRIVACYDESK_SECRET_KEY is missing")


def test_the_process_environment_is_not_read_behind_the_callers_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIVACYDESK_PORT", "9999")
    monkeypatch.setenv("PORT", "9998")
    monkeypatch.setenv("HOST", "0.0.0.0")
    settings = read(SECRET_KEY=KEY)
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_every_problem_is_told_at_once() -> None:
    found = problems(PORT="x", LOG_LEVEL="loud", SECRET_KEY="short", WORKERS="0")
    assert [line.split()[0] for line in found] == [
        "PRIVACYDESK_PORT", "PRIVACYDESK_SECRET_KEY", "PRIVACYDESK_WORKERS", "PRIVACYDESK_LOG_LEVEL",
    ]


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("SECRET_KEY", "geheim"),
        ("DATABASE_URL", "mysql://root:geheim@db/x"),
        ("SMTP_URL", "imap://me:geheim@mail.example.com"),
        ("SMTP_URL", "smtp://me:geheim@:70000"),
        ("PUBLIC_URL", "https://geheim@example.com"),
    ],
)
def test_a_problem_never_shows_what_was_given(name: str, secret: str) -> None:
    found = problems(**{**LIVE, name: secret})
    assert found
    assert found[0].startswith(f"PRIVACYDESK_{name} ")
    assert "geheim" not in " ".join(found)


def test_no_traceback_of_bad_settings_shows_what_was_given() -> None:
    code = "import sys; from wiring.settings import Settings; Settings.read({'PRIVACYDESK_SECRET_KEY': 'geheim'}, None)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "PRIVACYDESK_SECRET_KEY must have" in done.stderr
    assert done.stderr.count("geheim") == 0


def test_neither_repr_nor_str_shows_a_secret() -> None:
    secrets = {
        "DATABASE_URL": "postgresql://u:geheim@db/x", "SECRET_KEY": "geheim" * 6, "TWILIO_AUTH_TOKEN": "geheim",
        "TWILIO_API_SECRET": "geheim", "SMTP_URL": "smtp://u:geheim@mail.example.com", "MAIL_MIME_SECRET": "geheim",
        "MAILGUN_SIGNING_KEY": "geheim", "POSTMARK_PASSWORD": "geheim", "OIDC_ISSUER": "https://id.example.com",
        "OIDC_CLIENT_ID": "desk", "OIDC_CLIENT_SECRET": "geheim",
    }
    settings = read(**{**LIVE, **secrets})
    assert "geheim" not in repr(settings) + str(settings) + str(settings.model_dump()) + settings.model_dump_json()


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read(SECRET_KEY=KEY).port = 1


@pytest.mark.parametrize("value", ["0", "65536", "-1", "80 80", "http", "8000.5"])
def test_a_port_is_a_port(value: str) -> None:
    assert only_problem(SECRET_KEY=KEY, PORT=value).startswith("PRIVACYDESK_PORT")


@pytest.mark.parametrize(
    "value",
    [
        "https://a.example.com/", "https://a.example.com?", "https://a.example.com#x", "https://a.example.com/in?x=1",
        "https://our_host.example.com", "a.example.com", "ftp://a.example.com", "https://", "https://a.example.com:0",
        "https://a.example.com:99999", "https://a example.com", "https://a.example.com\n", "https://[::1",
        "https://u@a.example.com",
    ],
)
def test_a_public_url_that_would_break_signatures_is_refused(value: str) -> None:
    assert only_problem(SECRET_KEY=KEY, PUBLIC_URL=value).startswith("PRIVACYDESK_PUBLIC_URL must")


@pytest.mark.parametrize(
    "value", ["https://a.example.com", "http://127.0.0.1:8000", "https://a.example.com/desk_1", "http://[::1]:80"]
)
def test_a_public_url_is_kept_to_the_letter(value: str) -> None:
    assert read(SECRET_KEY=KEY, PUBLIC_URL=value).public_url == value


def test_the_public_url_follows_the_port() -> None:
    assert read(SECRET_KEY=KEY, PORT="8123").public_url == "http://127.0.0.1:8123"


def test_a_real_provider_needs_a_public_url() -> None:
    line = only_problem(SECRET_KEY=KEY, TWILIO_AUTH_TOKEN="t")
    assert line.startswith("PRIVACYDESK_PUBLIC_URL is missing")
    assert "PRIVACYDESK_TWILIO_AUTH_TOKEN" in line


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_by_psycopg(scheme: str) -> None:
    settings = read(SECRET_KEY=KEY, DATABASE_URL=f"{scheme}://u:p@db:5432/desk?sslmode=require")
    assert settings.database_url.get_secret_value() == "postgresql+psycopg://u:p@db:5432/desk?sslmode=require"


@pytest.mark.parametrize("value", ["sqlite://", "sqlite:///", "sqlite:x.db", "mysql://a/b", "postgresql", "/x.db"])
def test_another_database_is_refused(value: str) -> None:
    assert only_problem(SECRET_KEY=KEY, DATABASE_URL=value).startswith("PRIVACYDESK_DATABASE_URL must")


def test_each_of_several_secret_keys_is_long_enough() -> None:
    assert read(SECRET_KEY=f"{'a' * 32}, {'b' * 40}").secret_keys() == ("a" * 32, "b" * 40)
    for value in ("a" * 31, f"{'a' * 32},b", f"{'a' * 32},"):
        assert only_problem(SECRET_KEY=value).startswith("PRIVACYDESK_SECRET_KEY must have at least 32")


def test_channel_keys_are_the_given_ones_by_plain_name() -> None:
    settings = read(**LIVE, TWILIO_AUTH_TOKEN="one,two", MAIL_FROM="privacy@example.com", TWILIO_FROM="")
    assert settings.channel_keys() == {"TWILIO_AUTH_TOKEN": "one,two", "MAIL_FROM": "privacy@example.com"}


def test_every_key_of_a_channel_is_a_setting() -> None:
    assert set(CHANNEL_KEYS) < {row.name for row in settings_table()}
    assert {row.name for row in settings_table() if row.name.startswith(("TWILIO_", "MAIL"))} < set(CHANNEL_KEYS)


def test_half_of_the_oidc_settings_is_refused_and_the_missing_ones_are_named() -> None:
    found = problems(SECRET_KEY=KEY, OIDC_ISSUER="https://id.example.com")
    assert [line.split()[0] for line in found] == ["PRIVACYDESK_OIDC_CLIENT_ID", "PRIVACYDESK_OIDC_CLIENT_SECRET"]


def test_a_company_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    assert only_problem(SECRET_KEY=KEY, COMPANY=str(tmp_path / "none")) == "PRIVACYDESK_COMPANY is not a folder."
    assert read(SECRET_KEY=KEY, COMPANY=str(tmp_path)).company == tmp_path


# --- practice

REAL = {
    "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_API_KEY": "SK1", "TWILIO_API_SECRET": "s",
    "TWILIO_FROM": "whatsapp:+14155550100", "SMTP_URL": "smtp://mail.example.com", "SENDGRID_PUBLIC_KEY": "k",
    "MAILGUN_SIGNING_KEY": "k", "POSTMARK_USER": "u", "POSTMARK_PASSWORD": "p", "SES_TOPIC_ARN": "arn:aws:sns:x",
}


@pytest.mark.parametrize("name", sorted(REAL))
def test_practice_beside_a_real_providers_key_is_refused_by_name(name: str, tmp_path: Path) -> None:
    line = only_problem(PRACTICE="on", DATA_DIR=str(tmp_path), **{name: REAL[name]})
    assert line.startswith(f"PRIVACYDESK_{name} is a real provider's")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("smtp", ["smtp://127.0.0.1:2525", "smtp://localhost:2525", "smtps://[::1]:2525"])
def test_practice_may_use_a_mail_server_on_this_machine(smtp: str, tmp_path: Path) -> None:
    assert read(PRACTICE="on", DATA_DIR=str(tmp_path), SMTP_URL=smtp).practice


def test_a_host_that_only_begins_like_this_machine_is_not_this_machine(tmp_path: Path) -> None:
    for smtp in ("smtp://localhost.example.com", "smtp://127.0.0.1.example.com", "smtp://127.0.0.1@mail.example.com"):
        assert "SMTP_URL" in only_problem(PRACTICE="on", DATA_DIR=str(tmp_path), SMTP_URL=smtp)


def test_practice_makes_its_key_once_and_keeps_it_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    first = read(PRACTICE="on", DATA_DIR=str(folder))
    second = read(PRACTICE="on", DATA_DIR=str(folder))
    assert first.secret_keys() == second.secret_keys()
    assert len(first.secret_keys()[0]) >= 32
    assert [path.name for path in folder.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600


def test_two_practice_folders_have_two_keys(tmp_path: Path) -> None:
    one, two = (read(PRACTICE="on", DATA_DIR=str(tmp_path / name)) for name in "ab")
    assert one.secret_keys() != two.secret_keys()


def test_a_damaged_practice_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("geheim\n")
    line = only_problem(PRACTICE="on", DATA_DIR=str(tmp_path))
    assert "secret.key does not hold a key" in line
    assert "geheim" not in line
    assert (tmp_path / "secret.key").read_text() == "geheim\n"


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert only_problem(PRACTICE="on", DATA_DIR=str(tmp_path / "file")).startswith("PRIVACYDESK_DATA_DIR")


def test_outside_practice_no_key_is_made(tmp_path: Path) -> None:
    problems(DATA_DIR=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("word", "means"), [("on", True), ("off", False), ("true", True), ("0", False)])
def test_practice_is_on_or_off(word: str, means: bool, tmp_path: Path) -> None:
    assert read(SECRET_KEY=KEY, PRACTICE=word, DATA_DIR=str(tmp_path)).practice is means
    assert only_problem(SECRET_KEY=KEY, PRACTICE="perhaps").startswith("PRIVACYDESK_PRACTICE must be")


# --- where values come from


def test_a_variable_wins_over_the_env_file(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text(f"PRIVACYDESK_PORT=9000\nPRIVACYDESK_HOST=0.0.0.0\nPRIVACYDESK_SECRET_KEY={KEY}\nOTHER=1\n")
    settings = read(env, PORT="9001")
    assert (settings.port, settings.host, settings.secret_keys()) == (9001, "0.0.0.0", (KEY,))


def test_a_password_with_a_dollar_sign_survives_the_env_file(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("PRIVACYDESK_POSTMARK_PASSWORD='a${HOME}$b'\n")
    assert gather({}, env, ["POSTMARK_PASSWORD"]) == {"POSTMARK_PASSWORD": "a${HOME}$b"}


def test_a_value_can_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY + "\n")
    assert read(SECRET_KEY_FILE=str(path)).secret_keys() == (KEY,)


def test_a_variable_that_names_a_file_wins_over_a_value_in_the_env_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("n" * 32)
    (tmp_path / ".env").write_text(f"PRIVACYDESK_SECRET_KEY={KEY}\n")
    assert read(tmp_path / ".env", SECRET_KEY_FILE=str(tmp_path / "key")).secret_keys() == ("n" * 32,)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    line = only_problem(SECRET_KEY_FILE=str(tmp_path / "none"))
    assert line.startswith("PRIVACYDESK_SECRET_KEY_FILE")
    assert "No such file" in line


def test_a_huge_or_binary_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "huge").write_bytes(b"a" * 70_000)
    (tmp_path / "binary").write_bytes(b"\xff\xfe" * 20)
    assert "larger than" in only_problem(SECRET_KEY_FILE=str(tmp_path / "huge"))
    assert "not UTF-8" in only_problem(SECRET_KEY_FILE=str(tmp_path / "binary"))


def test_a_value_and_a_file_for_it_together_are_refused(tmp_path: Path) -> None:
    assert "both given" in only_problem(SECRET_KEY=KEY, SECRET_KEY_FILE=str(tmp_path / "key"))


def test_an_empty_value_counts_as_not_given() -> None:
    assert read(SECRET_KEY=KEY, PORT="", TWILIO_AUTH_TOKEN="", SMTP_URL_FILE="").channel_keys() == {}


def test_an_empty_file_counts_as_not_given(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\n")
    assert read(SECRET_KEY=KEY, TWILIO_AUTH_TOKEN_FILE=str(tmp_path / "token")).channel_keys() == {}


def test_a_misspelt_setting_stops_the_start_and_the_right_one_is_offered() -> None:
    line = only_problem(SECRET_KEY=KEY, TWILIO_AUTH_TOKN="geheim")
    assert line == "PRIVACYDESK_TWILIO_AUTH_TOKN is not a setting. Did you mean PRIVACYDESK_TWILIO_AUTH_TOKEN?"


def test_what_the_tests_are_told_is_no_setting() -> None:
    assert read(SECRET_KEY=KEY, TEST_POSTGRES_URL="postgresql://x/y").port == 8000


VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)


@given(st.dictionaries(st.sampled_from([row.name for row in settings_table() if row.name != "PRACTICE"]), VALUES))
def test_no_value_at_all_makes_anything_but_settings_or_plain_problems(values: dict[str, str]) -> None:
    told: list[str] = []
    try:
        read(**values)
    except BadSettings as error:
        told = error.problems
    assert all(line.startswith("PRIVACYDESK_") and "\n" not in line for line in told)


@pytest.mark.parametrize("token", ["short", "x" * 16 + " y", "ü" * 20])
def test_a_token_for_the_figures_is_long_and_fits_into_a_header(token: str) -> None:
    assert only_problem(**LIVE, METRICS_TOKEN=token).startswith("PRIVACYDESK_METRICS_TOKEN must be")
    assert read(**LIVE, METRICS_TOKEN="x" * 16).given_metrics_token() == "x" * 16
    assert read(**LIVE).given_metrics_token() == ""


# --- the page


def test_the_settings_page_agrees_with_the_code() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    assert page == settings_page(), "make it anew: .venv/bin/python -m wiring.settings > docs/settings.md"


def test_every_setting_has_a_meaning() -> None:
    for row in settings_table():
        assert len(row.meaning) > 10, row.name
        assert "|" not in row.meaning + row.default, row.name
        assert os.sep + "work" not in row.default


def test_the_names_are_those_of_the_contract() -> None:
    names = """HOST PORT DATABASE_URL DATA_DIR PUBLIC_URL SECRET_KEY COMPANY TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN
        TWILIO_API_KEY TWILIO_API_SECRET TWILIO_FROM TWILIO_API_URL MAIL_FROM SMTP_URL MAIL_MIME_SECRET
        SENDGRID_PUBLIC_KEY MAILGUN_SIGNING_KEY POSTMARK_USER POSTMARK_PASSWORD SES_TOPIC_ARN OIDC_ISSUER
        OIDC_CLIENT_ID OIDC_CLIENT_SECRET PRACTICE WORKERS LOG_LEVEL METRICS_TOKEN"""
    assert sorted(row.name for row in settings_table()) == sorted(names.split())
