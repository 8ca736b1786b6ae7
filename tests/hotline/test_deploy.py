"""What is shipped for a server of one's own: what systemd takes, and what points at what is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hotline.app.composition import Hotline
from hotline.app.settings import Settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing")


def analyzed(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60)


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_takes_the_unit(unit: Path, tmp_path: Path) -> None:
    copy = tmp_path / unit.name
    # The programs themselves are not installed here.
    copy.write_text(re.sub(r"^(Exec\w+)=.*$", r"\1=/bin/true", unit.read_text(), flags=re.MULTILINE))
    done = analyzed("verify", "--recursive-errors=no", copy)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_unit_exposes_little(unit: Path) -> None:
    done = analyzed("security", "--offline=yes", "--threshold=20", unit)
    assert done.returncode == 0, done.stdout


def test_asterisk_is_started_so_that_it_starts_nothing() -> None:
    text = (DEPLOY / "systemd/asterisk.service").read_text()
    start = re.search(
        r"^ExecStart=/usr/bin/python3 -I -S /opt/hotline/(\S+) - /usr/sbin/asterisk -f$", text, re.MULTILINE
    )
    assert start is not None
    assert (DEPLOY.parent / start[1]).is_file()
    assert re.search(r"^User=(?!root)\w+$", text, re.MULTILINE)


def test_what_nginx_is_told_of_is_served(tmp_path: Path) -> None:
    proxied = set(re.findall(r"location = (/api/\S+)", (DEPLOY.parent / "docs/deploy.md").read_text(encoding="utf-8")))
    served = {route.path for group in Hotline(Settings(home=tmp_path)).routes for route in group}
    assert len(proxied) >= 3
    assert proxied <= served
