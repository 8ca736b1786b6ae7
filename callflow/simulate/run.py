"""A call through a flow, without telephone and without waiting: the engine's own code over a simulated one."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, cast

import structlog

from callflow.action import AnyAction, CallFacts, FlowContext, FlowPorts, Options
from callflow.document import CheckedNode, Flow
from callflow.engine import FlowRunner
from callflow.events import DigitsEntered, FlowFailed, NodeEntered, SubflowEntered, SubflowLeft
from callflow.lint.world import World
from callflow.live import RunningCall
from callflow.ports import CallerIdentity, CallerProgress, ProgressState, WebRequestError
from callflow.simulate.caller import SimulatedCaller, WebAnswer
from callflow.simulate.record import SimulatedCall, SimulatedStep
from callflow.simulate.telephone import SimulatedClock, SimulatedTelephony
from hotline.calendars.current import Calendars
from hotline.kernel.clock import Clock
from hotline.kernel.events import Event
from ivr.session import CallSession
from ivr.switchboard import Switchboard
from ivr.telephony import DialledPhone, SpeechParts

OfferedAt = Callable[[int, Sequence[SpeechParts], bool], None]
_NAMESPACE = uuid.UUID("5d2c9f0e-6a41-4f6b-9d63-0f5c6a1f7f10")


class SimulatedSession(CallSession):
    """A call's phone side without a phone: nothing is sent, and nothing ever comes from outside."""

    def __init__(self, clock: SimulatedClock, call_id: str) -> None:
        # Everything that would use the switchboard is asked of the simulated telephony instead.
        switchboard = cast("Switchboard", None)
        super().__init__(call_id=call_id, channel="simulated", unique_id="0", switchboard=switchboard, clock=clock)

    async def until_ended(self) -> None:
        """Even the last queue failed; there is no dead-man timer to wait for."""

    async def until_back(self) -> bool:
        return False


class SimulatedDirectory:
    """Knows the one caller as `SimulatedCaller.known` says."""

    def __init__(self, caller: SimulatedCaller) -> None:
        self._caller = caller

    async def identify(self, number: str) -> CallerIdentity | None:
        known = self._caller.known
        if known == "no":
            return None
        enterprise = known != "contact"
        return CallerIdentity(
            enterprise_id="simulated" if enterprise else None,
            enterprise_name="…" if enterprise else "",
            contact_id="simulated",
            contact_name="…",
            skip_menu=known == "skip_menu",
        )


class SimulatedProgress:
    """Knows the one case as `SimulatedCaller.case` says."""

    def __init__(self, caller: SimulatedCaller) -> None:
        self._caller = caller

    async def look_up(self, number: str, code: str, *, caller: str) -> CallerProgress | None:
        case = self._caller.case
        if case == "away":
            raise ConnectionError("The simulated cases are away.")
        return CallerProgress(state=case) if isinstance(case, ProgressState) else None


class SimulatedPhones:
    """Every number may be called, and one specialist is on duty."""

    def outside(self, number: str) -> str:
        return "simulated"

    async def on_duty(self, unit: str) -> tuple[DialledPhone, ...]:
        return (DialledPhone("simulated", "specialist"),)


class SimulatedWeb:
    """Answers as `SimulatedCaller.web` says."""

    def __init__(self, caller: SimulatedCaller, clock: Clock) -> None:
        self._answers = deque(caller.web)
        self._clock = clock

    async def ask(
        self, method: Literal["GET", "POST"], url: str, values: Mapping[str, str], *, within: timedelta
    ) -> Any:
        given = self._answers.popleft() if len(self._answers) > 1 else next(iter(self._answers), WebAnswer())
        late = given.outcome == "timeout" or given.after > within.total_seconds()
        await self._clock.sleep(within if late else timedelta(seconds=given.after))
        if late:
            raise TimeoutError
        if given.outcome == "failed":
            raise WebRequestError("as the simulated caller has it")
        return given.answer


