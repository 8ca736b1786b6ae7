"""Trees that tables keep by the parent of each row. Pure."""

from __future__ import annotations

from collections.abc import Mapping


def would_cycle(parents: Mapping[str, str | None], node: str, parent: str | None) -> bool:
    """Whether `node` under `parent` would be its own ancestor; `parents` is the tree as it is, id → parent."""
    seen: set[str] = set()
    while parent is not None and parent not in seen:
        if parent == node:
            return True
        seen.add(parent)
        parent = parents.get(parent)
    return False
