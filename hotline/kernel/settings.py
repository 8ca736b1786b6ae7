"""Typed settings: defaults, then a TOML file, then HOTLINE_* environment variables.

Nested values take a double underscore: HOTLINE_HTTP__PORT=8080.
"""

from __future__ import annotations

import os
import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from hotline.kernel.errors import HotlineError

SHORTEST_AUDIT_DAYS = 180
Port = Annotated[int, Field(ge=1, le=65535)]
DialPrefix = Annotated[str, Field(pattern=r"^\+?[0-9]{1,15}$")]

_ICE_HOST = r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
ICE_URL = re.compile(
    rf"(?P<stun>stuns?:{_ICE_HOST})|(?P<turn>turns?):(?P<username>[^:@\s]+):(?P<credential>[^@\s]+)@"
    rf"(?P<host>{_ICE_HOST}(?:\?transport=(?:udp|tcp))?)"
)
"""A browser makes no connection at all where one ICE server is malformed, or a TURN server has no account."""


SYSLOG_TARGET = re.compile(
    r"(?P<scheme>udp|tcp)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[1-9]\d{0,4})|(?P<path>/\S+)"
)


def _ice_url(value: str) -> str:
    if not ICE_URL.fullmatch(value):
        raise ValueError(
            "each must read stun:<host>:<port> or turn:<user>:<password>@<host>:<port>; also stuns:, turns:"
        )
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no such time zone; an IANA name such as Asia/Shanghai is needed") from None
    return value


IceUrl = Annotated[str, AfterValidator(_ice_url)]
TimeZoneName = Annotated[str, AfterValidator(_time_zone)]


def _default_home() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/hotline")
    return Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")).expanduser() / "hotline"


def _default_cache() -> Path:
    if os.geteuid() == 0:
        return Path("/var/cache/hotline")
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "hotline"


class Section(BaseModel):
    """A table of the settings file; an unknown key is an error, so that a typo is never silent."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HttpSettings(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    """0: any that is free."""
    public_url: str = ""
    """As browsers reach us, e.g. https://12345.example.gov.cn; "" derives it from the request."""
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    """Reverse proxies whose X-Forwarded-For is believed, as addresses or networks."""
    session_lifetime: timedelta = timedelta(hours=12)


class AccountSettings(Section):
    second_factor_roles: tuple[str, ...] = ()
    """Who must have a second factor, e.g. ["system_admin", "security_admin", "audit_admin"]; others may."""
    administrator_idle: timedelta = timedelta(minutes=30)
    """An administrator's session ends this long after its last use; others' after http.session_lifetime."""


class AuditSettings(Section):
    syslog: str = ""
    """Where each audit entry also goes (RFC 5424): udp://<host>:<port>, tcp://<host>:<port> or a socket, /dev/log."""

    @field_validator("syslog")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if value and not SYSLOG_TARGET.fullmatch(value):
            raise ValueError("must read udp://<host>:<port>, tcp://<host>:<port> or the path of a socket, /dev/log")
        return value


class DatabaseSettings(Section):
    url: str = Field(default="", repr=False)
    """postgresql://user:password@host/name or sqlite:///<path>; "" means SQLite at <home>/hotline.db."""
    password_file: Path | None = None
    """PostgreSQL's password, alone in a file that only the service may read; any character may be in it."""

    @model_validator(mode="after")
    def _usable(self) -> Self:
        from hotline.kernel.db import parse_database_url  # Commands that need no database need not load it.

        if not self.url and self.password_file:
            raise ValueError("password_file belongs to a PostgreSQL database; set url too")
        url = parse_database_url(self.url) if self.url else None
        if url is not None and self.password_file:
            if url.get_backend_name() != "postgresql":
                raise ValueError("SQLite has no password; leave password_file out")
            if url.password:
                raise ValueError("url holds a password, and password_file names another; leave one out")
        return self


class AmiSettings(Section):
    host: str = "127.0.0.1"
    port: Port = 5038
    username: str = "hotline"
    secret: SecretStr = SecretStr("")
    action_timeout: timedelta = timedelta(seconds=5)
    ping_interval: timedelta = timedelta(seconds=1)
    ping_timeout: timedelta = timedelta(seconds=3)


