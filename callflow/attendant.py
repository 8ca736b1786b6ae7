"""Runs calls through the flow: new ones, and those that were here before this run of the service."""

from __future__ import annotations

import re
from collections.abc import Coroutine
from typing import Any

import structlog

from callflow.action import CallFacts, FlowPorts
from callflow.adoption import has_left_queue, resume_after_queue
from callflow.engine import FlowRunner
from callflow.events import CallArrived
from callflow.live import RunningCall, SuspendedFlow, restore
from callflow.pinning import FlowSource
from callflow.sessions import CallStore, StoredCall
from hotline.kernel.bus import Bus
from hotline.kernel.events import Event
from hotline.kernel.tasks import TaskOwner
from ivr.agi_telephony import AgiTelephony
from ivr.dialplan import FlowArgument, Stage
from ivr.errors import CallEndedError
from ivr.events import AgiStarted
from ivr.registry import CallRegistry
from ivr.session import CallSession
from ivr.telephony import PromptPaths

log = structlog.get_logger(__name__)

LONGEST_NUMBER = 32
LONGEST_NAME = 80
_QUOTED_PAIR = re.compile(r"\\(.)")


class Attendant:
    """One task per call. `close()` cancels the tasks; the calls continue in Asterisk, and their rows stay."""

    def __init__(
        self,
        flows: FlowSource,
        ports: FlowPorts,
        bus: Bus,
        store: CallStore,
        prompts: PromptPaths,
        registry: CallRegistry,
    ) -> None:
        self.running: dict[str, RunningCall] = {}
        """By call id."""
        self._flows = flows
        self._clock = ports.clock
        self._bus = bus
        self._store = store
        self._prompts = prompts
        self._registry = registry
        self._runner = FlowRunner(ports, self.publish, self._keep)
        self._tasks = TaskOwner("callflow")

    async def close(self) -> None:
        await self._tasks.close()

    def publish(self, event: Event) -> None:
        self._bus.publish(event)

    def spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Run `work` in a task that ends with this attendant."""
        self._tasks.spawn(work, name=name)

    def serve(self, session: CallSession, flow: Coroutine[Any, Any, None]) -> None:
        """Run `flow`, the whole life of this call, in a task, and forget the session afterwards."""

        async def serve() -> None:
            try:
                await flow
            finally:
                # However it ended: a call without a flow must not have its dead-man timer renewed.
                session.tended = False
                self._registry.remove(session)

        self.spawn(serve(), name=f"call-{session.call_id}")

    # --- one call ---------------------------------------------------------------------------------------

    async def attend(self, session: CallSession, event: AgiStarted) -> None:
        """A call AGI has begun for: a new one, or one that an earlier run of the service sent to a queue."""
        try:
            await session.begin()
        except CallEndedError:
            pass
        stage = session.arguments.get(FlowArgument.STAGE, Stage.START)
        stored = None if stage == Stage.START else (await self._store.load([session.call_id])).get(session.call_id)
        if stored is not None and (call := await self.restored(session, stored)) is not None:
            await self.run(call, resumed=True)
            return
        facts = CallFacts(
            call_id=session.call_id,
            caller_number=plain_number(event.caller_number),
            caller_name=plain_name(event.caller_name),
            dialed=plain_number(event.env.get("dnid", ""), keys="*"),
            entry=session.arguments.get(FlowArgument.ENTRY, ""),
        )
        await self.run(self.arrived(session, facts), resumed=False)

    def arrived(self, session: CallSession, facts: CallFacts) -> RunningCall:
        """A call without a `CallArrived` event so far."""
        call = RunningCall(self._flows.for_number(facts.dialed), session, facts, self._clock.now())
        self.publish(
            CallArrived(
                at=call.started_at,
                call_id=session.call_id,
                caller_number=facts.caller_number,
                caller_name=facts.caller_name,
                dialed=facts.dialed,
                entry=facts.entry,
                channel=session.channel,
            )
        )
        return call

    async def restored(self, session: CallSession, stored: StoredCall) -> RunningCall | None:
        """The call as it was stored; None for a row that another version of the service wrote differently."""
        outer: list[SuspendedFlow] = []
        try:
            flow = await self._flows.version(stored.flow, stored.flow_version)
            for id, version, node in stored.facts.get("outer", ()):
                around = await self._flows.version(id, version)
                if around is None:
                    flow = None
                    break
                outer.append(SuspendedFlow(around, node))
            if flow is None:
                log.warning("version of a stored call not found", call_id=session.call_id, flow=stored.flow)
                flow, outer = self._flows.for_number(str(stored.facts.get("dialed", ""))), []
            call = restore(flow, session, stored, outer)
        except (KeyError, TypeError, ValueError):
            log.exception("stored call not readable", call_id=session.call_id)
            return None
        if not has_left_queue(call):
            resume_after_queue(call)
        return call

    async def run(self, call: RunningCall, *, resumed: bool) -> None:
        """Until the call is over."""
        session = call.session
        self.running[session.call_id] = call
        telephony = AgiTelephony(session, self._prompts, language=call.facts.language)
        over = False
        try:
            await self._runner.run(call, telephony, resumed=resumed)
            over = True
        finally:
            # If the service stops, the call continues in Asterisk: its row must stay.
            self.running.pop(session.call_id, None)
            if over:
                self._store.drop(session.call_id)

    def _keep(self, call: RunningCall) -> None:
        self._store.put(call.session.call_id, call.stored)


def plain_number(text: str, *, keys: str = "") -> str:
    """Digits, `+` and `keys`, as far as a number goes."""
    return "".join(character for character in text if character in "+0123456789" + keys)[:LONGEST_NUMBER]


def plain_name(text: str) -> str:
    """What can be shown of a caller's name."""
    # Asterisk hands on a SIP display name as it stood between its quotes.
    plain = _QUOTED_PAIR.sub(r"\1", text)
    printable = "".join(character for character in plain if character.isprintable() and character != "\ufffd")
    return "" if printable.strip() in ("unknown", "<unknown>") else printable.strip()[:LONGEST_NAME]
