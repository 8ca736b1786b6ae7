"""What the flow asks of others: queues, services with a time limit, and other flows."""

from __future__ import annotations

from collections.abc import Iterator

from callflow.dialling import DialledOptions
from callflow.lint.finding import Finding
from callflow.lint.subject import LintSubject
from callflow.queues.policy import QueueOptions

_FAILURES = ("unavailable", "failed", "timed_out", "timeout", "error", "nobody", "busy", "no_answer")


def check(subject: LintSubject) -> Iterator[Finding]:
    yield from _queues(subject)
    yield from _phones(subject)
    yield from _timeboxed(subject)
    yield from _subflows(subject)


def _queues(subject: LintSubject) -> Iterator[Finding]:
    queues = subject.world.queues
    if queues is None:
        return
    for node in subject.nodes.values():
        if isinstance(node.options, QueueOptions) and node.options.queue not in queues:
            yield subject.finding(
                *("queue.unknown", "nodes", node.id, "options", "queue"),
                queue=node.options.queue,
                known=", ".join(sorted(queues)) or "-",
            )


def _phones(subject: LintSubject) -> Iterator[Finding]:
    """Units that are not there, and numbers that the hotline does not call."""
    units, outside = subject.world.units, subject.world.outside
    for node in subject.of("specialist"):
        unit = str(getattr(node.options, "unit", ""))
        if units is not None and unit not in units:
            yield subject.finding("specialist.unknown_unit", "nodes", node.id, "options", "unit", unit=unit)
    for node in subject.of("dial"):
        number = str(getattr(node.options, "number", ""))
        if outside is not None and not outside(number):
            yield subject.finding("dial.not_allowed", "nodes", node.id, "options", "number", number=number)


def _timeboxed(subject: LintSubject) -> Iterator[Finding]:
    """An action that gives up after a while leads its failure where its success goes."""
    for node in subject.nodes.values():
        if not hasattr(node.options, "within") and not isinstance(node.options, DialledOptions):
            continue
        outcomes = node.action.outcomes(node.options)
        successes = {node.branches.get(one): one for one in sorted(outcomes - set(_FAILURES))}
        for failure in _FAILURES:
            target = node.branches.get(failure)
            if failure in outcomes and target in successes:
                yield subject.finding(
                    *("timebox.no_failure_branch", "nodes", node.id, "branches", failure),
                    action=node.action.name,
                    outcome=failure,
                    success=successes[target],
                    person=subject.document.person,
                )


def _subflows(subject: LintSubject) -> Iterator[Finding]:
    own = subject.document.id
    for node in subject.of("subflow"):
        called = str(getattr(node.options, "flow", ""))
        known = subject.world.subflows
        if known and called != own and called not in known:
            near = subject.near(called, known)
            yield subject.finding("subflow.unknown", "nodes", node.id, "options", "flow", flow=called, near=near)
        chain = _back(subject, called, own)
        if chain:
            yield subject.finding(
                *("subflow.cycle", "nodes", node.id, "options", "flow"),
                flow=called,
                chain=" → ".join((own, *chain)),
            )


def _back(subject: LintSubject, called: str, own: str) -> tuple[str, ...]:
    """The flows from `called` to `own`, or nothing."""
    before: dict[str, str] = {}
    todo = [called]
    seen = {called}
    while todo:
        flow = todo.pop()
        if flow == own:
            chain = [flow]
            while chain[-1] in before:
                chain.append(before[chain[-1]])
            return tuple(reversed(chain))
        for other in sorted(subject.world.subflows.get(flow, ())):
            if other not in seen:
                seen.add(other)
                before[other] = flow
                todo.append(other)
    return ()
