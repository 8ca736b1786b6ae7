"""The test cases that are kept with the flow: whether they can be read, and speak of nodes that there are."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from callflow.lint.finding import Finding
from callflow.lint.reasons import reason_of
from callflow.lint.subject import LintSubject
from callflow.simulate.expectation import FlowTestCase


def check(subject: LintSubject) -> Iterator[Finding]:
    known = subject.document.nodes
    for index, given in enumerate(subject.document.tests):
        try:
            case = FlowTestCase.model_validate(given)
        except ValidationError as error:
            for entry in error.errors(include_url=False, include_input=False):
                where = ".".join(map(str, entry["loc"])) or "tests"
                path = ("tests", index, *entry["loc"])
                yield subject.finding("test.invalid", *path, where=where, reason=reason_of(dict(entry)))
            continue
        ends = (case.expect.ends_in,) if case.expect.ends_in is not None else ()
        for node in dict.fromkeys((*case.expect.passes, *case.expect.avoids, *ends)):
            if node not in known:
                near = subject.near(node, known)
                yield subject.finding("test.unknown_node", "tests", index, name=case.name, target=node, near=near)
