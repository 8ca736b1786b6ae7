"""All rules over one flow. Pure; raises nothing, whatever it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import structlog
from pydantic import ValidationError

from callflow.action import AnyAction
from callflow.document import CheckedNode, FlowDocument
from callflow.lint import hours, kept_tests, menus, outside, prompts, reach, safe, structure
from callflow.lint.finding import Finding, Severity
from callflow.lint.reasons import reason_of
from callflow.lint.subject import LintSubject
from callflow.lint.world import World
from callflow.registry import all_actions
from callflow.source import DocumentPath, FlowInvalidError, FlowText, read_source

log = structlog.get_logger(__name__)

LONGEST_TEXT = 2_000_000
"""Characters: some 10,000 nodes."""
MOST_FINDINGS = 1000
"""Shown at once; nobody mends more in one go."""

GROUPS: Mapping[str, Callable[[LintSubject], Iterator[Finding]]] = {
    "structure": structure.check,
    "menus": menus.check,
    "time to a person": reach.check,
    "prompts": prompts.check,
    "hours": hours.check,
    "other parts": outside.check,
    "the safe flow": safe.check,
    "test cases": kept_tests.check,
}
_SEVERITIES = tuple(Severity)


def lint(
    content_or_text: Mapping[str, Any] | str, world: World, actions: Mapping[str, AnyAction] | None = None
) -> tuple[Finding, ...]:
    """What is wrong with a flow, the worst first, then by line.

    All that `parse_flow` refuses is an error here; a flow without errors is one that it takes.
    """
    subject, found = subject_of(content_or_text, world, actions)
    if subject is not None:
        for group, check in GROUPS.items():
            found += _guarded(group, check, subject)
    unique = {(f.rule, f.path, f.node, str(sorted(f.arguments.items(), key=str))): f for f in found}
    ordered = sorted(unique.values(), key=lambda one: (_SEVERITIES.index(one.severity), one.line))
    if len(ordered) > MOST_FINDINGS:
        left_out: dict[str, object] = {"count": len(ordered) - MOST_FINDINGS}
        ordered[MOST_FINDINGS:] = [Finding(rule="lint.more", arguments=left_out)]
    return tuple(ordered)


def subject_of(
    content_or_text: Mapping[str, Any] | str, world: World, actions: Mapping[str, AnyAction] | None = None
) -> tuple[LintSubject | None, list[Finding]]:
    """The document, None where it is not one at all, and what keeps it from being used."""
    try:
        return _read(content_or_text, world, all_actions() if actions is None else actions)
    except Exception:
        log.exception("a flow cannot be linted")
        return None, [Finding(rule="document.unreadable", arguments={"reason": "?"})]


def _guarded(group: str, check: Callable[[LintSubject], Iterator[Finding]], subject: LintSubject) -> Iterable[Finding]:
    """A rule's own fault must not hide what the others find, nor close the page."""
    try:
        return list(check(subject))
    except Exception:
        log.exception("lint rules failed", group=group)
        return [Finding(rule="lint.unchecked", arguments={"group": group})]


def _read(
    given: Mapping[str, Any] | str, world: World, actions: Mapping[str, AnyAction]
) -> tuple[LintSubject | None, list[Finding]]:
    if isinstance(given, str) and len(given) > LONGEST_TEXT:
        arguments: dict[str, object] = {"size": f"{len(given):,}", "most": f"{LONGEST_TEXT:,}"}
        return None, [Finding(rule="document.too_large", arguments=arguments)]
    try:
        source = read_source(given) if isinstance(given, str) else FlowText(given, {})
    except FlowInvalidError as error:
        return None, [
            Finding(
                rule="document.unreadable",
                path=() if problem.where == "file" else tuple(problem.where.split(".")),
                line=problem.line,
                arguments={"reason": problem.what},
            )
            for problem in error.problems
        ]
    try:
        document = FlowDocument.model_validate(source.content)
    except ValidationError as error:
        return None, list(_invalid(error, (), source))
    nodes: dict[str, CheckedNode] = {}
    subject = LintSubject(source, document, nodes, world, actions)
    found = [finding for id in document.nodes for finding in _node(subject, id, nodes)]
    targets: list[tuple[DocumentPath, str]] = [(("entry",), document.entry), (("person",), document.person)]
    targets += [(("keys", key), target) for key, target in document.keys.items()]
    found += [finding for path, target in targets for finding in _target(subject, path, target)]
    return subject, found


def _node(subject: LintSubject, id: str, nodes: dict[str, CheckedNode]) -> Iterator[Finding]:
    """What is wrong with one node; into `nodes` where its options are right."""
    node, place = subject.document.nodes[id], ("nodes", id)
    for outcome, target in node.branches.items():
        yield from _target(subject, (*place, "branches", outcome), target)
    action = subject.actions.get(node.action)
    if action is None:
        known = ", ".join(sorted(subject.actions))
        yield subject.finding("node.unknown_action", *place, "action", action=node.action, known=known)
        return
    try:
        options = action.options.model_validate(node.options)
    except ValidationError as error:
        yield from _invalid(error, (*place, "options"), subject.source)
        return
    nodes[id] = CheckedNode(id, node.label or id, action, options, node.branches)
    outcomes = action.outcomes(options)
    for outcome in sorted(outcomes - node.branches.keys()):
        yield subject.finding("node.missing_branch", *place, "branches", action=node.action, outcome=outcome)
    for outcome in sorted(node.branches.keys() - outcomes):
        known = ", ".join(sorted(outcomes)) or "-"
        path = (*place, "branches", outcome)
        yield subject.finding("node.extra_branch", *path, action=node.action, outcome=outcome, known=known)


def _target(subject: LintSubject, path: DocumentPath, target: str) -> Iterator[Finding]:
    if target not in subject.document.nodes:
        near = subject.near(target, subject.document.nodes)
        yield subject.finding("node.unknown_target", *path, target=target, near=near)


def _invalid(error: ValidationError, at: DocumentPath, source: FlowText) -> Iterator[Finding]:
    for entry in error.errors(include_url=False, include_input=False):
        path = (*at, *entry["loc"])
        rule = _RULES_BY_TYPE.get(entry["type"], "document.invalid")
        yield Finding(
            rule=rule,
            node=str(path[1]) if len(path) > 1 and path[0] == "nodes" else "",
            path=path,
            line=source.problem(path, "").line,
            arguments={"where": ".".join(map(str, path)) or "file", "reason": reason_of(dict(entry))},
        )


_RULES_BY_TYPE = {"missing": "document.missing", "extra_forbidden": "document.unknown_field"}
