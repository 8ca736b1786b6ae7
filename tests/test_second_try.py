"""What fails once may be forgiven, and is told; what fails twice, or too often, is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Each run starts two pytests.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
FAILS_ONCE = """
    seen = pathlib.Path(__file__).with_name("{name}.seen")
    first = not seen.exists()
    seen.touch()
    assert not first
"""


class Suite:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "pytest.ini").write_text("[pytest]\n")

    def has(self, file: str, **tests: str) -> None:
        bodies = [f"def test_{name}():\n{body.format(name=name)}" for name, body in tests.items()]
        (self.folder / f"test_{file}.py").write_text("import pathlib\n\n" + "\n".join(bodies))

    def run(self, *runs: str) -> tuple[int, list[str]]:
        """The exit status and what is printed, line by line."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.second_try", *runs],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout.strip().splitlines()


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def test_nothing_is_said_where_all_is_well(suite: Suite) -> None:
    suite.has("a", fine="    pass\n")
    status, lines = suite.run("test_a.py", "-n 1 test_a.py")
    assert status == 0
    assert not any("second try" in line for line in lines)


def test_what_failed_once_passes_and_is_reported_at_the_very_end(suite: Suite) -> None:
    suite.has("a", late=FAILS_ONCE, fine="    pass\n")
    suite.has("b", fine="    pass\n")
    status, lines = suite.run("-n 2 test_a.py", "test_b.py")
    assert status == 0
    assert lines[-1] == "1 test passed only at the second try: test_a.py::test_late"


def test_what_fails_twice_is_no_bad_luck(suite: Suite) -> None:
    suite.has("a", late=FAILS_ONCE, broken="    assert False\n")
    suite.has("b", late=FAILS_ONCE)
    status, lines = suite.run("test_a.py", "test_b.py")
    assert status == 1
    assert lines[-1] == "1 test passed only at the second try: test_a.py::test_late"
    assert any("FAILED test_a.py::test_broken" in line for line in lines)


def test_too_many_that_fail_are_not_tried_again(suite: Suite) -> None:
    suite.has("a", one=FAILS_ONCE, two=FAILS_ONCE, three=FAILS_ONCE, four=FAILS_ONCE)
    status, lines = suite.run("test_a.py")
    assert status == 1
    assert not any("second try" in line for line in lines)


def test_they_are_counted_over_all_runs(suite: Suite) -> None:
    suite.has("a", one=FAILS_ONCE, two=FAILS_ONCE)
    suite.has("b", three=FAILS_ONCE, four=FAILS_ONCE)
    status, lines = suite.run("test_a.py", "test_b.py")
    assert status == 1
    assert lines[-1] == "2 tests passed only at the second try: test_a.py::test_one, test_a.py::test_two"


def test_a_run_that_cannot_begin_fails(suite: Suite) -> None:
    (suite.folder / "test_a.py").write_text("import nothing_of_that_name\n")
    status, lines = suite.run("test_a.py")
    assert status == 2
    assert not any("second try" in line for line in lines)
