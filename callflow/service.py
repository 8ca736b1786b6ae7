"""Everything that runs calls, put together: flow, registry, adoption, and the view of the live calls."""

from __future__ import annotations

import re
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import structlog

from callflow.action import CallFacts, FlowPorts
from callflow.adoption import Fate, Found, desk_node, find_calls, has_left_agi
from callflow.desks.policy import DeskOptions
from callflow.document import Flow, load_flow
from callflow.engine import FlowRunner
from callflow.events import CallArrived, SafeFlowUsed
from callflow.live import LiveCall, RunningCall, restore
from callflow.ports import CallerDirectory
from callflow.registry import all_actions
from callflow.sessions import CallStore, StoredCall
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.events import Event
from hotline.kernel.tasks import TaskOwner
from ivr.errors import CallEndedError, FlowRestartedError, PhoneError
from ivr.events import AgiEnded, AgiStarted, ChannelHungUp, ChannelVariableSet, PhoneEvent
from ivr.lease import Lease
from ivr.registry import CallRegistry
from ivr.session import RESUME, CallSession
from ivr.sounds import SoundFolder
from ivr.state import CallState
from ivr.switchboard import PhoneSnapshot, Switchboard
from ivr.telephony import AgiTelephony, PromptStore

log = structlog.get_logger(__name__)

SHIPPED_FLOW = Path(__file__).parent / "flows" / "enterprise.yaml"
LONGEST_NUMBER = 32
_QUOTED_PAIR = re.compile(r"\\(.)")
LONGEST_NAME = 80
UNSEEN = "unseen"
"""The reason of a safe flow whose begin nobody saw; Asterisk's own logs know a better one."""


