"""The accounts' part of the settings."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from pydantic import field_validator

from hotline.kernel.settings import Section

SYSLOG_TARGET = re.compile(
    r"(?P<scheme>udp|tcp)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[1-9]\d{0,4})|(?P<path>/\S+)"
)


class AccountSettings(Section):
    second_factor_roles: tuple[str, ...] = ()
    """Who must have a second factor, e.g. ["system_admin", "security_admin", "audit_admin"]; others may."""
    second_factor_key: Path | None = None
    """The file with the key of the stored second factors; default <home>/second-factor.key, made at the first start."""
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
