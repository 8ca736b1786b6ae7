"""A drill of a flow: its own test cases, each through the engine and through the compiled flow."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from callflow.action import FlowPorts
from callflow.document import Flow
from callflow.drill.calls import SAFE, STOPPED, DrillCalls
from callflow.drill.compare import DrillDifference, differences
from callflow.drill.record import DrillCall
from callflow.lint.safe import SafeFlowLoss, losses_of
from callflow.ports import CalendarSource
from callflow.simulate.expectation import FlowTestCase
from callflow.simulate.run import SimulatedDirectory, SimulatedPhones, SimulatedProgress, SimulatedWeb
from hotline.kernel.clock import Clock

T = TypeVar("T")
MOST_AT_ONCE = 8
"""Cases; each is two calls."""


@dataclass(frozen=True, slots=True)
class DrilledCase:
    """`without` is what the caller hears with the service stopped. Both are None where `skipped` says why."""

    name: str
    with_service: DrillCall | None = None
    without: DrillCall | None = None
    found: tuple[DrillDifference, ...] = ()
    skipped: SafeFlowLoss | None = None

    @property
    def equal(self) -> bool:
        """Apart from what the flow's actions state."""
        return all(one.stated for one in self.found)


@dataclass(frozen=True, slots=True)
class NodeLoss:
    node: str
    label: str
    loss: SafeFlowLoss


@dataclass(frozen=True, slots=True)
class DrillReport:
    flow: str
    version: int
    stopped: bool
    """Whether the service was really stopped, and the calls found their way into the safe flow themselves."""
    cases: tuple[DrilledCase, ...]
    losses: tuple[NodeLoss, ...]
    """What each node does less while the service is away, whether a case comes there or not."""

    @property
    def equal(self) -> bool:
        return all(case.equal for case in self.cases)


def losses_in(flow: Flow) -> tuple[NodeLoss, ...]:
    return tuple(NodeLoss(node.id, node.label, loss) for node in flow.nodes.values() for loss in losses_of(node))


async def drill(
    flow: Flow, calls: DrillCalls, *, calendars: CalendarSource, clock: Clock, stopped: bool = False
) -> DrillReport:
    """All cases at the present moment, whatever time they name: the dialplan knows no other.

    Takes as long as its longest call, mostly a minute. Raises `DrillUnavailableError` and PhoneError.
    """
    bound = asyncio.Semaphore(MOST_AT_ONCE)

    async def one(index: int, given: Mapping[str, Any]) -> DrilledCase:
        async with bound:
            return await _drilled(flow, index, given, calls, calendars, clock, stopped=stopped)

    cases = await gathered(one(index, given) for index, given in enumerate(flow.document.tests))
    return DrillReport(flow.id, flow.version, stopped, tuple(cases), losses_in(flow))


async def _drilled(
    flow: Flow,
    index: int,
    given: Mapping[str, Any],
    calls: DrillCalls,
    calendars: CalendarSource,
    clock: Clock,
    *,
    stopped: bool,
) -> DrilledCase:
    try:
        case = FlowTestCase.model_validate(given)
    except ValidationError:
        name = str(given.get("name", f"tests.{index}"))[:100]
        return DrilledCase(name, skipped=SafeFlowLoss("无法读取该用例。", "The case cannot be read."))
    caller = case.caller
    if caller.no_menu is not None and caller.no_menu != flow.document.no_menu:
        loss = SafeFlowLoss("免菜单开关随流程发布，不能逐个来电改变。", "The switch no_menu is the whole flow's.")
        return DrilledCase(case.name, skipped=loss)
    ports = FlowPorts(
        directory=SimulatedDirectory(caller),
        calendars=calendars,
        clock=clock,
        recordings=Path("drill"),
        progress=SimulatedProgress(caller),
        phones=SimulatedPhones(),
        web=SimulatedWeb(caller, clock),
    )
    door = STOPPED if stopped else SAFE
    with_service, without = await gathered([calls.engine(flow, caller, ports), calls.compiled(flow, caller, door=door)])
    return DrilledCase(case.name, with_service, without, tuple(differences(flow, with_service, without)))


async def gathered(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All results in order; the first failure cancels the others, whose calls are hung up, and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
