"""The call flow as a document: parsed, and checked so that no call can run into a hole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from callflow.action import AnyAction, Options
from hotline.kernel.errors import InvalidInputError

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


class FlowDocument(Strict):
    id: NodeId
    version: int = Field(ge=1)
    title: str = ""
    entry: NodeId
    person: NodeId
    """The node that reaches a person: after a fault, and when the flow goes in circles."""
    no_menu: bool = False
    """The switch for days when every second counts: menus are passed over by their branch `no_menu`."""
    keys: dict[Key, NodeId] = Field(default_factory=dict)
    """Keys that work everywhere."""
    nodes: dict[NodeId, Node]


@dataclass(frozen=True, slots=True)
class Problem:
    """`where` is the path in the document, `line` its line (0 where unknown)."""

    where: str
    line: int
    what: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.where}" if self.line else self.where
        return f"{place}: {self.what}"


class FlowInvalidError(InvalidInputError):
    """`problems` says everything that is wrong, not only the first thing."""

    error_id = "flow.invalid"
    title = "The call flow cannot be used"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


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
    warnings: tuple[Problem, ...]


def load_flow(path: Path, actions: Mapping[str, AnyAction]) -> Flow:
    """Read and check a flow file; raises `FlowInvalidError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FlowInvalidError([Problem(str(path), 0, f"the file cannot be read: {error}")]) from error
    return parse_flow(text, actions)


def parse_flow(text: str, actions: Mapping[str, AnyAction]) -> Flow:
    """Check a flow in YAML (or JSON, which is YAML); raises `FlowInvalidError`."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = f"this is not YAML: {getattr(error, 'problem', None) or error}"
        raise FlowInvalidError([Problem("file", mark.line + 1 if mark else 0, what)]) from error
    lines = _lines(tree)
    try:
        document = FlowDocument.model_validate(content)
    except ValidationError as error:
        raise FlowInvalidError(_problems(error, (), lines)) from error
    return _check(document, actions, lines)


Path_ = tuple[str | int, ...]
Lines = Mapping[Path_, int]


def _lines(tree: yaml.Node | None, path: Path_ = ()) -> dict[Path_, int]:
    if tree is None:
        return {}
    found = {path: tree.start_mark.line + 1}
    if isinstance(tree, yaml.MappingNode):
        for key, value in tree.value:
            found.update(_lines(value, (*path, key.value)))
            found[(*path, key.value)] = key.start_mark.line + 1
    elif isinstance(tree, yaml.SequenceNode):
        for index, value in enumerate(tree.value):
            found.update(_lines(value, (*path, index)))
    return found


def _problems(error: ValidationError, at: Path_, lines: Lines) -> list[Problem]:
    return [_problem((*at, *entry["loc"]), entry["msg"], lines) for entry in error.errors()]


def _problem(path: Path_, what: str, lines: Lines) -> Problem:
    line = next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), 0)
    return Problem(".".join(str(part) for part in path) or "file", line, what)


def _check(document: FlowDocument, actions: Mapping[str, AnyAction], lines: Lines) -> Flow:
    problems: list[Problem] = []
    nodes: dict[str, CheckedNode] = {}
    for id, node in document.nodes.items():
        checked = _check_node(id, node, document, actions, lines, problems)
        if checked is not None:
            nodes[id] = checked
    for name in ("entry", "person"):
        _check_target((name,), getattr(document, name), document, lines, problems)
    for key, target in document.keys.items():
        _check_target(("keys", key), target, document, lines, problems)
    if problems:
        raise FlowInvalidError(problems)
    warnings = [
        _problem(("nodes", id), "no call can reach this node; link it or remove it", lines)
        for id in document.nodes
        if id not in _reachable(document)
    ]
    return Flow(document, nodes, tuple(warnings))


def _check_node(
    id: str,
    node: Node,
    document: FlowDocument,
    actions: Mapping[str, AnyAction],
    lines: Lines,
    problems: list[Problem],
) -> CheckedNode | None:
    action = actions.get(node.action)
    if action is None:
        known = ", ".join(sorted(actions))
        problems.append(_problem(("nodes", id, "action"), f"no action {node.action!r}; there are: {known}", lines))
        return None
    for outcome, target in node.branches.items():
        _check_target(("nodes", id, "branches", outcome), target, document, lines, problems)
    try:
        options: Options = action.options.model_validate(node.options)
    except ValidationError as error:
        problems += _problems(error, ("nodes", id, "options"), lines)
        return None
    outcomes = action.outcomes(options)
    for outcome in sorted(outcomes - node.branches.keys()):
        what = f"the outcome {outcome!r} of {node.action} has no branch; add `{outcome}: <node>`"
        problems.append(_problem(("nodes", id, "branches"), what, lines))
    for outcome in sorted(node.branches.keys() - outcomes):
        what = f"{node.action} has no outcome {outcome!r}; it has: {', '.join(sorted(outcomes)) or 'none'}"
        problems.append(_problem(("nodes", id, "branches", outcome), what, lines))
    return CheckedNode(id, node.label or id, action, options, node.branches)


def _check_target(path: Path_, target: str, document: FlowDocument, lines: Lines, problems: list[Problem]) -> None:
    if target not in document.nodes:
        what = f"there is no node {target!r}; name one of: {', '.join(sorted(document.nodes))}"
        problems.append(_problem(path, what, lines))


def _reachable(document: FlowDocument) -> set[str]:
    seen: set[str] = set()
    todo = [document.entry, document.person, *document.keys.values()]
    while todo:
        id = todo.pop()
        if id not in seen and id in document.nodes:
            seen.add(id)
            todo += document.nodes[id].branches.values()
    return seen
