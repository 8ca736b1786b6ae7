"""No test waits for a fixed time: it polls with a deadline, or moves a `FakeClock`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
SHORTEST = 0.05
"""Seconds; below it somebody polls."""


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
    found = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        for line in fixed_waits(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == [], "poll with tests.phones.waiting.until, or move a FakeClock"


def test_a_fixed_wait_is_seen() -> None:
    source = "await asyncio.sleep(0.2)\nawait asyncio.sleep(0)\ntime.sleep(3)\nawait asyncio.sleep(each)\n"
    assert sorted(fixed_waits(ast.parse(source))) == [1, 3]
