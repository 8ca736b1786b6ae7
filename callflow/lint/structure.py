"""Nodes that nobody reaches, circles, and ends without a person."""

from __future__ import annotations

from collections.abc import Iterator

from callflow.lint.finding import Finding
from callflow.lint.subject import LintSubject

_SHOWN = 8


def check(subject: LintSubject) -> Iterator[Finding]:
    yield from _unreachable(subject)
    yield from _no_exit(subject)
    yield from _by_itself(subject)
    yield from _no_person(subject)
    yield from _ends(subject)


def _unreachable(subject: LintSubject) -> Iterator[Finding]:
    for id in subject.document.nodes:
        if id not in subject.reached:
            yield subject.finding("node.unreachable", "nodes", id)


def _no_exit(subject: LintSubject) -> Iterator[Finding]:
    """Circles that no branch leaves; one with a person in it is no trap, for the talk may end there."""
    for circle in subject.ways.circles():
        inside = frozenset(circle)
        if not inside & subject.persons and not any(set(subject.ways.edges[id]) - inside for id in circle):
            yield subject.finding("loop.no_exit", "nodes", circle[0], nodes=_listed(circle))


def _by_itself(subject: LintSubject) -> Iterator[Finding]:
    """A caller who does nothing goes round without ever coming to a person; the engine gives up after 200 nodes."""
    own = subject.own_ways
    for circle in own.within(set(own.edges) - subject.persons).circles():
        # One that nothing leaves is `loop.no_exit` already.
        if any(set(subject.ways.edges[id]) - set(circle) for id in circle):
            yield subject.finding(
                *("loop.by_itself", "nodes", circle[0]), nodes=_listed(circle), person=subject.document.person
            )


def _no_person(subject: LintSubject) -> Iterator[Finding]:
    document = subject.document
    if document.entry in document.nodes and not _reaches(subject, document.entry):
        yield subject.finding("person.unreachable", "entry", start=document.entry)
    if document.person in document.nodes and document.person not in subject.to_person_alone:
        yield subject.finding("person.not_by_itself", "person", person=document.person)


def _reaches(subject: LintSubject, start: str) -> bool:
    return bool(subject.ways.reach([start]) & (subject.persons | subject.returns))


def _ends(subject: LintSubject) -> Iterator[Finding]:
    document = subject.document
    served = subject.persons | subject.services
    start = [document.entry] if document.entry in document.nodes else []
    silent = subject.own_ways.reach(start, until=served)
    for node in subject.nodes.values():
        if node.action.outcomes(node.options) or node.id in subject.returns:
            continue
        if node.id in silent:
            yield subject.finding("end.without_person", "nodes", node.id, person=document.person)
        if not getattr(node.options, "prompts", ("?",)):
            yield subject.finding("end.silent", "nodes", node.id)


def _listed(nodes: tuple[str, ...]) -> str:
    return ", ".join(nodes[:_SHOWN]) + (f" … ({len(nodes)})" if len(nodes) > _SHOWN else "")
