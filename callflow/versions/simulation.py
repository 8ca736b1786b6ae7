"""/api/flows/{flow_id}/simulate and /tests: calls through a document without a telephone; nothing is kept.

A simulation ends itself: it is bounded in nodes, commands and simulated time (`callflow.simulate.run`). It runs in a
thread of its own, so that no call waits for it, and no more than two run at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from pydantic import BaseModel, Field, model_validator

from callflow.document import Flow, check_flow
from callflow.lint.view import FindingText
from callflow.registry import all_actions
from callflow.simulate.caller import SimulatedCaller
from callflow.simulate.cases import FlowTestResult, run_tests
from callflow.simulate.record import DialStay, EndedBy, QueueStay, SimulatedCall, SimulatedStep
from callflow.simulate.run import simulate
from callflow.versions.schemas import FlowBody
from callflow.versions.service import FlowService, read_document
from callflow.versions.text import without_lines
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes

T = TypeVar("T")
_MOST = 4_000_000
_AT_ONCE = 2


class FlowToTry(FlowBody):
    """A document as it is typed, or what is kept: a version by its number, 0 for the draft."""

    document: dict[str, Any] | None = None
    number: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.document is None) == (self.number is None):
            raise ValueError("give either the `document` or the `number` of a version")
        return self


class SimulateCall(FlowToTry):
    caller: SimulatedCaller = Field(default_factory=SimulatedCaller)


class SimulatedCallView(BaseModel):
    """Seconds from the answer. `person_at` is None where no agent answered."""

    steps: list[SimulatedStep]
    stays: list[QueueStay]
    dials: list[DialStay]
    failures: list[str]
    seconds: float
    ended_by: EndedBy
    person_at: float | None

    @classmethod
    def of(cls, call: SimulatedCall) -> Self:
        return cls(
            steps=call.steps,
            stays=call.stays,
            dials=call.dials,
            failures=call.failures,
            seconds=call.seconds,
            ended_by=call.ended_by,
            person_at=call.person_at,
        )


class FlowTestView(BaseModel):
    """`call` is None where the case itself could not be read."""

    name: str
    passed: bool
    unmet: list[FindingText]
    call: SimulatedCallView | None

    @classmethod
    def of(cls, result: FlowTestResult) -> Self:
        return cls(
            name=result.name,
            passed=result.passed,
            unmet=[FindingText(zh=one.zh, en=one.en) for one in result.unmet],
            call=SimulatedCallView.of(result.call) if result.call else None,
        )


def simulation_routes(service: FlowService) -> Routes:
    routes = Routes("/api/flows/{flow_id}", tag="flows")
    free = asyncio.Semaphore(_AT_ONCE)

    async def flow_of(ctx: RequestContext, flow_id: str, body: FlowToTry) -> Flow:
        if body.document is not None:
            content = await asyncio.to_thread(read_document, body.document, None)
        else:
            async with ctx.database.snapshot() as db:
                content = await service.content(db, flow_id, body.number or 0)
        return await asyncio.to_thread(check_flow, without_lines(content), all_actions())

    async def apart(work: Coroutine[Any, Any, T]) -> T:
        async with free:
            return await asyncio.to_thread(asyncio.run, work)

    @routes.post("/simulate", permission=Permission.FLOW_READ, transaction=False, max_body=_MOST)
    async def simulate_call(ctx: RequestContext, flow_id: str, body: SimulateCall) -> SimulatedCallView:
        """Where this caller goes, when, and what they hear. What the engine cannot run is refused with its problems."""
        flow, world = await flow_of(ctx, flow_id, body), await service.world()
        return SimulatedCallView.of(await apart(simulate(flow, body.caller, world)))

    @routes.post("/tests", permission=Permission.FLOW_READ, transaction=False, max_body=_MOST)
    async def run_flow_tests(ctx: RequestContext, flow_id: str, body: FlowToTry) -> list[FlowTestView]:
        """All test cases of the document, in their order."""
        flow, world = await flow_of(ctx, flow_id, body), await service.world()
        return [FlowTestView.of(result) for result in await apart(run_tests(flow, world))]

    return routes
