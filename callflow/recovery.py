"""After a start or a lost connection: reconciles every call with Asterisk."""

from __future__ import annotations

from datetime import datetime

import structlog

from callflow.action import CallFacts
from callflow.adoption import AdoptionDecision, FoundCall, find_calls, has_left_agi, queue_node
from callflow.attendant import Attendant, plain_name, plain_number
from callflow.events import SafeFlowUsed
from callflow.sessions import CallStore, StoredCall
from hotline.kernel.clock import Clock
from ivr.dialplan import FlowArgument, Variable
from ivr.errors import CallEndedError, ChannelGoneError, FlowRestartedError, PhoneError
from ivr.events import AgiEnded, ChannelHungUp, ChannelVariableSet
from ivr.registry import CallRegistry
from ivr.session import RESUME, CallSession
from ivr.state import CallState
from ivr.switchboard import PhoneSnapshot, Switchboard

log = structlog.get_logger(__name__)

UNSEEN = "unmatched"
"""The reason of a safe flow whose beginning was not observed; Asterisk's own logs have a better one."""
_STATES = {
    AdoptionDecision.RESUME: CallState.IN_FLOW,
    AdoptionDecision.WATCH: CallState.AT_QUEUE,
    AdoptionDecision.LEAVE: CallState.IN_SAFE_FLOW,
}


class CallRecovery:
    """Ends the calls that are gone, resumes those without a flow, and watches the rest."""

    def __init__(
        self,
        switchboard: Switchboard,
        registry: CallRegistry,
        store: CallStore,
        attendant: Attendant,
        clock: Clock,
    ) -> None:
        self._switchboard = switchboard
        self._registry = registry
        self._store = store
        self._attendant = attendant
        self._clock = clock

    async def adopt(self, snapshot: PhoneSnapshot) -> None:
        """Safe to call twice, and while calls are running: a call that has moved since the snapshot is not touched."""
        present = {channel.unique_id for channel in snapshot.channels}
        for session in self._registry:
            if session.unique_id not in present and session.moved_at < snapshot.asked_at:
                session.deliver(_gone(session))
        for found in find_calls(snapshot, {session.unique_id for session in self._registry}):
            known = self._registry.by_unique_id(found.channel.unique_id)
            if known is not None and known.moved_at < snapshot.asked_at:
                _deliver_missed_events(known, found)
        call_ids = {channel.call_id for channel in snapshot.channels if channel.call_id}
        stored = await self._store.load(call_ids)
        callers = {call.unique_id for call in stored.values()} | {s.unique_id for s in self._registry}
        # A caller who has hung up since would come back as a new call.
        gone = self._registry.gone.since(snapshot.asked_at)
        for found in find_calls(snapshot, callers):
            if found.channel.unique_id in gone:
                continue
            self._adopt_one(found, stored.get(found.channel.call_id), snapshot.asked_at)
        kept = call_ids | {session.call_id for session in self._registry}
        await self._store.forget_all_but(kept, written_before=snapshot.asked_at)

    def _adopt_one(self, found: FoundCall, stored: StoredCall | None, asked_at: datetime) -> None:
        session = self._registry.by_unique_id(found.channel.unique_id)
        if session is not None:
            waits = session.tended or session.state is CallState.IN_SAFE_FLOW
            if found.decision is AdoptionDecision.RESUME and waits and session.moved_at < asked_at:
                # Events may have been lost with the connection: restart the command that was running.
                self._attendant.spawn(self._restart_agi(session), name=f"resync-{session.call_id}")
            return
        session = self._registry.new_session(
            call_id=found.channel.call_id,
            channel=found.channel.name,
            unique_id=found.channel.unique_id,
            state=_STATES[found.decision],
        )
        self._attendant.serve(session, self._recover(session, found, stored))

    async def _recover(self, session: CallSession, found: FoundCall, stored: StoredCall | None) -> None:
        if found.decision is AdoptionDecision.RESUME:
            try:
                await session.restart()
            except (CallEndedError, FlowRestartedError) as error:
                log.info("resuming the call failed", call_id=session.call_id, reason=error.error_id)
        else:
            await self._note_safe_flow(session, found.decision)
        call = await self._attendant.restored(session, stored) if stored is not None else None
        if call is None:
            call = self._attendant.arrived(
                session,
                CallFacts(
                    call_id=session.call_id,
                    caller_number=plain_number(found.channel.caller_number),
                    caller_name=plain_name(found.channel.caller_name),
                    entry=session.arguments.get(FlowArgument.ENTRY) or await self._ask(session, Variable.ENTRY),
                ),
            )
            if found.decision is AdoptionDecision.WATCH:
                call.node = queue_node(call.flow, found.channel, await self._ask(session, Variable.NODE))
        await self._attendant.run(call, resumed=True)

    async def _note_safe_flow(self, session: CallSession, decision: AdoptionDecision) -> None:
        reason = await self._ask(session, Variable.SAFE_REASON)
        if decision is AdoptionDecision.LEAVE:
            session.safe_reason = reason
        elif reason:
            # In a queue that the safe flow sent it to.
            self._attendant.publish(SafeFlowUsed(at=self._clock.now(), call_id=session.call_id, reason=reason))

    async def _ask(self, session: CallSession, variable: str) -> str:
        """A channel variable of a call that began without us; "" if it is not set."""
        try:
            return await self._switchboard.get_variable(session.channel, variable)
        except ChannelGoneError:
            # Hung up since the snapshot, before there was a session to receive the event.
            session.deliver(_gone(session))
        except PhoneError:
            pass
        return ""

    async def _restart_agi(self, session: CallSession) -> None:
        try:
            await self._switchboard.redirect(session.channel, RESUME)
        except PhoneError as error:
            log.info("restarting AGI failed", call_id=session.call_id, reason=error.error_id)


def _gone(session: CallSession) -> ChannelHungUp:
    return ChannelHungUp(
        channel=session.channel,
        unique_id=session.unique_id,
        call_id=session.call_id,
        cause=0,
        cause_text="ended unobserved",
    )


def _deliver_missed_events(session: CallSession, found: FoundCall) -> None:
    """For a call that left AGI unobserved: its flow would restart AGI, out of the queue or even a talk."""
    ids = {"channel": session.channel, "unique_id": session.unique_id, "call_id": session.call_id}
    if not has_left_agi(found):
        return
    if session.state is CallState.LEAVING and found.decision is AdoptionDecision.WATCH:
        session.deliver(AgiEnded(**ids))
    elif session.state in (CallState.IN_FLOW, CallState.ADRIFT, CallState.LEAVING):
        session.deliver(ChannelVariableSet(**ids, variable=Variable.SAFE_REASON, value=UNSEEN))