class CallflowService:
    """`start()` after the database, with the phone link starting or up; `close()` before both.

    Have `adopt()` called each time the phone link is ready. Implements `callflow.live.Calls`.
    """

    def __init__(
        self,
        *,
        switchboard: Switchboard,
        phone: Dispatcher[PhoneEvent],
        bus: Bus,
        database: Database,
        clock: Clock,
        directory: CallerDirectory,
        recordings: Path,
        sounds: Path | None = None,
        prompts: PromptStore | None = None,
        flow: Path | None = None,
        lease: Lease | None = None,
    ) -> None:
        """Raises `callflow.document.FlowInvalidError`. `prompts` wins over `sounds`."""
        self.flow: Flow = load_flow(flow or SHIPPED_FLOW, all_actions())
        self._switchboard = switchboard
        self._bus = bus
        self._clock = clock
        self._prompts: PromptStore = prompts or SoundFolder(sounds or Path())
        self._store = CallStore(database, clock)
        self._registry = CallRegistry(switchboard, phone, clock, self._on_call, lease=lease)
        self._running: dict[str, RunningCall] = {}
        self._tasks = TaskOwner("callflow")
        ports = FlowPorts(directory=directory, clock=clock, recordings=recordings)
        self._runner = FlowRunner(self.flow, ports, self._publish, self._keep)

    def start(self) -> None:
        for warning in self.flow.warnings:
            log.warning("flow warning", where=warning.where, line=warning.line, what=warning.what)
        self._store.start()
        self._registry.start()

    async def close(self) -> None:
        """Stop serving; calls go on in Asterisk and are taken up by the next start. Safe to call twice."""
        await self._registry.close()
        await self._tasks.close()
        await self._store.close()

    # --- the view of others -----------------------------------------------------------------------------

    def live(self, call_id: str) -> LiveCall | None:
        running = self._running.get(call_id)
        return running.view() if running is not None else None

    def all_live(self) -> tuple[LiveCall, ...]:
        return tuple(running.view() for running in self._running.values())

    # --- calls ------------------------------------------------------------------------------------------

    def _publish(self, event: Event) -> None:
        self._bus.publish(event)

    def _keep(self, call: RunningCall) -> None:
        document = self.flow.document
        self._store.put(call.session.call_id, lambda: call.stored(document.id, document.version))

    def _on_call(self, session: CallSession, event: AgiStarted) -> None:
        self._serve(session, self._attend(session, event))

    def _serve(self, session: CallSession, flow: Coroutine[Any, Any, None]) -> None:
        async def serve() -> None:
            try:
                await flow
            finally:
                # However it ended: a call that nobody tends is not kept from the dead-man's timer.
                session.tended = False
                self._registry.remove(session)

        self._tasks.spawn(serve(), name=f"call-{session.call_id}")

    async def _attend(self, session: CallSession, event: AgiStarted) -> None:
        """A call AGI has begun for: a new one, or one that an earlier run of the service sent to a desk."""
        try:
            await session.begin()
        except CallEndedError:
            pass
        stage = session.arguments.get("stage", "start")
        stored = None if stage == "start" else await self._stored(session.call_id)
        if stored is not None and (call := _restored(session, stored)) is not None:
            session.returned = self._is_back(session, stored)
            await self._run(call, resumed=True)
            return
        facts = CallFacts(
            call_id=session.call_id,
            caller_number=_number(event.caller_number),
            caller_name=_name(event.caller_name),
            dialed=_number(event.env.get("dnid", "")),
            entry=session.arguments.get("entry", ""),
        )
        await self._run(self._arrived(session, facts), resumed=False)

    def _arrived(self, session: CallSession, facts: CallFacts) -> RunningCall:
        call = RunningCall(session, facts, self._clock.now())
        self._publish(
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

    def _is_back(self, session: CallSession, stored: StoredCall) -> bool:
        """Whether the call stands at a desk's node and has come back from that desk."""
        node = self.flow.nodes.get(stored.node)
        at_desk = node is not None and isinstance(node.options, DeskOptions)
        return at_desk and session.arguments.get("stage") == "return"

    async def _stored(self, call_id: str) -> StoredCall | None:
        return (await self._store.load([call_id])).get(call_id)

    async def _run(self, call: RunningCall, *, resumed: bool) -> None:
        session = call.session
        self._running[session.call_id] = call
        telephony = AgiTelephony(session, self._prompts, language=call.facts.language)
        over = False
        try:
            await self._runner.run(call, telephony, resumed=resumed)
            over = True
        finally:
            # Cut off by the end of the service, the call lives on: its row must stay.
            self._running.pop(session.call_id, None)
            if over:
                self._store.drop(session.call_id)

    # --- after a start or a lost connection -------------------------------------------------------------

    async def adopt(self, snapshot: PhoneSnapshot) -> None:
        """Take the lease, then set right: end what is gone, take up what nobody commands, watch the rest.

        Safe to call twice, and while calls are running.
        """
        await self._registry.renew_lease()
        present = {channel.unique_id for channel in snapshot.channels}
        for session in self._registry:
            if session.unique_id not in present:
                session.deliver(_gone(session))
        for found in find_calls(snapshot, {session.unique_id for session in self._registry}):
            if (known := self._registry.by_unique_id(found.channel.unique_id)) is not None:
                _tell_what_was_missed(known, found)
        call_ids = {channel.call_id for channel in snapshot.channels if channel.call_id}
        stored = await self._store.load(call_ids)
        callers = {call.unique_id for call in stored.values()} | {s.unique_id for s in self._registry}
        for found in find_calls(snapshot, callers):
            await self._adopt_one(found, stored.get(found.channel.call_id))
        await self._store.forget_all_but(call_ids | {session.call_id for session in self._registry})

    async def _adopt_one(self, found: Found, stored: StoredCall | None) -> None:
        session = self._registry.by_unique_id(found.channel.unique_id)
        if session is not None:
            if found.fate is Fate.TAKE_UP and session.tended:
                # Events may have been lost with the connection: what ran then is begun anew.
                self._tasks.spawn(_begin_anew(session, self._switchboard), name=f"resync-{session.call_id}")
            return
        session = self._registry.new_session(
            call_id=found.channel.call_id,
            channel=found.channel.name,
            unique_id=found.channel.unique_id,
            state=_STATES[found.fate],
        )
        self._serve(session, self._take_over(session, found, stored))

    async def _take_over(self, session: CallSession, found: Found, stored: StoredCall | None) -> None:
        if found.fate is Fate.TAKE_UP:
            try:
                await session.restart()
            except (CallEndedError, FlowRestartedError) as error:
                log.info("call could not be taken up", call_id=session.call_id, reason=error.error_id)
        else:
            await self._note_safe_flow(session, found.fate)
        call = _restored(session, stored) if stored is not None else None
        if call is not None and stored is not None:
            session.returned = found.fate is Fate.TAKE_UP and self._is_back(session, stored)
        else:
            call = self._arrived(
                session,
                CallFacts(
                    call_id=session.call_id,
                    caller_number=_number(found.channel.caller_number),
                    caller_name=_name(found.channel.caller_name),
                    entry=session.arguments.get("entry") or await self._ask(session, "HL_ENTRY"),
                ),
            )
            if found.fate is Fate.WATCH:
                call.node = desk_node(self.flow, found.channel)
        await self._run(call, resumed=True)

    async def _note_safe_flow(self, session: CallSession, fate: Fate) -> None:
        reason = await self._ask(session, "HOTLINE_SAFE_REASON")
        if fate is Fate.LEAVE:
            session.safe_reason = reason
        elif reason:
            # At a desk that the safe flow sent it to.
            self._publish(SafeFlowUsed(at=self._clock.now(), call_id=session.call_id, reason=reason))

    async def _ask(self, session: CallSession, variable: str) -> str:
        """What the dialplan knows of a call that began without us; "" where it does not say."""
        try:
            return await self._switchboard.get_variable(session.channel, variable)
        except PhoneError:
            return ""


_STATES = {Fate.TAKE_UP: CallState.IN_FLOW, Fate.WATCH: CallState.AT_DESK, Fate.LEAVE: CallState.IN_SAFE_FLOW}


async def _begin_anew(session: CallSession, switchboard: Switchboard) -> None:
    try:
        await switchboard.redirect(session.channel, RESUME)
    except PhoneError as error:
        log.info("call could not be begun anew", call_id=session.call_id, reason=error.error_id)


def _gone(session: CallSession) -> ChannelHungUp:
    return ChannelHungUp(
        channel=session.channel,
        unique_id=session.unique_id,
        call_id=session.call_id,
        cause=0,
        cause_text="gone while nobody was looking",
    )


def _tell_what_was_missed(session: CallSession, found: Found) -> None:
    """A call that left AGI while nobody listened: its flow would begin AGI anew, out of the queue or even a talk."""
    ids = {"channel": session.channel, "unique_id": session.unique_id, "call_id": session.call_id}
    if not has_left_agi(found):
        return
    if session.state is CallState.LEAVING and found.fate is Fate.WATCH:
        session.deliver(AgiEnded(**ids))
    elif session.state in (CallState.IN_FLOW, CallState.ADRIFT, CallState.LEAVING):
        session.deliver(ChannelVariableSet(**ids, variable="HOTLINE_SAFE_REASON", value=UNSEEN))


def _restored(session: CallSession, stored: StoredCall) -> RunningCall | None:
    """The call as it was stored; None for a row that another version of the service wrote differently."""
    try:
        return restore(session, stored)
    except (KeyError, TypeError, ValueError):
        log.exception("stored call cannot be read", call_id=session.call_id)
        return None


def _number(text: str) -> str:
    return "".join(character for character in text if character in "+0123456789")[:LONGEST_NUMBER]


def _name(text: str) -> str:
    # Asterisk hands on a SIP display name as it stood between its quotes.
    plain = _QUOTED_PAIR.sub(r"\1", text)
    printable = "".join(character for character in plain if character.isprintable() and character != "\ufffd")
    return "" if printable.strip() in ("unknown", "<unknown>") else printable.strip()[:LONGEST_NAME]
