"""Names in the source: a class name occurs once, and names that were replaced do not come back (CONTRIBUTING.md)."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("ivr", "callflow", "cti", "crm", "hotline", "bench", "tests")
FILES = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]

REPLACED = {
    "astray": "out_of_sync",
    "believe": "reconcile",
    "dismiss": "retire",
    "employ": "upsert",
    "fate": "decision",
    "letting_go": "hangup",
    "milestones": "waiters",
    "playings": "PlaybackAudit",
    "standing": "CallSideState",
    "strangers": "unknown members",
    "takeover": "recovery",
    "undoing": "rollback",
}
"""A word of a name → what the field calls it."""


def names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name) | ast.Attribute(attr=name):
                yield name


def words(name: str) -> str:
    """ThisName and this_name as _this_name_."""
    return f"_{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', name).lower().strip('_')}_"


def test_a_class_name_occurs_once() -> None:
    places = defaultdict(list)
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(file.relative_to(ROOT)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_replaced_words_do_not_come_back() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {name}; write {better}"
        for file in FILES
        for name in sorted(set(names(ast.parse(file.read_text(encoding="utf-8")))))
        for word, better in REPLACED.items()
        if f"_{word}_" in words(name)
    ]
    assert found == []


@pytest.mark.parametrize(("name", "parted"), [("LettingGo", "_letting_go_"), ("_fate", "_fate_"), ("AMI", "_ami_")])
def test_names_are_parted_into_words(name: str, parted: str) -> None:
    assert words(name) == parted
