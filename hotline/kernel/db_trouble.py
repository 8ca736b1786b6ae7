"""Pure: what a database driver's error means for whoever runs the service, as one line that says how to fix it.

A connection that PostgreSQL refuses carries no SQLSTATE, only words, in the server's language.
"""

from __future__ import annotations

import os
import pwd
import re
from typing import Any

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from hotline.kernel.errors import UnavailableError

AGAIN = "The database did not answer; try again shortly."

SQLITE_READONLY = 8
POSTGRES_READONLY = "25006"
_SQLITE = {
    5: "{file} is locked by another program; try again shortly.",
    6: "{file} is locked by another program; try again shortly.",
    SQLITE_READONLY: "{user} may not write {file}; give it and its folder to that user (chown).",
    10: "{file} cannot be read or written; see to its disk.",
    11: "{file} is damaged; restore the last backup.",
    13: "The disk of {file} is full; make room.",
    14: "{user} cannot open the database {file}; see that its folder is there and belongs to that user too (chown).",
    26: "{file} is no SQLite database; name another in database.url, or restore the last backup.",
}
_SQLSTATES = {
    "08": "The connection to PostgreSQL at {server} broke; try again shortly.",
    POSTGRES_READONLY: "PostgreSQL at {server} only reads (a stand-by?); name the primary in database.url.",
    "28": "PostgreSQL at {server} does not let the user {name} in; compare database.url and pg_hba.conf.",
    "3D000": "There is no database {database} at {server}; create it (createdb), or correct database.url.",
    "42501": "The user {name} may not do this in the database {database}; make it the owner "
    "(ALTER DATABASE … OWNER TO …).",
    "53100": "The disk of PostgreSQL at {server} is full; make room.",
    "53300": "PostgreSQL at {server} has no connection left; raise max_connections.",
    "55P03": "PostgreSQL at {server} is busy: a lock was not free in time; try again shortly.",
    "57014": "PostgreSQL at {server} took too long; try again shortly.",
    "57P": "PostgreSQL at {server} stops or starts; try again shortly.",
}
_WORDS = (
    ("password authentication failed|认证失败", "PostgreSQL at {server} refuses the password of {name}; {password}."),
    ("no password supplied", "PostgreSQL at {server} asks for the password of {name}; {password}."),
    ('role ".*" does not exist|角色 .*不存在', "PostgreSQL at {server} has no user {name}; {create_user}."),
    ('database ".*" does not exist|数据库 .*不存在', _SQLSTATES["3D000"]),
    ("pg_hba.conf", "PostgreSQL at {server} lets {name} in from no such address; add a line to its pg_hba.conf."),
    ("too many (clients|connections)|connection slots", _SQLSTATES["53300"]),
    ("resolve host|translate host", "The host of {server} is not known; correct database.url."),
    (
        "Connection refused|timeout|timed out|No route|unreachable",
        "No PostgreSQL answers at {server}; start it, or correct database.url.",
    ),
    ("starting up|shutting down", _SQLSTATES["57P"]),
)


class DatabaseAwayError(UnavailableError):
    """The detail is for the operator; visitors only see that the database is away."""

    @property
    def public_detail(self) -> str:
        return AGAIN


def trouble_of(error: DBAPIError, url: URL) -> DatabaseAwayError | None:
    """None where the driver's error indicates a bug of ours."""
    origin: Any = error.orig
    line = _sqlite_line(error, origin) if url.get_backend_name() == "sqlite" else _postgres_line(error, origin)
    return None if line is None else DatabaseAwayError(line.format(**_names(url)), cause=str(origin))


def is_refused_write(error: DBAPIError) -> bool:
    """Whether something that only reads was asked to write."""
    origin: Any = error.orig
    is_sqlite = getattr(origin, "sqlite_errorcode", None) == SQLITE_READONLY
    return is_sqlite or getattr(origin, "sqlstate", "") == POSTGRES_READONLY


def _sqlite_line(error: DBAPIError, origin: Any) -> str | None:
    code = getattr(origin, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF)
    # The driver's own, as when a connection was closed under it.
    return AGAIN if isinstance(error, (OperationalError, InterfaceError)) else None


def _postgres_line(error: DBAPIError, origin: Any) -> str | None:
    state = getattr(origin, "sqlstate", None) or ""
    for start in (state, state[:3], state[:2]):
        if start in _SQLSTATES:
            return _SQLSTATES[start]
    is_away = error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError))
    if not is_away:
        return None
    said = "" if state else str(origin)
    return next((line for words, line in _WORDS if re.search(words, said)), AGAIN)


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _names(url: URL) -> dict[str, str]:
    return {
        "file": url.database or "",
        "user": f"The user {_user()}",
        "server": f"{url.host or 'the local socket'}:{url.port or 5432}",
        "name": url.username or "(none)",
        "database": url.database or url.username or "",
        "password": "compare database.url or database.password_file",
        "create_user": "create it (createuser --pwprompt), or correct database.url",
    }
