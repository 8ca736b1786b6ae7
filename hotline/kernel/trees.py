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


def below(parents: Mapping[str, str | None], node: str) -> frozenset[str]:
    """`node` and all that are under it."""
    children: dict[str, list[str]] = {}
    for child, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(child)
    found, open_nodes = {node}, [node]
    while open_nodes:
        fresh = [child for child in children.get(open_nodes.pop(), ()) if child not in found]
        found.update(fresh)
        open_nodes += fresh
    return frozenset(found)


def above(parents: Mapping[str, str | None], node: str) -> tuple[str, ...]:
    """The ancestors of `node`, the nearest first, without `node`."""
    found: list[str] = []
    parent = parents.get(node)
    while parent is not None and parent != node and parent not in found:
        found.append(parent)
        parent = parents.get(parent)
    return tuple(found)


def height(parents: Mapping[str, str | None], node: str) -> int:
    """How many levels the tree under `node` has, itself counted."""
    return max(len(above(parents, one)) for one in below(parents, node)) - len(above(parents, node)) + 1


def levels(parents: Mapping[str, str | None]) -> tuple[dict[str, int], frozenset[str]]:
    """The level of each node, a root's being 1, and the nodes of cycles; what hangs below a cycle has no level.

    Takes time in proportion to the number of nodes, whatever their shape.
    """
    found: dict[str, int] = {}
    cyclic: set[str] = set()
    seen: set[str] = set()
    for start in parents:
        path: list[str] = []
        node: str | None = start
        while node is not None and node not in seen:
            seen.add(node)
            path.append(node)
            node = parents.get(node)
        level = 0 if node is None else found.get(node)
        if node in path:
            cyclic.update(path[path.index(node) :])
        if level is not None:
            found |= {one: level + up for up, one in enumerate(reversed(path), start=1)}
    return found, frozenset(cyclic)
