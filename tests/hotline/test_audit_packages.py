"""The audit of locked packages finds known vulnerabilities, and an absent database does not pass for a clean one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from deploy.audit_packages import ROOT, accepted_ids, affects, locked_npm, locked_python

SCRIPT = ROOT / "deploy/audit_packages.py"
LOCKED = {one.name: one for one in locked_python([ROOT / "deploy/requirements/run.txt"])}
WEB = {one.name: one for one in locked_npm(ROOT / "web/package-lock.json")}


def advisory(ecosystem: str, name: str, *events: dict[str, str], **more: Any) -> dict[str, Any]:
    ranges = [{"type": "SEMVER" if ecosystem == "npm" else "ECOSYSTEM", "events": list(events)}]
    return {
        "id": f"TEST-{ecosystem}-{name}",
        "modified": "2026-11-01T00:00:00Z",
        "summary": "made up",
        "affected": [{"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges}],
        **more,
    }


def run(folder: Path | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "HOTLINE_ADVISORIES"}
    if folder is not None:
        environment["HOTLINE_ADVISORIES"] = str(folder)
    return subprocess.run([sys.executable, SCRIPT], env=environment, capture_output=True, text=True, timeout=60)


def folder_of(folder: Path, *advisories: dict[str, Any]) -> Path:
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        for one in advisories:
            archive.writestr(f"{one['id']}.json", json.dumps(one))
    return folder


@pytest.mark.parametrize(
    ("version", "events", "is_affected"),
    [
        ("3.14.0", [{"introduced": "0"}, {"fixed": "3.14.1"}], True),
        ("3.14.1", [{"introduced": "0"}, {"fixed": "3.14.1"}], False),
        ("3.14.1rc1", [{"introduced": "0"}, {"fixed": "3.14.1"}], True),
        ("3.9.0", [{"introduced": "3.10"}], False),
        ("3.14.1", [{"introduced": "0"}, {"last_affected": "3.14.1"}], True),
        ("3.14.2", [{"introduced": "0"}, {"last_affected": "3.14.1"}], False),
        ("3.2", [{"introduced": "1"}, {"fixed": "2"}, {"introduced": "3"}, {"fixed": "4"}], True),
        ("2.5", [{"introduced": "1"}, {"fixed": "2"}, {"introduced": "3"}, {"fixed": "4"}], False),
        ("10.0.0", [{"introduced": "9.0.0"}, {"fixed": "10.0.0"}], False),
        ("1.0.0-beta.2", [{"introduced": "1.0.0-beta.1"}], True),
        ("1.0.0", [{"introduced": "no version"}], True),
    ],
)
def test_a_version_is_compared_with_the_ranges(version: str, events: list[dict[str, str]], is_affected: bool) -> None:
    assert affects({"ranges": [{"type": "ECOSYSTEM", "events": events}]}, version) is is_affected


def test_a_version_may_be_listed_and_commits_are_not_compared() -> None:
    assert affects({"versions": ["1.0"]}, "1.0")
    assert not affects({"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}, "1.0")


def test_without_advisories_it_says_that_nothing_was_checked() -> None:
    done = run(None)
    assert done.returncode == 0
    assert "NOT CHECKED" in done.stdout


def test_an_empty_database_is_an_error(tmp_path: Path) -> None:
    assert run(tmp_path).returncode == 1


def test_vulnerabilities_of_both_lock_files_are_found(tmp_path: Path) -> None:
    done = run(
        folder_of(
            tmp_path,
            advisory("PyPI", "AIOHTTP", {"introduced": "0"}),
            advisory("npm", "@ant-design/icons", {"introduced": "0"}),
        )
    )
    assert done.returncode == 1
    assert f"PyPI aiohttp {LOCKED['aiohttp'].version}: TEST-PyPI-AIOHTTP made up" in done.stdout
    assert f"npm @ant-design/icons {WEB['@ant-design/icons'].version}: TEST-npm-@ant-design/icons" in done.stdout
    assert "2 vulnerable, 0 accepted" in done.stdout


def test_fixed_withdrawn_and_unrelated_advisories_are_not_reported(tmp_path: Path) -> None:
    done = run(
        folder_of(
            tmp_path,
            advisory("PyPI", "aiohttp", {"introduced": "0"}, {"fixed": LOCKED["aiohttp"].version}),
            advisory("PyPI", "orjson", {"introduced": "0"}, withdrawn="2026-01-01T00:00:00Z"),
            advisory("npm", "orjson", {"introduced": "0"}),
        )
    )
    assert done.returncode == 0, done.stdout
    assert "checked against 3 advisories, the newest of 2026-11-01: 0 vulnerable" in done.stdout


def test_the_first_word_of_a_line_is_an_accepted_id() -> None:
    text = "# a remark\n\nCVE-2026-1 only on Windows\n"
    assert accepted_ids(text) == {"CVE-2026-1"}
