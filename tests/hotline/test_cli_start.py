"""What a command loads before it does anything: seconds, where it is everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.app.settings import Settings
from hotline.kernel.migrate import upgrade

CODE = """
import gc, json, sys
sys.argv = ["hotline", *json.loads(sys.argv[1])]
from hotline.__main__ import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(gc.isenabled(), file=sys.stderr)
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
HEAVY = {"aiohttp", "alembic", "callflow", "crm", "limits", "numpy", "openpyxl", "phonenumbers", "pypinyin", "yaml"}
LIGHT = {"crm", "crm.settings", "callflow", "callflow.settings", "callflow.versions", "callflow.versions.state"}
"""Settings and words, of the heavy packages."""
DATABASE = {"sqlalchemy", "structlog"}


def run(home: Path, *arguments: str) -> list[str]:
    """What CODE reports of a command: whether garbage is collected at its end, and all modules."""
    command = [sys.executable, "-c", CODE, json.dumps(arguments)]
    environment = {**os.environ, "HOTLINE_HOME": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()[-2:]


def loaded(home: Path, *arguments: str) -> set[str]:
    """The top-level packages that a command imports, for more than their settings."""
    modules = set(json.loads(run(home, *arguments)[1])) - LIGHT
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("agent", "--help"), ("agent", "create", "--help"), ("prompt", "--help"), ("serve", "--help")],
    ids=" ".join,
)
def test_help_loads_nothing_of_the_service(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    packages = loaded(tmp_path, *arguments)
    assert "typer" in packages
    assert packages & (HEAVY | DATABASE) == set()


async def test_the_list_of_agents_loads_the_database_and_no_more(tmp_path: Path) -> None:
    await upgrade(Settings(home=tmp_path).database_url)
    packages = loaded(tmp_path, "agent", "list")
    assert "sqlalchemy" in packages
    assert packages & HEAVY == set()


def test_garbage_is_collected_once_a_command_has_loaded(tmp_path: Path) -> None:
    assert run(tmp_path, "db", "upgrade")[0] == "True"
