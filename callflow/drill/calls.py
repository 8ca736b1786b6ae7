"""Places drill calls: Asterisk plays the caller on a channel of its own, and keys are pressed on it by AMI."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from callflow.action import FlowPorts
from callflow.document import Flow
from callflow.drill.caller import DrillCaller
from callflow.drill.compiled import CompiledCall
from callflow.drill.engine import run_engine
from callflow.drill.record import DrillCall
from callflow.queues.policy import QueueOptions
from callflow.simulate.caller import SimulatedCaller
from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.errors import UnavailableError
from hotline.kernel.ids import uuid7
from hotline.kernel.tasks import TaskOwner
from ivr.dialplan import DRILL_CHANNEL, Context, Variable
from ivr.errors import PhoneError
from ivr.events import AgiStarted, ChannelEvent, ChannelHungUp, DialplanStep, PhoneEvent
from ivr.session import CallSession
from ivr.switchboard import Place, Switchboard
from ivr.telephony import PromptPaths

log = structlog.get_logger(__name__)

LONGEST = timedelta(minutes=5)
"""Of one drill call; then it is hung up."""
MOST_STEPS = 20_000
"""Of the dialplan, in one call; a compiled flow in circles takes no time for each."""
_RING = timedelta(seconds=5)
_TICK = timedelta(seconds=1)
SAFE = Place(context=Context.DRILL, extension="safe")
STOPPED = Place(context=Context.DRILL, extension="stopped")
"""By the way of every caller, who finds no service."""
ENGINE = Place(context=Context.DRILL, extension="engine")


class DrillUnavailableError(UnavailableError):
    error_id = "drill.unavailable"
    title = "No drill is possible on this Asterisk"


@dataclass(slots=True)
class _Channel:
    """A `DrillLine` over the switchboard."""

    switchboard: Switchboard
    unique_id: str
    channel: str = ""

    async def press(self, key: str) -> None:
        await self.switchboard.press(self.channel, key)

    async def hang_up(self) -> None:
        await self.switchboard.hang_up(self.channel or self.unique_id)


class DrillCalls:
    """Any number at once. Needs a `phone` that gets what `switchboard` hears."""

    def __init__(
        self, switchboard: Switchboard, phone: Dispatcher[PhoneEvent], clock: Clock, prompts: PromptPaths
    ) -> None:
        self._switchboard = switchboard
        self._phone = phone
        self._clock = clock
        self._prompts = prompts

    async def compiled(
        self, flow: Flow, caller: SimulatedCaller, *, door: Place = SAFE, context: str = Context.SAFE_FLOW
    ) -> DrillCall:
        """Through `context`, which must be what `compile_safe_flow` made of `flow`.

        Raises `DrillUnavailableError` where Asterisk lacks what drills need, and PhoneError.
        """
        line = self._line()
        script = DrillCaller(caller, line, self._clock)
        tasks = TaskOwner("drill")

        async def leave_queue(status: str) -> None:
            await self._switchboard.set_variable(line.channel, Variable.DRILL_STATUS, status)

        def spawn(work: Awaitable[None]) -> None:
            tasks.spawn(_quietly(work), name="queue")

        followed = CompiledCall(flow, context, script, spawn, leave_queue)
        over = asyncio.Event()
        steps = 0

        def on_event(event: PhoneEvent) -> None:
            nonlocal steps
            match event:
                case DialplanStep():
                    steps += 1
                    if steps > MOST_STEPS:
                        followed.call.ended_by = "limit"
                        over.set()
                        return
                    # Before Originate is answered by AMI: the channel's name comes with its first step.
                    line.channel = event.channel
                    followed.step(event)
                case ChannelHungUp():
                    over.set()

        async with self._call(line, script, door, caller, on_event):
            try:
                async with asyncio.timeout(LONGEST.total_seconds()):
                    await over.wait()
            except TimeoutError:
                followed.call.ended_by = "limit"
        await tasks.close()
        call = followed.call
        if not call.steps:
            raise DrillUnavailableError(
                "Asterisk reported no step of the drill call: its dialplan lacks the safe flow, or its manager.conf "
                "and extensions/ are not those of this release (see asterisk-config/)."
            )
        if script.hung_up:
            call.ended_by = "caller"
        return call

    async def engine(self, flow: Flow, caller: SimulatedCaller, ports: FlowPorts) -> DrillCall:
        """Through the engine, in this process. Raises PhoneError where the call cannot be placed."""
        line = self._line()
        script = DrillCaller(caller, line, self._clock)
        known = {queue: await self._exists(queue) for queue in _queues_of(flow)}
        started: asyncio.Future[CallSession] = asyncio.get_running_loop().create_future()

        def on_event(event: PhoneEvent) -> None:
            assert isinstance(event, ChannelEvent)
            if isinstance(event, AgiStarted) and not started.done():
                line.channel = event.channel
                started.set_result(self._session(line))
            if started.done():
                started.result().deliver(event)

        async with self._call(line, script, ENGINE, caller, on_event):
            session = await asyncio.wait_for(started, _RING.total_seconds())
            async with self._ticking(session):
                try:
                    async with asyncio.timeout(LONGEST.total_seconds()):
                        call = await run_engine(
                            flow, caller, script, session, self._prompts, ports, lambda queue: known.get(queue, False)
                        )
                except TimeoutError:
                    call = DrillCall(ended_by="limit")
        if script.hung_up:
            call.ended_by = "caller"
        return call

    # --- inner ------------------------------------------------------------------------------------------

    def _line(self) -> _Channel:
        return _Channel(self._switchboard, f"hotline-drill-{uuid7()}")

    def _session(self, line: _Channel) -> CallSession:
        return CallSession(
            call_id=line.unique_id,
            channel=line.channel,
            unique_id=line.unique_id,
            switchboard=self._switchboard,
            clock=self._clock,
        )

    async def _exists(self, queue: str) -> bool:
        return await self._switchboard.get_variable("", f"QUEUE_EXISTS({queue})") == "1"

    @contextlib.asynccontextmanager
    async def _call(
        self,
        line: _Channel,
        script: DrillCaller,
        door: Place,
        caller: SimulatedCaller,
        on_event: Callable[[PhoneEvent], None],
    ) -> AsyncIterator[None]:
        """The call is up inside, and gone afterwards."""

        def route(event: PhoneEvent) -> None:
            if isinstance(event, ChannelEvent) and event.unique_id == line.unique_id:
                on_event(event)

        unsubscribe = self._phone.subscribe(route, ChannelEvent)
        try:
            script.begin()
            dialled = await self._switchboard.dial(
                f"{DRILL_CHANNEL}/n",
                door,
                call_id="",
                unique_id=line.unique_id,
                caller_number=caller.number,
                caller_name=caller.name,
                variables={Variable.DRILL: caller.language},
                ring=_RING,
            )
            if not dialled.answered:
                raise DrillUnavailableError(
                    "Asterisk could not place the drill call; does it have extensions/drill.conf (asterisk-config/)?"
                )
            yield
        finally:
            unsubscribe()
            await script.close()
            with contextlib.suppress(PhoneError):
                await line.hang_up()

    @contextlib.asynccontextmanager
    async def _ticking(self, session: CallSession) -> AsyncIterator[None]:
        async def tick() -> None:
            while True:
                await self._clock.sleep(_TICK)
                session.tick()

        tasks = TaskOwner("drill-tick")
        tasks.spawn(tick(), name="tick")
        try:
            yield
        finally:
            await tasks.close()


async def _quietly(work: Awaitable[None]) -> None:
    try:
        await work
    except PhoneError:
        log.debug("drill call gone before its queue")


def _queues_of(flow: Flow) -> set[str]:
    return {node.options.queue for node in flow.nodes.values() if isinstance(node.options, QueueOptions)}
