"""Every setting: its name, meaning, default and check. The page docs/settings.md is made from this file.

Reading is one call, `Settings.read(os.environ, Path(".env"))`; nothing is read at import. A new page is made by
`python -m wiring.settings > docs/settings.md`.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from wiring import setting_checks as checks
from wiring.environment import PREFIX, BadSettings, gather

__all__ = ["BadSettings", "Row", "Settings", "settings_page", "settings_table"]

PROJECT = Path(__file__).resolve().parents[1]
TWILIO = tuple(f"TWILIO_{key}" for key in ("ACCOUNT_SID", "AUTH_TOKEN", "API_KEY", "API_SECRET", "FROM", "API_URL"))
MAIL_PROVIDERS = ("SENDGRID_PUBLIC_KEY", "MAILGUN_SIGNING_KEY", "POSTMARK_USER", "POSTMARK_PASSWORD", "SES_TOPIC_ARN")
CHANNEL_KEYS = (*TWILIO, "MAIL_FROM", "SMTP_URL", "MAIL_MIME_SECRET", *MAIL_PROVIDERS)
OIDC = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")

Folder = Annotated[Path, AfterValidator(checks.folder)]
WebUrl = Annotated[str, AfterValidator(checks.web_url)]


def _sqlite_in_data_dir(earlier: dict[str, Any]) -> SecretStr:
    return SecretStr(f"sqlite:///{earlier['data_dir'] / 'privacydesk.db'}")


def _loopback_address(earlier: dict[str, Any]) -> str:
    return f"http://127.0.0.1:{earlier['port']}"


class Settings(BaseSettings):
    """All settings, checked and frozen. Secrets are `SecretStr`, so that no repr and no log shows them."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", min_length=1, description="address the web process listens on")
    port: int = Field(8000, ge=1, le=65535, description="port the web process listens on")
    data_dir: Folder = Field(Path("data"), description="folder for the SQLite file, backups and the practice key")
    database_url: Annotated[SecretStr, AfterValidator(checks.database_url)] = Field(
        default_factory=_sqlite_in_data_dir,
        description="`sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`",
    )
    public_url: Annotated[str, AfterValidator(checks.public_url)] = Field(
        default_factory=_loopback_address,
        description="address by which customers and providers reach us, without a slash at the end; "
        "signatures are checked against it, and real providers need it",
    )
    secret_key: Annotated[SecretStr, AfterValidator(checks.secret_keys)] = Field(
        SecretStr(""),  # only until `read` has found or made one
        validate_default=False,
        description="encrypts personal data and signs tokens: at least 32 characters. While rotating, comma-separated: "
        "the current key first, then older ones",
    )
    company: Folder = Field(PROJECT / "company" / "kmauto", description="folder of the company file")
    practice: bool = Field(
        False,
        description="`on`: a phone and a mailbox in the browser stand in for the providers; refused beside real keys",
    )
    workers: int = Field(2, ge=1, le=64, description="threads that take turns and send answers")
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)] = Field(
        "info", description="least level that is logged: `debug`, `info`, `warning` or `error`"
    )
    metrics_token: Annotated[SecretStr, AfterValidator(checks.bearer)] | None = Field(
        None,
        description="lets `/metrics` be read with `Authorization: Bearer ...`; without it, from this machine alone",
    )

    twilio_account_sid: str | None = Field(None, description="WhatsApp by Twilio: the account, `AC...`")
    twilio_auth_token: SecretStr | None = Field(
        None, description="checks Twilio's signatures; comma-separated while rotating"
    )
    twilio_api_key: str | None = Field(None, description="sends by Twilio: the API key, `SK...`")
    twilio_api_secret: SecretStr | None = Field(None, description="secret of that API key")
    twilio_from: str | None = Field(None, description="our own sender, `whatsapp:+...`")
    twilio_api_url: WebUrl = Field("https://api.twilio.com", description="where Twilio's API is reached")

    mail_from: str | None = Field(None, description="our own mail address")
    smtp_url: Annotated[SecretStr, AfterValidator(checks.smtp_url)] | None = Field(
        None, description="server that sends our mail: `smtp://user:pass@host:port` or `smtps://...`"
    )
    mail_mime_secret: SecretStr | None = Field(None, description="signs raw mail posted to `/in/mail/mime`")
    sendgrid_public_key: str | None = Field(None, description="checks the signature of SendGrid's Inbound Parse")
    mailgun_signing_key: SecretStr | None = Field(None, description="checks Mailgun's signature")
    postmark_user: str | None = Field(None, description="user Postmark signs in with when it posts mail")
    postmark_password: SecretStr | None = Field(None, description="password of that user")
    ses_topic_arn: str | None = Field(None, description="the one SNS topic that mail by Amazon SES may come from")

    oidc_issuer: WebUrl | None = Field(None, description="staff sign in by OpenID Connect: address of the issuer")
    oidc_client_id: str | None = Field(None, description="our client id there")
    oidc_client_secret: SecretStr | None = Field(None, description="our client secret there")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `read` was handed: the process's own environment is not looked at behind the caller's back."""
        return (init_settings,)

    @classmethod
    def read(cls, environ: Mapping[str, str], env_file: Path | None) -> Self:
        """Settings from variables and a `.env` file. Raises BadSettings with one line per problem.

        Where PRACTICE is on and no SECRET_KEY is given, one is made and kept in DATA_DIR.
        """
        given = gather(environ, env_file, [name.upper() for name in cls.model_fields])
        try:
            settings = cls.model_validate({name.lower(): value for name, value in given.items()})
        except ValidationError as error:
            raise BadSettings(_problems_of(error)) from None
        problems = settings._problems_together()
        if problems:
            raise BadSettings(problems)
        if settings.secret_key.get_secret_value():
            return settings
        return settings.model_copy(update={"secret_key": _kept_key(settings.data_dir)})

    def secret_keys(self) -> tuple[str, ...]:
        """The current key first, then older ones that may still open what they closed."""
        return checks.parts(self.secret_key)

    def given_metrics_token(self) -> str:
        """What opens /metrics from elsewhere; "" where nothing does."""
        return self.metrics_token.get_secret_value() if self.metrics_token else ""

    def channel_keys(self) -> dict[str, str]:
        """The channels' keys by unprefixed name, as plain text; only those that were given."""
        return {name: _plain(getattr(self, name.lower())) for name in CHANNEL_KEYS if self._has(name)}

    def _has(self, name: str) -> bool:
        return name.lower() in self.model_fields_set

    def _problems_together(self) -> list[str]:
        """What is wrong with settings that are each fine alone."""
        problems = []
        real = self._keys_of_real_providers()
        if self.practice:
            problems += [f"{PREFIX}{name} is a real provider's, but {PREFIX}PRACTICE is on: drop one." for name in real]
        elif real and not self._has("PUBLIC_URL"):
            problems.append(f"{PREFIX}PUBLIC_URL is missing: {PREFIX}{real[0]} is set, and its provider must reach us.")
        if not self.practice and not self._has("SECRET_KEY"):
            problems.append(f"{PREFIX}SECRET_KEY is missing: give at least {checks.SHORTEST_SECRET} random characters.")
        if any(self._has(name) for name in OIDC):
            missing = [name for name in OIDC if not self._has(name)]
            problems += [f"{PREFIX}{name} is missing: the OIDC settings go together." for name in missing]
        if self._has("COMPANY") and not self.company.is_dir():
            problems.append(f"{PREFIX}COMPANY is not a folder.")
        return problems

    def _keys_of_real_providers(self) -> list[str]:
        """Keys that would reach the outside world; a stand-in on this machine is not outside."""
        names = [name for name in MAIL_PROVIDERS if self._has(name)]
        if self.smtp_url is not None and not checks.is_loopback(self.smtp_url.get_secret_value()):
            names.insert(0, "SMTP_URL")
        if not checks.is_loopback(self.twilio_api_url):
            names = [name for name in TWILIO if self._has(name)] + names
        return names


