"""A drill call in the service's hands: the engine's own code over AGI, with queues and recordings left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from callflow.action import CallFacts, FlowPorts
from callflow.document import Flow
from callflow.drill.caller import DrillCaller
from callflow.drill.record import DrillCall
from callflow.engine import FlowRunner
from callflow.events import FlowFailed, NodeEntered
from callflow.lint.subject import prompts_in, speech_of
from callflow.live import RunningCall
from callflow.simulate.caller import SimulatedCaller
from callflow.simulate.queues import ABANDONED
from hotline.kernel.clock import Clock
from hotline.kernel.events import Event
from ivr.agi_telephony import AgiTelephony
from ivr.errors import CallEndedError
from ivr.session import CallSession
from ivr.telephony import (
    Collected,
    DialledCall,
    DialOutcome,
    DialRequest,
    PromptPaths,
    QueueOutcome,
    QueueRequest,
    QueueResult,
    RecordedMessage,
    SpeechParts,
)

AGENT = "drill"


class DrillTelephony(AgiTelephony):
    """Says what is said as always; at a queue and at a recording the script decides."""

    def __init__(
        self,
        session: CallSession,
        prompts: PromptPaths,
        caller: SimulatedCaller,
        script: DrillCaller,
        call: DrillCall,
        say: Callable[[Sequence[SpeechParts]], None],
        knows_queue: Callable[[str], bool],
    ) -> None:
        super().__init__(session, prompts, language=caller.language)
        self._caller = caller
        self._script = script
        self._call = call
        self._note_speech = say
        self._knows_queue = knows_queue
        self._asking = False

    async def play(self, *speech: SpeechParts, interruptible: bool = True) -> None:
        if not self._asking and not (interruptible and self.typed_ahead()):
            self._note_speech(speech)
        await super().play(*speech, interruptible=interruptible)

    async def collect(
        self, *speech: SpeechParts, max_digits: int, patience: timedelta, terminator: str = "#"
    ) -> Collected:
        if not self.typed_ahead():
            self._note_speech(speech)
            self._call.steps[-1].questions += 1
            self._script.question()
        self._asking = True
        try:
            return await super().collect(*speech, max_digits=max_digits, patience=patience, terminator=terminator)
        finally:
            self._asking = False

    async def to_queue(self, request: QueueRequest) -> QueueResult:
        await self._session.ready()
        self._call.queues.append(request.queue)
        stay = self._script.queue(request.queue, request.timeout, exists=self._knows_queue(request.queue))
        if stay.outcome == ABANDONED:
            await self._gone()
        self.forget_keys()
        return QueueResult(
            outcome=QueueOutcome(stay.outcome),
            agent=AGENT if stay.outcome == QueueOutcome.ANSWERED else "",
            waited=timedelta(seconds=stay.waits),
        )

    async def _gone(self) -> None:
        await self._script.hang_up()
        await self._session.until_ended()
        raise CallEndedError("The caller of the drill has hung up.")

    async def dial(self, request: DialRequest) -> DialledCall:
        await self._session.ready()
        outcome = self._script.dial(request.ring * len(request.phones))
        if outcome == ABANDONED:
            await self._gone()
        self.forget_keys()
        return DialledCall(outcome=DialOutcome(outcome))

    async def record(self, file: str, *, longest: timedelta, silence: timedelta, stop_keys: str) -> RecordedMessage:
        await self._session.ready()
        length = min(timedelta(seconds=self._caller.message), longest)
        self.forget_keys()
        return RecordedMessage(file=f"{file}.wav", length=length, key="")


async def run_engine(
    flow: Flow,
    caller: SimulatedCaller,
    script: DrillCaller,
    session: CallSession,
    prompts: PromptPaths,
    ports: FlowPorts,
    knows_queue: Callable[[str], bool],
) -> DrillCall:
    """The whole call, until its channel is gone."""
    call = DrillCall()
    clock: Clock = ports.clock

    def publish(event: Event) -> None:
        match event:
            case NodeEntered(node=node):
                call.enter(node)
            case FlowFailed(node=node, reason=reason):
                call.failures.append(f"{node}: {reason}")

    def say(speech: Sequence[SpeechParts]) -> None:
        # What is read out is said by other sounds in the compiled flow.
        own = prompts_in(speech_of(flow.nodes[call.steps[-1].node]))
        call.steps[-1].prompts += [part.text for part in speech if part.text in own]

    telephony = DrillTelephony(session, prompts, caller, script, call, say, knows_queue)
    await session.begin()
    facts = CallFacts(
        session.call_id,
        caller_number=caller.number,
        caller_name=caller.name,
        dialed=caller.dialed,
        entry="trunk",
        language=caller.language,
    )
    running = RunningCall(flow, session, facts, clock.now())
    await FlowRunner(ports, publish, lambda _: None).run(running, telephony)
    return call
