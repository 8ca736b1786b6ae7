"""A call through a flow without a telephone: what the caller does goes in, events come out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from callflow.action import CallFacts, FlowPorts
from callflow.document import SHIPPED_FLOW, Flow, load_flow, parse_flow
from callflow.engine import FlowRunner
from callflow.events import NodeEntered
from callflow.live import RunningCall
from callflow.ports import CallerDirectory, CaseProgress, NobodyKnown, NoCases, OnAir
from callflow.registry import all_actions
from hotline.calendars.seed import installed_calendars
from hotline.kernel.events import Event
from ivr.session import CallSession
from tests.fakes.agi_call import CALL_ID, CHANNEL, UNIQUE_ID
from tests.fakes.clock import FakeClock
from tests.fakes.switchboard import FakeSwitchboard
from tests.fakes.telephony import FakeTelephony


def shipped_flow() -> Flow:
    return load_flow(SHIPPED_FLOW, all_actions())


def flow_of(text: str) -> Flow:
    return parse_flow(text, all_actions())


class Through:
    """`await Through(flow).run(telephony)`; then `events`, `nodes`, `kept`."""

    def __init__(
        self,
        flow: Flow,
        *,
        directory: CallerDirectory | None = None,
        progress: CaseProgress | None = None,
        on_air: OnAir | None = None,
        number: str = "13904730001",
        subflows: Iterable[Flow] = (),
    ) -> None:
        self.clock = FakeClock()
        self.calendars = installed_calendars(2027)
        self.events: list[Event] = []
        self.kept: list[str] = []
        self.switchboard = FakeSwitchboard(lambda event: self.session.deliver(event))  # type: ignore[arg-type]
        self.session = CallSession(
            call_id=CALL_ID,
            channel=CHANNEL,
            unique_id=UNIQUE_ID,
            switchboard=self.switchboard,
            clock=self.clock,
        )
        ports = FlowPorts(
            directory=directory or NobodyKnown(),
            calendars=lambda: self.calendars,
            clock=self.clock,
            recordings=Path("/recordings"),
            progress=progress or NoCases(),
            flows={each.id: each for each in (flow, *subflows)}.get,
            announcements=lambda: on_air or OnAir(),
        )
        self.call = RunningCall(flow, self.session, CallFacts(CALL_ID, caller_number=number), self.clock.now())
        self._runner = FlowRunner(ports, self.events.append, lambda call: self.kept.append(call.node))

    async def run(self, telephony: FakeTelephony, *, resumed: bool = False) -> Through:
        async with asyncio.timeout(10):
            await self._runner.run(self.call, telephony, resumed=resumed)
        return self

    @property
    def nodes(self) -> list[str]:
        return [event.node for event in self.events if isinstance(event, NodeEntered)]

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


async def through(flow: Flow, answers: Iterable[str] = (), **caller: object) -> Through:
    return await Through(flow).run(FakeTelephony(answers, **caller))  # type: ignore[arg-type]
