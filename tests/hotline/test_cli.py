"""Commands on an instance that is not set up, and what they are given."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hotline.app.settings import Settings
from hotline.cli.main import app
from hotline.kernel.migrate import downgrade, upgrade

pytestmark = pytest.mark.database

PASSWORD = "correct horse battery\n"
CREATE = ("user", "create", "Li", "--name", "李雷", "--role", "supervisor")
COMMANDS = [
    ("agent", "list"),
    ("agent", "endpoints"),
    ("agent", "create", "1007", "--user", "li", "--name", "李雷", "--queues", "public"),
    ("agent", "deactivate", "1007"),
    ("phone", "1003"),
    ("retention", "--dry-run"),
    CREATE,
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def hotline(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, input=PASSWORD)


def in_one_line(told: Result) -> str:
    assert told.exit_code == 1
    assert isinstance(told.exception, SystemExit)
    assert told.output.count("\n") == 1
    return told.output


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_a_database_a_command_says_what_makes_one_and_makes_none(command: tuple[str, ...], home: Path) -> None:
    assert "run `hotline db upgrade` first" in in_one_line(hotline(*command))
    assert not home.exists()


def test_an_empty_database_is_reported_as_well(home: Path) -> None:
    home.mkdir()
    (home / "hotline.db").touch()
    assert "run `hotline db upgrade` first" in in_one_line(hotline("agent", "list"))
    assert hotline("db", "upgrade").exit_code == 0
    assert hotline("agent", "list").exit_code == 0


def test_a_database_of_another_version_is_distinguished(home: Path) -> None:
    url = Settings(home=home).database_url
    asyncio.run(upgrade(url))
    asyncio.run(downgrade(url, "0003"))
    assert "run `hotline db upgrade` first" in in_one_line(hotline("agent", "list"))
    with sqlite3.connect(home / "hotline.db") as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    assert "A newer version" in in_one_line(hotline("agent", "list"))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [({"Li": "li lei"}, "username: "), ({"Li": "l" * 65}, "username: "), ({"李雷": " "}, "name: ")],
)
def test_a_user_of_the_command_line_is_checked_as_one_of_the_page(change: dict[str, str], complaint: str) -> None:
    assert hotline("db", "upgrade").exit_code == 0
    told = hotline(*(change.get(part, part) for part in CREATE))
    assert told.exit_code == 1
    assert complaint in str(told.exception)
    assert hotline(*CREATE).output == "Created li. The first log-in asks for a new password.\n"


def test_a_user_is_created_in_the_named_organisation(home: Path) -> None:
    home.mkdir()
    assert hotline("db", "upgrade").exit_code == 0
    assert "No organisation is named '外包公司'" in in_one_line(hotline(*CREATE, "--organisation", "外包公司"))
    with sqlite3.connect(home / "hotline.db") as db:
        db.execute(
            "INSERT INTO organisation (id, name, kind, parent_id, active, version) "
            "SELECT 'vendor', '外包公司', 'vendor', id, 1, 1 FROM organisation"
        )
    assert hotline(*CREATE, "--organisation", "外包公司").exit_code == 0
    with sqlite3.connect(home / "hotline.db") as db:
        assert db.execute("SELECT username, organisation_id FROM user_account").fetchall() == [("li", "vendor")]
        (detail,) = db.execute("SELECT detail FROM audit_entry WHERE action = 'user.create'").fetchone()
    db.close()
    assert '"organisation_id": "vendor"' in detail or '"organisation_id":"vendor"' in detail