class AsteriskSettings(Section):
    """Where Asterisk listens and keeps its files; the one-box also starts it there."""

    sip_host: str = "127.0.0.1"
    """Address of the SIP and RTP sockets for desk phones."""
    sip_port: Port = 5060
    trunk_host: str = "127.0.0.2"
    """Source address by which the trunk is identified; never one that phones register from."""
    dial_prefixes: tuple[DialPrefix, ...] = ("+86", "10", "11", "12", "95", "96")
    """How the numbers begin that three-way calls may dial by the trunk: whole ones from the country code on (+86473 is
    one city alone, +1 abroad), short ones as they are dialled (12333, 95588; with "60" also 6001 of an exchange)."""
    web_host: str = "127.0.0.1"
    web_port: Port = 8088
    """The WebSocket for browser phones: ws://<web_host>:<web_port>/ws."""
    browser_networks: tuple[IPvAnyNetwork, ...] = ()
    """One-box: where browsers' WebSockets come from; empty: this machine and `http.trusted_proxies`."""
    websocket_url: str = ""
    """As browsers reach it, e.g. wss://12345.example.gov.cn/ws; "" derives it from the request's host."""
    web_caller_secret: SecretStr = SecretStr("")
    """Password of the SIP endpoint `web-caller`, which every page of /call gets: it may dial 12345 and nothing else."""
    ice_servers: tuple[IceUrl, ...] = ()
    """For browsers outside the local network: stun:<host>:<port>, turn:<user>:<password>@<host>:<port>."""
    rtp_start: Port = 10000
    rtp_end: Port = 10999
    trunk_calls: int = Field(default=0, ge=0)
    """One-box: maximum concurrent calls from the trunk; 0: as many as the RTP ports allow, less the agents' phones."""
    web_calls: int = Field(default=30, ge=0)
    """One-box: most calls from browsers at once …"""
    web_calls_per_address: int = Field(default=6, ge=0)
    """… and from one address; 0 where a proxy on another machine limits them. One on this machine is left alone."""
    sounds: Path | None = None
    recordings: Path | None = None
    logs: Path | None = None
    """Directory of queue_log and the CDR file."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.rtp_start >= self.rtp_end:
            raise ValueError("rtp_start must be less than rtp_end")
        return self


class SpeechSettings(Section):
    provider: str = "demo"
    """demo, openai (an OpenAI-compatible /v1/audio/speech server), piper (a folder of voices) or none (recordings)."""
    url: str = ""
    """openai: the server, e.g. http://tts.example.gov.cn:8000."""
    api_key: SecretStr = SecretStr("")
    model: str = "tts-1"
    """openai: the model to ask for."""
    voice: str = ""
    """openai: the voice's name; piper: the folder with <language>….onnx files."""


class CrmSettings(Section):
    """What differs from city to city."""

    area_code: str = Field(default="0473", pattern=r"^0\d{2,3}$")
    """The city's own, with the trunk 0: landlines written without one belong to it."""
    time_zone: TimeZoneName = "Asia/Shanghai"
    """The hotline's own, whatever clock a browser keeps: of pages, exports, case numbers and nightly work."""
    specialists_min: int = Field(default=3, ge=0)
    specialists_max: int = Field(default=5, ge=1)
    """How many specialists a unit names (DB1503/T 0019-2023: three to five)."""


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
    retention: RetentionSettings = RetentionSettings()
    flow: Path | None = None
    """The call flow to run; default: the shipped one."""
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
    def recordings(self) -> Path:
        return self.asterisk.recordings or self.home / "recordings"

    @property
    def sounds(self) -> Path:
        return self.asterisk.sounds or self.home / "sounds"

    @property
    def asterisk_logs(self) -> Path:
        return self.asterisk.logs or self.home / "asterisk" / "log"


class SettingsError(HotlineError):
    """One line: which key, where it is set, what is wrong with it. Never the value, which may be a secret."""

    error_id = "settings.invalid"
    title = "The settings are not valid"


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
