from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from hotline.accounts.models import AuditEntry
from hotline.app.settings import Settings
from hotline.cli.main import app
from hotline.kernel.db import Database
from hotline.kernel.migrate import upgrade

pytestmark = pytest.mark.database

PASSWORD = "correct horse battery\n"
CREATE = ("agent", "create", "1007", "--user", "Wang", "--name", "王芳", "--queues", "enterprise,public:5")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    asyncio.run(upgrade(Settings(home=tmp_path).database_url))
    return tmp_path


def hotline(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, arguments, input=typed)


@pytest.mark.slow
def test_an_agent_is_made_listed_dismissed_and_taken_back(home: Path) -> None:
    assert hotline(*CREATE, typed=PASSWORD).exit_code == 0
    assert hotline("agent", "list").output.split() == ["1007", "wang", "active", "enterprise,public:5", "王芳"]
    assert "password " in hotline("phone", "1007").output
    assert "[1007-web](hotline-browser)" in hotline("agent", "endpoints").output
    assert hotline("agent", "deactivate", "1007").output == "1007 (王芳): deactivated.\n"
    assert "1007" not in hotline("agent", "endpoints").output
    assert hotline("phone", "1007").exit_code != 0
    assert hotline("agent", "activate", "1007").exit_code == 0
    assert hotline("agent", "change", "1007", "--queues", "public", "--wrap-up", "10").exit_code == 0
    assert hotline("agent", "list").output.split() == ["1007", "wang", "active", "public", "王芳"]

    async def audited() -> list[str]:
        database = Database(Settings(home=home).database_url)
        await database.open()
        try:
            async with database.snapshot() as db:
                return list(await db.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
        finally:
            await database.close()

    assert asyncio.run(audited()) == [
        "user.create",
        "agent.create",
        "agent.deactivate",
        "agent.activate",
        "agent.change",
    ]


def test_an_account_that_is_there_needs_neither_name_nor_password() -> None:
    user = ("user", "create", "li", "--name", "李雷", "--role", "supervisor")
    assert hotline(*user, typed=PASSWORD).exit_code == 0
    assert hotline("agent", "create", "1008", "--user", "li", "--queues", "public").exit_code == 0


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"1007": "10x7"}, "number"),
        ({"enterprise,public:5": "nowhere"}, "The call flow has no queue nowhere; it has: enterprise, public."),
        ({"enterprise,public:5": "public:x"}, "penalty"),
        ({"王芳": ""}, "give --name too"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_nothing(change: dict[str, str], complaint: str) -> None:
    told = hotline(*(change.get(part, part) for part in CREATE), typed=PASSWORD)
    assert told.exit_code != 0
    assert complaint in (told.output + str(told.exception))
    assert hotline("agent", "list").output == ""
    assert hotline(*CREATE, typed=PASSWORD).exit_code == 0, "the account was left behind"
