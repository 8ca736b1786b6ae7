"""An Asterisk on PATH: used where it is new enough, passed over where it is not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hotline.onebox.distribution import on_path

ROOT = Path(__file__).resolve().parents[3]

NEW_ENOUGH = ["Asterisk 20.0.0", "Asterisk 22.10.1~dfsg+~cs6.15.60671435-1", "Asterisk certified/20.7-cert1"]
TOO_OLD = ["Asterisk 16.28.0~dfsg-0+deb11u4", "Asterisk certified/18.9-cert5", "Asterisk 9-rc1", "command not found"]


def tools_with(folder: Path, **programs: str) -> str:
    """A PATH whose first folder has these shell scripts."""
    tools = folder / "tools"
    tools.mkdir()
    for name, script in programs.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    return f"{tools}:{os.environ['PATH']}"


@pytest.mark.parametrize("says", NEW_ENOUGH)
def test_one_that_is_new_enough_is_used(says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", tools_with(tmp_path, asterisk=f"echo '{says}'"))
    found = on_path()
    assert found is not None
    assert found.command == (str(tmp_path / "tools/asterisk"),)


@pytest.mark.parametrize("says", TOO_OLD)
def test_one_that_is_too_old_is_not(says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", tools_with(tmp_path, asterisk=f"echo '{says}'"))
    assert on_path() is None


@pytest.mark.parametrize(("says", "fetches"), [(NEW_ENOUGH[1], False), (TOO_OLD[0], True)])
def test_what_fetches_asterisk_is_installed_where_the_one_on_path_is_too_old(
    says: str, fetches: bool, tmp_path: Path
) -> None:
    """On a machine that lacks every package; `apt-get` says what it is to install."""
    path = tools_with(
        tmp_path,
        asterisk=f"echo '{says}'",
        **{"dpkg-query": "exit 1", "apt-get": f'echo "$@" >>{tmp_path}/asked', "sudo": 'exec "$@"'},
    )
    done = subprocess.run(
        [ROOT / "deploy/packages.sh", "run"],
        env={"PATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "asked").read_text()
    assert "python3-venv" in asked
    assert ("mmdebstrap" in asked) is fetches
