"""Menus: a way to a person, not too deep, not too late, and the keys that the prompt names."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from callflow.document import CheckedNode
from callflow.lint.finding import Finding
from callflow.lint.graph import way_to
from callflow.lint.reach import LANGUAGE_NAMES, Journeys
from callflow.lint.subject import LintSubject, prompts_in

_NAMED_KEYS = {
    "zh": re.compile(r"按\s*([0-9*#])(?!\d)"),
    "en": re.compile(r"\bpress\s+([0-9*#])(?!\d)", re.IGNORECASE),
}


def check(subject: LintSubject) -> Iterator[Finding]:
    journeys = Journeys(subject)
    depths = _depths(subject)
    for node in subject.of("menu"):
        yield from _person(subject, node)
        if (depth := depths.get(node.id, 0)) > (most := subject.world.budgets.menu_depth):
            yield subject.finding("menu.too_deep", "nodes", node.id, depth=depth, most=most)
    yield from _late(subject, journeys)
    yield from _length_and_keys(subject, journeys)


def _person(subject: LintSubject, node: CheckedNode) -> Iterator[Finding]:
    """By 0, by silence and by wrong keys; the last two only where the caller has met no person yet."""
    document, options = subject.document, _options(node)
    person = document.person
    zero = node.branches.get("0") if "0" in options.keys else document.keys.get("0")
    if zero not in subject.to_person_alone:
        place = ("nodes", node.id, "branches", "0") if "0" in options.keys else ("keys",)
        found = subject.finding("menu.no_person_by_key", *place, person=person)
        yield Finding(rule=found.rule, node=node.id, path=found.path, line=found.line, arguments=found.arguments)
    if node.id not in subject.before_person:
        return
    for outcome, rule in (("silence", "menu.no_person_by_silence"), ("errors", "menu.no_person_by_errors")):
        target = node.branches.get(outcome)
        if target in document.nodes and target not in subject.to_person_alone:
            yield subject.finding(rule, "nodes", node.id, "branches", outcome, person=person)


def _depths(subject: LintSubject) -> dict[str, int]:
    """Of each node before a person: the fewest menus on a way to it, itself included."""
    menus = {node.id for node in subject.of("menu")}
    entry = subject.document.entry
    depths: dict[str, int] = {}
    if entry in subject.before_person:
        todo = deque([(entry, 0)])
        while todo:
            id, above = todo.popleft()
            if id in depths:
                continue
            depths[id] = depth = above + (id in menus)
            if id not in subject.persons and id not in subject.services:
                # Through a menu last: so a node is first met with the fewest menus before it.
                onward = [(target, depth) for target in subject.ways.edges[id] if target not in depths]
                todo.extend(step for step in onward if step[0] in menus)
                todo.extendleft(step for step in onward if step[0] not in menus)
    return depths


def _late(subject: LintSubject, journeys: Journeys) -> Iterator[Finding]:
    far, before = journeys.heard
    most = subject.world.budgets.before_choice
    said: set[str] = set()
    for menu in journeys.first_menus():
        id, language = menu
        if far.get(menu, 0.0) > most and id not in said:
            said.add(id)
            way = [subject.nodes[node] for node, _ in way_to(menu, before)[:-1] if node in subject.nodes]
            prompts = [p for node in way for p in prompts_in(item for _, item in subject.speech(node))]
            yield subject.finding(
                *("menu.late", "nodes", id),
                seconds=f"{far[menu]:.1f}",
                most=f"{most:g}",
                language=LANGUAGE_NAMES[language],
                prompts=", ".join(dict.fromkeys(prompts)) or "-",
            )


def _length_and_keys(subject: LintSubject, journeys: Journeys) -> Iterator[Finding]:
    most = subject.world.budgets.menu
    for id, language in journeys.stops:
        node = subject.nodes.get(id)
        if node is None or node.action.name != "menu":
            continue
        seconds = journeys.timings[language].speech(_options(node).prompts)
        if seconds > most:
            yield subject.finding(
                *("menu.too_long", "nodes", id, "options", "prompts"),
                seconds=f"{seconds:.1f}",
                most=f"{most:g}",
                language=LANGUAGE_NAMES[language],
            )
        yield from _keys(subject, node, language)


def _keys(subject: LintSubject, node: CheckedNode, language: str) -> Iterator[Finding]:
    """What the prompt says against what the menu takes; nothing where the words are not known."""
    options = _options(node)
    sounds = [subject.world.sound(prompt, language) for prompt in prompts_in(options.prompts)]
    text = " ".join(sound.text for sound in sounds if sound is not None)
    named = {key for pattern in _NAMED_KEYS.values() for key in pattern.findall(text)}
    if not named:
        return
    place, name = ("nodes", node.id, "options"), LANGUAGE_NAMES[language]
    for key in sorted(named - set(options.keys) - subject.document.keys.keys()):
        yield subject.finding("menu.key_not_taken", *place, "prompts", key=key, language=name)
    for key in sorted(set(options.keys) - named):
        yield subject.finding("menu.key_not_said", *place, "keys", key=key, language=name)


def _options(node: CheckedNode) -> Any:
    return node.options
