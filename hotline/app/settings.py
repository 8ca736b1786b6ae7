"""All settings of an instance: defaults, then a TOML file, then HOTLINE_* environment variables.

Nested values take a double underscore: HOTLINE_HTTP__PORT=8080. Each section is declared by the floor that it is about.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from callflow.settings import FlowBudgets, FlowHttpSettings
from crm.settings import CrmSettings
from hotline.accounts.settings import AccountSettings, AuditSettings
from hotline.kernel.settings import DatabaseSettings, HttpSettings, Section, SettingsError
from hotline.notices.settings import NoticeSettings, SmsSettings
from ivr.settings import AmiSettings, AsteriskSettings, SpeechSettings

SHORTEST_AUDIT_DAYS = 180


def _default_home() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/hotline")
    return Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")).expanduser() / "hotline"


def _default_cache() -> Path:
    if os.geteuid() == 0:
        return Path("/var/cache/hotline")
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "hotline"


class RetentionSettings(Section):
    """For how many days data is kept; 0 is indefinitely."""

    recordings_days: int = Field(default=180, ge=0)
    """Of talks and messages, since the call; where it belongs to a case, since that was closed."""
    call_records_days: int = Field(default=1095, ge=0)
    """The call log; a call that belongs to a case as above."""
    events_days: int = Field(default=90, ge=0)
    """The journal, once the call log has it."""
    facts_days: int = Field(default=90, ge=0)
    """Lines of Asterisk's own logs, once the call log has them."""
    audit_days: int = Field(default=1095, ge=0)
    """Who did what; never less than six months, which the Cybersecurity Law asks for."""
    failed_jobs_days: int = Field(default=90, ge=0)
    """Timed work that was given up."""
    notices_days: int = Field(default=180, ge=0)
    """What stood in the bell."""
    messages_days: int = Field(default=365, ge=0)
    """SMS and webhook messages, with the numbers that they went to."""
    start_hour: int = Field(default=3, ge=0, le=23)
    """When a night's removal begins, by the city's clock."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if 0 < self.audit_days < SHORTEST_AUDIT_DAYS:
            raise ValueError(f"audit_days must be 0 or at least {SHORTEST_AUDIT_DAYS}")
        if self.call_records_days:
            for name in ("recordings_days", "events_days", "facts_days"):
                if not 0 < getattr(self, name) <= self.call_records_days:
                    raise ValueError(f"{name} must not be longer than call_records_days")
        return self


class Settings(BaseSettings):
    """All settings of one instance."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_", env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Path = Field(default_factory=_default_home)
    """Everything this instance owns: database, secrets, Asterisk's configuration, recordings, logs."""
    cache: Path = Field(default_factory=_default_cache)
    """What can be fetched or made again: the Asterisk root, prompts, models. Shared between instances."""
    config: Path | None = None
    """The TOML file; default <home>/hotline.toml where it exists."""
    http: HttpSettings = HttpSettings()
    accounts: AccountSettings = AccountSettings()
    audit: AuditSettings = AuditSettings()
    database: DatabaseSettings = DatabaseSettings()
    ami: AmiSettings = AmiSettings()
    asterisk: AsteriskSettings = AsteriskSettings()
    speech: SpeechSettings = SpeechSettings()
    crm: CrmSettings = CrmSettings()
    notices: NoticeSettings = NoticeSettings()
    sms: SmsSettings = SmsSettings()
    retention: RetentionSettings = RetentionSettings()
    flow: Path | None = None
    """The call flow to run; default: the shipped one."""
    flow_budgets: FlowBudgets = FlowBudgets()
    flow_http: FlowHttpSettings = FlowHttpSettings()
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, settings_file())

    @property
    def database_url(self) -> str:
        """Raises SettingsError where `database.password_file` cannot be read."""
        if self.database.password_file is None:
            return self.database.url or f"sqlite+aiosqlite:///{self.home / 'hotline.db'}"
        from hotline.kernel.db import parse_database_url

        url = parse_database_url(self.database.url).set(password=_password(self.database.password_file))
        return url.render_as_string(hide_password=False)

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.crm.time_zone)

    @property
    def recordings(self) -> Path:
        return self.asterisk.recordings or self.home / "recordings"

    @property
    def sounds(self) -> Path:
        return self.asterisk.sounds or self.home / "sounds"

    @property
    def asterisk_logs(self) -> Path:
        return self.asterisk.logs or self.home / "asterisk" / "log"


def _password(file: Path) -> str:
    try:
        password = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"database.password_file, {file}, cannot be read: {reason}.") from None
    if not password:
        raise SettingsError(f"database.password_file, {file}, is empty; write the password into it.")
    return password


def load_settings(**given: Any) -> Settings:
    """The settings of this process; `given` wins over environment and file. Raises `SettingsError`."""
    _refuse_misspelt_environment()
    file = settings_file()
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = [_complaint(item["loc"], item["msg"], given, file) for item in error.errors(include_url=False)]
        raise SettingsError("; ".join(lines)) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not UTF-8 text.") from None
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None


def settings_file() -> Path:
    home = Path(os.environ.get("HOTLINE_HOME", "") or _default_home())
    return Path(os.environ.get("HOTLINE_CONFIG", "") or home / "hotline.toml")


def _complaint(loc: tuple[int | str, ...], message: str, given: dict[str, Any], file: Path) -> str:
    keys = [str(part) for part in loc]
    names = ["HOTLINE_" + "__".join(keys[:depth]).upper() for depth in range(len(keys), 0, -1)]
    inner = (name for name in sorted(os.environ) if name.startswith(f"{names[0]}__"))  # of a whole section
    variable = next((name for name in names if name in os.environ), None) or next(inner, None)
    if keys and keys[0] in given:
        where = "the command line"
    else:
        where = f"the environment variable {variable}" if variable else str(file)
    what = (
        "no such setting; check the spelling"
        if message.startswith("Extra inputs")
        else message.removeprefix("Value error, ")
    )
    return f"{'.'.join(keys)} in {where}: {what}"


_SECTIONS = tuple(name for name, field in Settings.model_fields.items() if isinstance(field.default, Section))


def _refuse_misspelt_environment() -> None:
    """A section that does not exist is ignored by the library, and a typo must not be silent."""
    for name in os.environ:
        section, nested, _ = name.removeprefix("HOTLINE_").lower().partition("__")
        if name.startswith("HOTLINE_") and nested and section not in Settings.model_fields:
            raise SettingsError(f"{section} in the environment variable {name}: no such section; check the spelling")
        for known in _SECTIONS:
            if not nested and section.startswith(f"{known}_"):
                meant = f"HOTLINE_{known.upper()}__{section.removeprefix(f'{known}_').upper()}"
                raise SettingsError(f"the environment variable {name} is not read; two underscores: {meant}")
