"""What the operator reads when the database is not to be had: each trouble is one line of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from hotline.app.settings import load_settings
from hotline.cli.main import app
from hotline.kernel.db import Database, DatabaseUrlError, parse_database_url
from hotline.kernel.db_trouble import AGAIN, DatabaseAwayError
from hotline.kernel.settings import SettingsError
from tests.hotline.postgres import PostgresServer

PASSWORD = "p@ss:w/ö%rd#?"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def locked(postgres_server: PostgresServer, postgres_url: str) -> str:
    """The URL of an empty database whose owner `locked` needs a password, without it."""
    name = postgres_url.rpartition("/")[2]
    postgres_server.execute("DROP ROLE IF EXISTS barred")
    postgres_server.execute("CREATE ROLE barred LOGIN")
    postgres_server.execute("DO $$ BEGIN CREATE ROLE locked LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    postgres_server.execute(f"ALTER ROLE locked PASSWORD '{PASSWORD}'")
    postgres_server.execute(f"ALTER DATABASE {name} OWNER TO locked")
    return f"postgresql://locked@127.0.0.1:{postgres_server.port}/{name}"


def upgrade() -> Result:
    return CliRunner().invoke(app, ("db", "upgrade"))


def one_line(told: Result) -> str:
    assert told.exit_code == 1
    assert isinstance(told.exception, SystemExit) or str(told.exception).count("\n") == 0
    line = told.output.strip() or str(told.exception)
    assert "\n" not in line
    return line


async def detail(url: str) -> str:
    """What /readyz and the commands tell."""
    database = Database(url)
    await database.open()
    try:
        with pytest.raises(DatabaseAwayError) as refused:
            await database.ping()
    finally:
        await database.close()
    assert refused.value.public_detail == AGAIN
    return refused.value.detail


# --- the password ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://hotline:p@ss@127.0.0.1/hotline",
        "postgresql://hotline:p@ss:word@127.0.0.1/hotline",
        "postgresql://hotline:pass:word@127.0.0.1:port/hotline",
        "postgresql:/hotline:pass@127.0.0.1/hotline",
    ],
)
def test_a_password_with_special_characters_is_one_line(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HOTLINE_DATABASE__URL", url)
    with pytest.raises(SettingsError, match="HOTLINE_DATABASE__URL") as refused:
        load_settings()
    assert "database.password_file" in refused.value.detail
    assert not any(part in refused.value.detail for part in ("ss", "word") if part not in "password")
    assert "p@ss" not in refused.value.detail
    assert "ss:word" not in refused.value.detail
    with pytest.raises(DatabaseUrlError):
        parse_database_url(url)


@pytest.mark.postgres
def test_a_password_from_a_file_may_hold_any_character(
    locked: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    monkeypatch.setenv("HOTLINE_DATABASE__URL", locked)
    monkeypatch.setenv("HOTLINE_DATABASE__PASSWORD_FILE", str(home / "password"))
    told = upgrade()
    assert told.exit_code == 0, told.output
    assert PASSWORD not in repr(load_settings())


@pytest.mark.parametrize(
    ("url", "written", "said"),
    [
        ("postgresql://h@db/x", None, "cannot be read"),
        ("postgresql://h@db/x", "\n", "is empty"),
        ("postgresql://h:secret@db/x", "other", "leave one out"),
        ("sqlite:////srv/x.db", "other", "SQLite has no password"),
        ("", "other", "set url too"),
    ],
)
def test_a_password_file_that_cannot_serve_is_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, url: str, written: str | None, said: str
) -> None:
    if written is not None:
        (home / "password").write_text(written, encoding="utf-8")
    monkeypatch.setenv("HOTLINE_DATABASE__URL", url)
    monkeypatch.setenv("HOTLINE_DATABASE__PASSWORD_FILE", str(home / "password"))
    line = one_line(upgrade())
    assert said in line
    assert "secret" not in line


# --- PostgreSQL -----------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("locked@", "locked:wrong@"), "refuses the password of locked; compare database.url"),
        (None, "asks for the password of locked"),
        (("/test_", "/no_such_"), "There is no database no_such_"),
        (("locked@", "nobody_known@"), "has no user nobody_known"),
        (("locked@", "barred@"), "add a line to its pg_hba.conf"),
        (("127.0.0.1:", "127.0.0.2:"), "No PostgreSQL answers at 127.0.0.2:"),
        (("127.0.0.1:", "no.such.host.invalid:"), "The host of no.such.host.invalid"),
    ],
)
async def test_each_refusal_of_postgresql_says_what_to_mend(
    locked: str, change: tuple[str, str] | None, said: str
) -> None:
    url = locked.replace(*change) if change else locked
    if "no_such_" in url:
        url = url.replace("locked@", "hotline@")  # whom the server asks for no password
    assert said in await detail(url)


@pytest.mark.postgres
def test_a_user_who_may_make_no_tables_is_reported(
    postgres_server: PostgresServer, locked: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = postgres_url.rpartition("/")[2]
    postgres_server.execute(f"ALTER DATABASE {name} OWNER TO hotline")
    monkeypatch.setenv("HOTLINE_DATABASE__URL", locked.replace("locked@", "locked:p%40ss%3Aw%2Fö%25rd%23%3F@"))
    assert "The user locked may not do this" in one_line(upgrade())


@pytest.mark.postgres
def test_a_stand_by_that_only_reads_is_reported(
    postgres_server: PostgresServer, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres_server.execute(f"ALTER DATABASE {postgres_url.rpartition('/')[2]} SET default_transaction_read_only = on")
    monkeypatch.setenv("HOTLINE_DATABASE__URL", postgres_url)
    assert "only reads (a stand-by?)" in one_line(upgrade())


# --- SQLite ---------------------------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_reported(home: Path) -> None:
    (home / "hotline.db").write_bytes(b"This is no database, but it is long enough to look like a file." * 40)
    assert "is no SQLite database" in one_line(upgrade())


def test_a_folder_in_place_of_the_file_is_reported(home: Path) -> None:
    (home / "hotline.db").mkdir()
    assert f"cannot open the database {home / 'hotline.db'}" in one_line(upgrade())


def test_a_file_that_another_program_holds_is_reported(home: Path) -> None:
    async def blocked() -> str:
        database = Database(f"sqlite:///{home / 'hotline.db'}", busy_timeout=timedelta(seconds=0.1))
        await database.open()
        try:
            with pytest.raises(DatabaseAwayError) as refused:
                async with database.transaction() as db:
                    await db.execute(text("SELECT 1"))
        finally:
            await database.close()
        return refused.value.detail

    holder = sqlite3.connect(home / "hotline.db", isolation_level=None)
    holder.execute("PRAGMA journal_mode=WAL")
    holder.execute("BEGIN IMMEDIATE")
    try:
        assert "is locked by another program" in asyncio.run(blocked())
    finally:
        holder.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Not among pytest's own, which are closed to all but its user."""
    with tempfile.TemporaryDirectory(prefix="hotline-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("owns_folder", [True, False])
def test_a_file_that_may_not_be_written_is_reported(tmp_path: Path, open_folder: Path, owns_folder: bool) -> None:
    home = open_folder
    with contextlib.closing(sqlite3.connect(home / "hotline.db")) as theirs:
        theirs.execute("CREATE TABLE x (a)")
    (home / "hotline.db").chmod(0o644)
    nobody = pwd.getpwnam("nobody")
    if owns_folder:
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
    done = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(tmp_path / "other"), str(home)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 1, done.stderr
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("hotline: The user nobody may not write")
    assert str(home / "hotline.db") in lines[0]


_AS_NOBODY = """
import asyncio, concurrent.futures.thread, os, pwd, sys
from hotline.cli.main import main
from hotline.kernel.migrate import upgrade
from hotline.app.settings import Settings
# All that is needed is loaded now: nobody may not read where Python lies.
asyncio.run(upgrade(Settings(home=sys.argv[1]).database_url))
nobody = pwd.getpwnam("nobody")
os.setgroups([])
os.setgid(nobody.pw_gid)
os.setuid(nobody.pw_uid)
os.environ.update(HOTLINE_HOME=sys.argv[2])
sys.argv[1:] = ["db", "upgrade"]
main()
"""