async def simulate(
    flow: Flow,
    caller: SimulatedCaller,
    world: World,
    *,
    offered: OfferedAt | None = None,
) -> SimulatedCall:
    """The whole call; bounded in nodes, commands and simulated time, and never failing.

    `offered` gets the number of the step with its speech as it begins, and whether that is a question.

    The same flow, caller and world give the same call.
    """
    call = SimulatedCall()
    # Stable, because a hidden number's share in a `split` goes by it.
    call_id = str(uuid.uuid5(_NAMESPACE, caller.model_dump_json()))
    noted = _noting_outcomes(switched(flow, caller), call)
    await play_through(noted, caller, world, call, call_id=call_id, offered=offered)
    return call


async def play_through(
    flow: Flow,
    caller: SimulatedCaller,
    world: World,
    call: SimulatedCall,
    *,
    call_id: str,
    entry: str = "trunk",
    offered: OfferedAt | None = None,
    on_telephony: Callable[[SimulatedTelephony, SimulatedClock], None] = lambda _, __: None,
) -> None:
    """The engine over a simulated telephone, which `on_telephony` sees first; fills `call`."""
    clock = SimulatedClock(caller.begins)
    session = SimulatedSession(clock, call_id)
    facts = CallFacts(
        call_id,
        caller_number=caller.number,
        caller_name=caller.name,
        dialed=caller.dialed,
        entry=entry,
        language=caller.language,
    )
    calendars = world.calendars or Calendars([], [])
    ports = FlowPorts(
        directory=SimulatedDirectory(caller),
        calendars=lambda: calendars,
        clock=clock,
        recordings=Path("simulated"),
        progress=SimulatedProgress(caller),
        phones=SimulatedPhones(),
        web=SimulatedWeb(caller, clock),
        messages=lambda message: True,
        flows=lambda id: _noting_outcomes(found, call) if (found := world.flows(id)) is not None else None,
    )

    within = [""]

    def publish(event: Event) -> None:
        match event:
            case SubflowEntered(flow=inner):
                within.append(inner)
            case SubflowLeft() if len(within) > 1:
                within.pop()
            case NodeEntered(node=node, label=label, action=action):
                step = SimulatedStep(node, label, action, round(clock.elapsed, 2), facts.language, flow=within[-1])
                if call.steps:
                    call.steps[-1].next = node
                call.steps.append(step)
            case DigitsEntered(digits=digits):
                call.steps[-1].keys = f"{call.steps[-1].keys} {digits}".strip()
            case FlowFailed(node=node, reason=reason):
                call.failures.append(f"{node}: {reason}")

    running = RunningCall(flow, session, facts, clock.now())

    def note_speech(speech: Sequence[SpeechParts], question: bool) -> None:
        if offered is not None:
            offered(len(call.steps) - 1, speech, question)

    telephony = SimulatedTelephony(caller, world, clock, session, call, note_speech)
    on_telephony(telephony, clock)
    # Whoever reads the log of the service must not take a trial for a caller in trouble.
    with structlog.contextvars.bound_contextvars(simulated=True):
        await FlowRunner(ports, publish, lambda _: None).run(running, telephony)
    call.seconds = round(clock.elapsed, 1)


def switched(flow: Flow, caller: SimulatedCaller) -> Flow:
    """The flow with its switch `no_menu` as this caller has it."""
    if caller.no_menu is None:
        return flow
    return replace(flow, document=flow.document.model_copy(update={"no_menu": caller.no_menu}))


def _noting_outcomes(flow: Flow, call: SimulatedCall) -> Flow:
    """The flow with actions that leave word of their outcome, and run as they are."""
    return replace(flow, nodes={id: _noting(node, call) for id, node in flow.nodes.items()})


def _noting(node: CheckedNode, call: SimulatedCall) -> CheckedNode:
    action: AnyAction = node.action

    def run(ctx: FlowContext, options: Options, /) -> Awaitable[str]:
        async def noted() -> str:
            step = call.steps[-1]
            outcome = await action.run(ctx, options)
            step.outcome = outcome
            return outcome

        return noted()

    return replace(node, action=replace(cast("Any", action), run=run))
