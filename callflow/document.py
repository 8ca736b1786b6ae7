"""The call flow as a document: parsed, and checked so that no call can run into a hole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from callflow.action import AnyAction, Options
from callflow.source import DocumentPath, FlowInvalidError, FlowProblem, FlowText, read_source

SHIPPED_FLOW = Path(__file__).parent / "flows" / "enterprise.yaml"

NodeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Node(Strict):
    """One step: an action, its options, and where each outcome leads."""

    action: str
    label: str = ""
    """What the call log and the agent's screen call it."""
    options: dict[str, Any] = Field(default_factory=dict)
    branches: dict[str, NodeId] = Field(default_factory=dict)
    note: str = Field(default="", max_length=2000)
    """For whoever edits the flow; no caller hears of it."""


class Position(Strict):
    """Where the editor draws a node, in its own units."""

    x: float = Field(ge=-1e6, le=1e6)
    y: float = Field(ge=-1e6, le=1e6)


class FlowDocument(Strict):
    id: NodeId
    title: str = ""
    note: str = Field(default="", max_length=4000)
    entry: NodeId
    person: NodeId
    """The node that reaches a person: after a fault, and when the flow loops."""
    no_menu: bool = False
    """The switch for days when every second counts: menus are passed over by their branch `no_menu`."""
    keys: dict[Key, NodeId] = Field(default_factory=dict)
    """Keys that work everywhere."""
    nodes: dict[NodeId, Node]
    layout: dict[NodeId, Position] = Field(default_factory=dict)
    """Of the nodes that somebody has placed; it changes nothing for a caller."""
    tests: list[dict[str, Any]] = Field(default_factory=list, max_length=200)
    """Simulated callers with what is expected of their calls: `callflow.simulate.expectation.FlowTestCase`."""


@dataclass(frozen=True, slots=True)
class CheckedNode:
    id: str
    label: str
    action: AnyAction
    options: Options
    branches: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Flow:
    """A document that has passed all checks."""

    document: FlowDocument
    nodes: Mapping[str, CheckedNode]
    warnings: tuple[FlowProblem, ...]
    version: int = 0
    """Its number in the store of flows; 0 for one that was never stored."""

    @property
    def id(self) -> str:
        return self.document.id


_LARGEST_FILE = 8_000_000
"""Bytes: a thousand nodes are some 200,000."""


def load_flow(path: Path, actions: Mapping[str, AnyAction]) -> Flow:
    """Read and check a flow file; raises `FlowInvalidError`."""
    return parse_flow(read_file(path), actions)


def read_file(path: Path) -> str:
    """The text of a flow file; raises `FlowInvalidError`."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            problem = f"larger than {_LARGEST_FILE // 1_000_000} MB; no flow needs as much"
            raise FlowInvalidError([FlowProblem(str(path), 0, problem)])
        return content.decode("utf-8")
    except OSError as error:
        raise FlowInvalidError([FlowProblem(str(path), 0, f"the file cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise FlowInvalidError([FlowProblem(str(path), 0, f"the file is not UTF-8: {error.reason}")]) from error


def parse_flow(text: str, actions: Mapping[str, AnyAction]) -> Flow:
    """Check a flow in YAML (or JSON, which is YAML); raises `FlowInvalidError`."""
    return check_flow(read_source(text), actions)


def check_flow(source: FlowText, actions: Mapping[str, AnyAction], *, version: int = 0) -> Flow:
    """Check a flow that was read already; raises `FlowInvalidError`."""
    try:
        document = FlowDocument.model_validate(source.content)
    except ValidationError as error:
        raise FlowInvalidError(_problems(error, (), source)) from error
    return replace(_check(document, actions, source), version=version)


def _problems(error: ValidationError, at: DocumentPath, source: FlowText) -> list[FlowProblem]:
    return [source.problem((*at, *entry["loc"]), entry["msg"]) for entry in error.errors()]


def _check(document: FlowDocument, actions: Mapping[str, AnyAction], source: FlowText) -> Flow:
    problems: list[FlowProblem] = []
    nodes: dict[str, CheckedNode] = {}
    for id, node in document.nodes.items():
        checked = _check_node(id, node, document, actions, source, problems)
        if checked is not None:
            nodes[id] = checked
    for name in ("entry", "person"):
        _check_target((name,), getattr(document, name), document, source, problems)
    for key, target in document.keys.items():
        _check_target(("keys", key), target, document, source, problems)
    if problems:
        raise FlowInvalidError(problems)
    warnings = [
        source.problem(("nodes", id), "no call can reach this node; link it or remove it")
        for id in document.nodes
        if id not in _reachable(document)
    ]
    return Flow(document, nodes, tuple(warnings))


def _check_node(
    id: str,
    node: Node,
    document: FlowDocument,
    actions: Mapping[str, AnyAction],
    source: FlowText,
    problems: list[FlowProblem],
) -> CheckedNode | None:
    action = actions.get(node.action)
    if action is None:
        known = ", ".join(sorted(actions))
        problems.append(source.problem(("nodes", id, "action"), f"no action {node.action!r}; there are: {known}"))
        return None
    for outcome, target in node.branches.items():
        _check_target(("nodes", id, "branches", outcome), target, document, source, problems)
    try:
        options: Options = action.options.model_validate(node.options)
    except ValidationError as error:
        problems += _problems(error, ("nodes", id, "options"), source)
        return None
    outcomes = action.outcomes(options)
    for outcome in sorted(outcomes - node.branches.keys()):
        what = f"the outcome {outcome!r} of {node.action} has no branch; add `{outcome}: <node>`"
        problems.append(source.problem(("nodes", id, "branches"), what))
    for outcome in sorted(node.branches.keys() - outcomes):
        what = f"{node.action} has no outcome {outcome!r}; it has: {', '.join(sorted(outcomes)) or 'none'}"
        problems.append(source.problem(("nodes", id, "branches", outcome), what))
    return CheckedNode(id, node.label or id, action, options, node.branches)


def _check_target(
    path: DocumentPath, target: str, document: FlowDocument, source: FlowText, problems: list[FlowProblem]
) -> None:
    if target not in document.nodes:
        what = f"there is no node {target!r}; name one of: {', '.join(sorted(document.nodes))}"
        problems.append(source.problem(path, what))


def _reachable(document: FlowDocument) -> set[str]:
    seen: set[str] = set()
    todo = [document.entry, document.person, *document.keys.values()]
    while todo:
        id = todo.pop()
        if id not in seen and id in document.nodes:
            seen.add(id)
            todo += document.nodes[id].branches.values()
    return seen


__all__ = [
    "SHIPPED_FLOW",
    "CheckedNode",
    "Flow",
    "FlowDocument",
    "FlowInvalidError",
    "Key",
    "Node",
    "FlowProblem",
    "check_flow",
    "load_flow",
    "parse_flow",
    "read_file",
]
