"""No test waits for a fixed time: it polls with a deadline, or moves a `FakeClock`."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
SHORTEST = 0.05
"""Seconds; below it somebody polls."""
ALLOWED = {
    "cti/calls/test_replay_real.py": "how long two people talk is what the record is about",
    "cti/threeway_stage.py": "a lease renewed for as long as the test runs",
    "faults/test_flood.py": "how often the lease is looked at while the flood lasts",
    "faults/test_trouble.py": "a talk on a full disk: nothing tells but the clock",
    "hotline/test_app.py": "work that takes time, so that the other service sees it under way",
    "hotline/test_upgrade.py": "a lease renewed for as long as the test runs",
    "web/test_gone.py": "a slow network, and a caller watched while nothing may happen",
}


def fixed_waits(tree: ast.AST) -> Iterator[int]:
    """Line numbers of `sleep(constant)` of asyncio and time, unless so short that it polls."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="asyncio" | "time"), attr="sleep"),
                args=[ast.Constant(value=int() | float() as seconds)],
            ) if seconds > SHORTEST:
                yield node.lineno


def test_no_test_waits_for_a_fixed_time() -> None:
    found: Counter[str] = Counter()
    for path in sorted(TESTS.rglob("*.py")):
        for _line in fixed_waits(ast.parse(path.read_text(encoding="utf-8"))):
            found[str(path.relative_to(TESTS))] += 1
    assert set(found) - set(ALLOWED) == set(), "poll with tests.phones.waiting.until, or move a FakeClock"
    assert set(ALLOWED) - set(found) == set(), "these wait no more: take them off the list"
    assert found.total() <= 9


def test_a_fixed_wait_is_seen() -> None:
    source = "await asyncio.sleep(0.2)\nawait asyncio.sleep(0)\ntime.sleep(3)\nawait asyncio.sleep(each)\n"
    assert sorted(fixed_waits(ast.parse(source))) == [1, 3]
