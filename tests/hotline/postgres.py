"""A real PostgreSQL for tests marked `postgres`: started once on a free port, one fresh database a test.

In a conftest.py: `from tests.hotline.postgres import any_url, postgres_server, postgres_url`.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

_DEADLINE = 30.0
_RULES = """host all locked 127.0.0.1/32 scram-sha-256
host all barred 127.0.0.1/32 reject
"""
"""Who does not come in by the name alone; the roles are made by whoever wants them."""
_KEEP = """DO $$ DECLARE name text; filled boolean; BEGIN
CREATE SCHEMA shipped;
FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO filled;
IF filled THEN EXECUTE 'CREATE TABLE shipped.' || name || ' AS TABLE ' || name; END IF;
END LOOP;
END $$"""
_RESET = """DO $$ DECLARE name text; BEGIN
SET LOCAL session_replication_role = replica;
FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
EXECUTE 'DELETE FROM ' || name;
END LOOP;
FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'shipped' LOOP
EXECUTE 'INSERT INTO ' || name || ' SELECT * FROM shipped.' || name;
END LOOP;
FOR name IN SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public' LOOP
EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
END LOOP;
END $$"""


@dataclass(frozen=True)
class PostgresServer:
    port: int

    def dsn(self, database: str) -> str:
        return f"postgresql://hotline@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.dsn(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def keep(self, database: str) -> None:
        """What its tables hold now is what `reset` gives them back."""
        self.execute(_KEEP, database)

    def reset(self, database: str) -> None:
        """Every row goes, whatever triggers and references say, after the sessions that are left."""
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
        self.execute(_RESET, database)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    home = Path(tempfile.mkdtemp(prefix="hotline-postgres-"))
    try:
        with postgres_in(home, fsync="off") as server:
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database, dropped after the test."""
    name = f"test_{uuid.uuid4().hex}"
    postgres_server.execute(f"CREATE DATABASE {name}")
    yield postgres_server.dsn(name)
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'any.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@contextlib.contextmanager
def postgres_in(home: Path, **settings: str) -> Iterator[PostgresServer]:
    """A server whose data is in the folder `home`, made if it is not there."""
    home.mkdir(exist_ok=True)
    account: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        owner = pwd.getpwnam("postgres")
        os.chown(home, owner.pw_uid, owner.pw_gid)
        account = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    data = home / "data"
    if not data.exists():
        _make_cluster(home, data, account)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": home,
        "timezone": "Asia/Shanghai",
        **settings,
    }
    options = [part for key, value in given.items() for part in ("-c", f"{key}={value}")]
    log = home / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [_program("postgres"), "-D", data, "-p", str(port), *options],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=home,
            **account,
        )
    try:
        server = PostgresServer(port)
        _wait_until_ready(server, process, log)
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown
        process.wait(_DEADLINE)


def _make_cluster(home: Path, data: Path, account: dict[str, Any]) -> None:
    how = ["-U", "hotline", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    command = [_program("initdb"), "-D", str(data), *how]
    made = subprocess.run(command, capture_output=True, text=True, cwd=home, **account)
    assert made.returncode == 0, made.stderr
    rules = data / "pg_hba.conf"
    rules.write_text(_RULES + rules.read_text(encoding="utf-8"), encoding="utf-8")


def _wait_until_ready(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _DEADLINE
    while True:
        assert process.poll() is None, log.read_text(errors="replace")
        try:
            server.execute("SELECT 1")
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.05)
        else:
            return


def _program(name: str) -> str:
    found = shutil.which(name) or max(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), default=None)
    if found is None:
        pytest.fail(f"{name} is not installed; apt-get install postgresql, or leave out tests marked postgres")
    return found