def _plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _problems_of(error: ValidationError) -> list[str]:
    """One line per wrong setting, without what was given."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        if problem["type"] == "default_factory_not_called":  # the setting this default is made from has its own line
            continue
        reason = problem["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
        lines.append(f"{PREFIX}{str(problem['loc'][0]).upper()} {reason}.")
    return lines


def _kept_key(data_dir: Path) -> SecretStr:
    """The practice key of this folder; made by whoever comes first, so that two processes never hold two keys."""
    path = data_dir / "secret.key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        return checks.secret_keys(SecretStr(path.read_text("ascii").strip()))
    except OSError as error:
        raise BadSettings([f"{PREFIX}DATA_DIR: {path} cannot be kept ({error.strerror})."]) from None
    except ValueError:
        raise BadSettings([f"{PREFIX}DATA_DIR: {path} does not hold a key."]) from None


def _write_once(path: Path, text: str) -> None:
    """Writes a whole file only its owner can read, or leaves the one that another process wrote meanwhile."""
    handle, name = tempfile.mkstemp(dir=path.parent)  # mode 600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text + "\n")
        os.link(name, path)
    except FileExistsError:
        return
    finally:
        os.unlink(name)


class Row(NamedTuple):
    """One line of the settings page."""

    name: str
    meaning: str
    default: str


_DERIVED: Mapping[str, str] = {
    "DATABASE_URL": "`sqlite:///<DATA_DIR>/privacydesk.db`",
    "PUBLIC_URL": "`http://127.0.0.1:<PORT>`",
    "SECRET_KEY": "none; in practice made once and kept in `<DATA_DIR>/secret.key`",
    "COMPANY": "`company/kmauto` of this project",
    "PRACTICE": "`off`",
}


def settings_table() -> list[Row]:
    """Every setting in the order of the class: name without prefix, meaning, default."""
    rows = []
    for field, about in Settings.model_fields.items():
        name = field.upper()
        plain = "" if about.default is None else f"`{about.default}`"
        rows.append(Row(name, about.description or "", _DERIVED.get(name, plain)))
    return rows


def settings_page() -> str:
    """The text of docs/settings.md."""
    lines = [
        "# Settings",
        "",
        f"Environment variables with the prefix `{PREFIX}`, or lines of a file `.env` (variables win). Any setting `X`",
        f"can be given as a file that holds it: `{PREFIX}X_FILE=/run/secrets/x`. An empty value or file counts as",
        "not given. A name with the prefix that is no setting stops the start, so that a slip of the pen is seen. A",
        "channel with no keys is off; with half its keys the start fails and names the missing one. They are all tried",
        "out by `privacydesk check`.",
        "",
        "| setting | meaning | default |",
        "| --- | --- | --- |",
        *(f"| `{row.name}` | {row.meaning} | {row.default} |" for row in settings_table()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
