"""Lint on random flows: it never fails, says all that `parse_flow` says, and is content once its advice was taken."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callflow.document import FlowInvalidError, parse_flow
from callflow.lint import Finding, PromptSound, Severity, World, lint
from callflow.lint.graph import Graph, longest, shortest
from callflow.lint.texts import RULES
from callflow.registry import all_actions
from hotline.calendars.seed import installed_calendars
from tests.callflow.flow_documents import ANYTHING, Content, broken, documents

WORLD = World(
    today=date(2026, 12, 1),
    prompts={"goodbye": {"zh": PromptSound(text="再见。", seconds=2.0)}},
    queues=frozenset({"public"}),
    calendars=installed_calendars(2027),
)
FEW = settings(max_examples=60, deadline=None)


def well_formed(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        assert finding.rule != "lint.unchecked"
        for text in (finding.message("zh"), finding.mend("zh"), finding.message("en"), finding.mend("en")):
            assert text
            assert "{" not in text.replace(str(finding.arguments), "") or "{" in str(finding.arguments)


@FEW
@given(documents())
def test_a_random_flow_that_can_be_used_has_no_error_of_the_document(content: Content) -> None:
    parse_flow(json.dumps(content), all_actions())
    findings = lint(content, WORLD)
    well_formed(findings)
    assert not [one for one in findings if one.rule.startswith(("document.", "node.")) and one.severity == "error"]


@FEW
@given(broken())
def test_lint_has_an_error_for_whatever_is_refused(content: Content) -> None:
    text = json.dumps(content)
    findings = lint(text, WORLD)
    well_formed(findings)
    well_formed(lint(content, WORLD))
    refusals = {
        one.where for one in findings if one.rule.startswith(("document.", "node.")) and one.severity == "error"
    }
    refused = set(places_refused(text))
    assert refused <= refusals
    assert bool(refused) == bool(refusals)


def places_refused(text: str) -> list[str]:
    try:
        parse_flow(text, all_actions())
    except FlowInvalidError as error:
        return [problem.where for problem in error.problems]
    return []


@FEW
@given(ANYTHING | st.text(max_size=200))
def test_lint_takes_anything(content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    well_formed(lint(text, WORLD))
    well_formed(lint(content, WORLD))


@FEW
@given(broken() | documents())
def test_taking_the_advice_removes_the_finding(content: Content) -> None:
    findings = [one for one in lint(content, WORLD) if one.rule in MENDS]
    assume(findings)
    no_person = any(one.path == ("person",) for one in lint(content, WORLD))
    for finding in findings:
        mended = copy.deepcopy(content)
        if finding.rule.startswith("menu.") and no_person:
            continue  # That has to be mended first.
        if MENDS[finding.rule](mended, finding) is False:
            continue
        assert what(finding) not in set(map(what, lint(mended, WORLD)))


def what(finding: Finding) -> tuple[object, ...]:
    return finding.rule, finding.path, finding.node, finding.arguments.get("outcome")


Mend = Callable[[Content, Finding], object]
"""Does what the finding says; False where that takes a person's thought."""


def at(content: Content, finding: Finding) -> tuple[Any, Any]:
    place: Any = content
    for part in finding.path[:-1]:
        place = place[part]
    return place, finding.path[-1]


def put(value: Callable[[Content], object]) -> Mend:
    def mend(content: Content, finding: Finding) -> object:
        try:
            place, name = at(content, finding)
        except KeyError:
            return False  # An option's default: the document does not hold it.
        place[name] = value(content)
        return None

    return mend


def remove(content: Content, finding: Finding) -> None:
    place, name = at(content, finding)
    del place[name]


def add_branch(content: Content, finding: Finding) -> None:
    place, name = at(content, finding)
    place.setdefault(name, {})[finding.arguments["outcome"]] = next(iter(content["nodes"]))


def add_node(content: Content, finding: Finding) -> None:
    content["nodes"][finding.arguments["target"]] = {"action": "hangup"}


def key_to_person(content: Content, finding: Finding) -> object:
    if "branches" in finding.path:
        return False
    content.setdefault("keys", {})["0"] = content["person"]
    return None


def hang_up_at_once(content: Content, finding: Finding) -> None:
    content["nodes"][finding.node] = {"action": "hangup", "options": {"prompts": ["goodbye"]}}


MENDS: dict[str, Mend] = {
    "document.unknown_field": remove,
    "node.unknown_action": hang_up_at_once,
    "node.missing_branch": add_branch,
    "node.extra_branch": remove,
    "node.unknown_target": add_node,
    "node.unreachable": remove,
    "end.silent": hang_up_at_once,
    "menu.no_person_by_key": key_to_person,
    "menu.no_person_by_silence": put(lambda content: content["person"]),
    "menu.no_person_by_errors": put(lambda content: content["person"]),
    "prompt.unknown": put(lambda content: "goodbye"),
    "queue.unknown": put(lambda content: "public"),
    "hours.unknown_table": put(lambda content: "24x7"),
}


def test_the_mends_are_rules() -> None:
    assert MENDS.keys() <= RULES.keys()
    assert {RULES[one].severity for one in MENDS} <= {severity.value for severity in Severity}


GRAPHS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 5)), max_size=16)


@settings(max_examples=150, deadline=None)
@given(GRAPHS)
def test_ways_agree_with_trying_every_one(edges: list[tuple[int, int, int]]) -> None:
    weighted = {node: [(b, float(w)) for a, b, w in edges if a == node] for node in range(7)}
    simple: dict[int, list[float]] = {0: [0.0]}

    def walk(way: list[int], far: float) -> None:
        for target, weight in weighted[way[-1]]:
            if target not in way:
                simple.setdefault(target, []).append(far + weight)
                walk([*way, target], far + weight)

    walk([0], 0.0)
    near, _ = shortest(weighted, 0)
    far, before = longest(weighted, 0)
    assert near == {node: min(found) for node, found in simple.items()}
    assert far.keys() == simple.keys()
    for node, seconds in far.items():
        assert near[node] <= seconds <= max(simple[node])
    plain = Graph({node: [target for target, _ in targets] for node, targets in weighted.items()})
    if not list(plain.within(plain.reach([0])).circles()):
        assert far == {node: max(found) for node, found in simple.items()}
    circles = {node for circle in plain.circles() for node in circle}
    assert circles == {node for node in range(7) if node in plain.reach(plain.edges[node])}
    assert before.keys() == far.keys() - {0}
