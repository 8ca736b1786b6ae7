"""What every floor's settings are made of, and the kernel's own; `hotline.app.settings` puts the floors' together."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, model_validator

from hotline.kernel.errors import HotlineError

Port = Annotated[int, Field(ge=1, le=65535)]


class SettingsError(HotlineError):
    """One line: which key, where it is set, what is wrong with it. Never the value, which may be a secret."""

    error_id = "settings.invalid"
    title = "The settings are not valid"


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
