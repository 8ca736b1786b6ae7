"""All actions, found by walking `callflow/actions`: a new module there is a new action, and nothing else changes."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from callflow import actions
from callflow.action import Action, AnyAction


@cache
def all_actions() -> Mapping[str, AnyAction]:
    """The actions by name. Modules whose names begin with an underscore are none."""
    found: dict[str, AnyAction] = {}
    for module in pkgutil.iter_modules(actions.__path__):
        if module.name.startswith("_"):
            continue
        contents = vars(importlib.import_module(f"{actions.__name__}.{module.name}"))
        for value in contents.values():
            if isinstance(value, Action):
                if found.setdefault(value.name, value) is not value:
                    raise TypeError(f"two actions are named {value.name!r}")
    return MappingProxyType(found)
