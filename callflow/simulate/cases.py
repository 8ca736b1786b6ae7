"""Runs the test cases that are kept with a flow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import ValidationError

from callflow.document import Flow
from callflow.lint.world import World
from callflow.simulate.expectation import CallExpectation, FlowTestCase
from callflow.simulate.record import SimulatedCall
from callflow.simulate.run import simulate


class Unmet(NamedTuple):
    """One expectation that was not met, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class FlowTestResult:
    name: str
    unmet: tuple[Unmet, ...]
    call: SimulatedCall | None
    """None where the case itself could not be read."""

    @property
    def passed(self) -> bool:
        return not self.unmet


async def run_tests(flow: Flow, world: World) -> list[FlowTestResult]:
    """All of the flow's cases, at once, in their order. Never fails: a case that cannot be read has not passed."""
    return list(
        await asyncio.gather(*(_run(index, case, flow, world) for index, case in enumerate(flow.document.tests)))
    )


async def _run(index: int, given: Mapping[str, Any], flow: Flow, world: World) -> FlowTestResult:
    try:
        case = FlowTestCase.model_validate(given)
    except ValidationError as error:
        name = str(given.get("name", f"tests.{index}"))[:100]
        return FlowTestResult(name, tuple(_unreadable(error)), None)
    call = await simulate(flow, case.caller, world)
    return FlowTestResult(case.name, tuple(unmet(case.expect, call)), call)


def _unreadable(error: ValidationError) -> Iterator[Unmet]:
    for entry in error.errors(include_url=False, include_input=False):
        where = ".".join(map(str, entry["loc"])) or "case"
        yield Unmet(f"无法读取「{where}」：{entry['msg']}", f"{where} cannot be read: {entry['msg']}")


def unmet(expect: CallExpectation, call: SimulatedCall) -> Iterator[Unmet]:
    """What the call did otherwise."""
    way = " → ".join(call.nodes)
    for failure in call.failures:
        yield Unmet(f"流程出错：{failure}", f"The flow failed: {failure}")
    if (missed := _missed(expect.passes, call.nodes)) is not None:
        yield Unmet(f"没有（按顺序）经过「{missed}」：{way}", f"It did not pass {missed!r} (in order): {way}")
    for node in expect.avoids:
        if node in call.nodes:
            yield Unmet(f"不应经过「{node}」：{way}", f"It passed {node!r}: {way}")
    last = call.nodes[-1] if call.nodes else ""
    if expect.ends_in is not None and expect.ends_in != last:
        yield Unmet(f"在「{last}」结束，应为「{expect.ends_in}」", f"It ended in {last!r}, not in {expect.ends_in!r}")
    queue = call.stays[-1].queue if call.stays else ""
    if expect.queue is not None and expect.queue != queue:
        yield Unmet(
            f"最后的队列是「{queue}」，应为「{expect.queue}」", f"Its last queue was {queue!r}, not {expect.queue!r}"
        )
    for prompt in expect.hears:
        if prompt not in call.prompts:
            yield Unmet(f"没有听到「{prompt}」", f"It did not hear {prompt!r}")
    yield from _late(expect.person_within, call.person_at)
    if expect.ended_by is not None and expect.ended_by != call.ended_by:
        yield Unmet(
            f"由 {call.ended_by} 结束，应为 {expect.ended_by}", f"{call.ended_by} ended it, not {expect.ended_by}"
        )


def _missed(expected: Sequence[str], nodes: Sequence[str]) -> str | None:
    """The first of `expected` that does not come in its place."""
    left = iter(nodes)
    return next((node for node in expected if node not in left), None)


def _late(within: float | None, at: float | None) -> Iterator[Unmet]:
    if within is None:
        return
    if at is None:
        yield Unmet("没有人工接听", "No agent answered")
    elif at > within:
        yield Unmet(
            f"{at:g} 秒后才有人工接听，应在 {within:g} 秒内",
            f"An agent answered after {at:g} s, not within {within:g} s",
        )
