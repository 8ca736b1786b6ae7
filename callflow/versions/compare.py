"""What differs between two versions of a flow, node by node. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel

Change = Literal["added", "removed", "changed"]


class FieldDifference(BaseModel):
    """`path` within the node, such as `options.prompts`; None stands for "not there"."""

    path: str
    before: Any
    after: Any


class FlowDifference(BaseModel):
    """One node, or the document's own fields where `node` is ""."""

    node: str
    change: Change
    fields: list[FieldDifference]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FlowDifference]:
    """In the order of `after`, what was removed last; where nodes are drawn makes no difference."""
    found = []
    own = list(_fields(_own(before), _own(after)))
    if own:
        found.append(FlowDifference(node="", change="changed", fields=own))
    old, new = _nodes(before), _nodes(after)
    for id in [*new, *(id for id in old if id not in new)]:
        change: Change = "added" if id not in old else "removed" if id not in new else "changed"
        fields = list(_fields(old.get(id, {}), new.get(id, {})))
        if fields or change != "changed":
            found.append(FlowDifference(node=id, change=change, fields=fields))
    return found


def _own(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in document.items() if name not in ("nodes", "layout")}


def _nodes(document: Mapping[str, Any]) -> Mapping[str, Any]:
    nodes = document.get("nodes")
    return nodes if isinstance(nodes, Mapping) else {}


def _fields(before: Any, after: Any, path: str = "") -> Iterator[FieldDifference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*after, *before]):
            yield from _fields(before.get(name), after.get(name), f"{path}.{name}" if path else str(name))
    elif before != after:
        yield FieldDifference(path=path, before=before, after=after)


__all__ = ["FieldDifference", "FlowDifference", "compare"]
