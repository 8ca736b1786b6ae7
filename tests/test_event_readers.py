"""An event that nobody reads is not written: each class has a subscriber, or is part of a call's record."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import hotline.app.composition  # noqa: F401  # imports every floor, and so defines every event
from cti.calls.history.projection import CALL_EVENTS
from hotline.kernel.events import EVENT_TYPES, Event

ROOT = Path(__file__).parents[1]
PACKAGES = ("ivr", "callflow", "cti", "crm", "hotline")


@cache
def subscribed() -> set[str]:
    """The names given to any `subscribe(handler, Type, …)`."""
    names = set()
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                match node:
                    case ast.Call(func=ast.Attribute(attr="subscribe"), args=[_, *types]):
                        names |= {kind.id for kind in types if isinstance(kind, ast.Name)}
                        if any(isinstance(kind, ast.Starred) for kind in types):
                            names |= listed(file)
    return names


def listed(file: Path) -> set[str]:
    """The names in the tuples that a module assigns, for `subscribe(handler, *CHANGES)`."""
    values = [node.value for node in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(node, ast.Assign)]
    tuples = [value.elts for value in values if isinstance(value, ast.Tuple)]
    return {name.id for elements in tuples for name in elements if isinstance(name, ast.Name)}


def published() -> list[type[Event]]:
    """Every event class that a floor declares in its `events.py`."""
    classes = [kind for kind in EVENT_TYPES.values() if kind.__module__.partition(".")[0] in PACKAGES]
    return [kind for kind in classes if kind.__module__.endswith(".events")]


@pytest.mark.parametrize("kind", published(), ids=lambda kind: kind.__name__)
def test_every_event_has_a_reader(kind: type[Event]) -> None:
    read = {*subscribed(), *(read.__name__ for read in CALL_EVENTS)}
    assert read & {base.__name__ for base in kind.__mro__}, f"nothing reads {kind.__module__}.{kind.__name__}"
