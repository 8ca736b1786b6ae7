"""Presence: which agents are at work, and whether the queue may ring them.

Asterisk's queue membership is the truth; a state here is what that membership should be and why. Commands change
the membership first and the state after it, so that a page never shows what Asterisk refused. Events change the
state at once, and the membership follows; where that fails, the next `resync()` mends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog

from cti.events import AgentStateChanged
from cti.presence import repository
from cti.presence.calls import AgentCalls
from cti.presence.membership import Memberships
from cti.presence.reasons import CODES, MISSED, PAGE_CLOSED, SIGNED_IN
from cti.presence.session import AgentCall, AgentSession, Desk, Found, Phone, endpoint_of, find
from cti.presence.state import AgentEvent, AgentState, PresenceConflictError, advance
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import ForbiddenError, InvalidInputError
from hotline.kernel.tasks import TaskOwner
from ivr.errors import PhoneError
from ivr.events import ContactChanged, PhoneEvent
from ivr.switchboard import PhoneSnapshot, Switchboard

log = structlog.get_logger(__name__)
_S, _E = AgentState, AgentEvent

EXTENSION = timedelta(seconds=60)
"""What one `extend_wrap_up` adds."""


class NoAgentError(ForbiddenError):
    error_id = "presence.no_agent"
    title = "This account has no agent number"


class UnknownReasonError(InvalidInputError):
    error_id = "presence.unknown_reason"
    title = "No such reason for a pause"


class PresenceService:
    """Commands by agent number; `on_change(number)` is called, quickly and on the loop, after every change.

    `load()` before use and again after agents were edited; `resync()` after each log-in at AMI.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        phone: Dispatcher[PhoneEvent],
        bus: Bus,
        clock: Clock,
        *,
        on_change: Callable[[str], None],
        misses_before_pause: int = 1,
        page_grace: timedelta = timedelta(seconds=30),
    ) -> None:
        self._switchboard = switchboard
        self._bus = bus
        self._clock = clock
        self._on_change = on_change
        self._misses_before_pause = misses_before_pause
        self._page_grace = page_grace
        self._link = False
        self.loaded = False
        """Whether the agents have been read."""
        self._sessions: dict[str, AgentSession] = {}
        self._tasks = TaskOwner("presence")
        self._memberships = Memberships(switchboard, phone)
        self._calls = AgentCalls(
            phone, bus, clock, self._tasks, self._sessions, move=self._on_call, missed=self._missed, changed=self._told
        )
        self._unsubscribe = phone.subscribe(self._on_contact, ContactChanged)

    # --- life -------------------------------------------------------------------------------------------

    async def load(self, database: Database) -> None:
        """Read who is an agent; those at work stay so, with their new desks."""
        async with database.snapshot() as db:
            rows = await repository.all_agents(db)
        for agent, user in rows:
            desks = tuple(Desk(desk["queue"], int(desk.get("penalty", 0))) for desk in agent.desks)
            self.employ(user.id, agent.number, user.name, desks, timedelta(seconds=agent.wrap_up_seconds))
        self.loaded = True

    def employ(self, user_id: str, number: str, name: str, desks: Iterable[Desk], wrap_up: timedelta) -> None:
        session = self._sessions.get(number)
        if session is None:
            session = self._sessions[number] = AgentSession(
                user_id=user_id, number=number, name=name, desks=(), wrap_up=wrap_up, since=self._clock.now()
            )
        session.user_id, session.name, session.desks, session.wrap_up = user_id, name, tuple(desks), wrap_up

    async def close(self) -> None:
        self._unsubscribe()
        self._calls.close()
        self._memberships.close()
        await self._tasks.close()

    @property
    def link(self) -> bool:
        """Whether Asterisk can be reached."""
        return self._link

    def set_link(self, up: bool) -> None:
        self._link = up
        for number in self._sessions:
            self._on_change(number)

    def session(self, number: str) -> AgentSession:
        """Raises NoAgentError."""
        try:
            return self._sessions[number]
        except KeyError:
            raise NoAgentError("Ask an administrator to make this account an agent.") from None

    def sessions(self) -> list[AgentSession]:
        return list(self._sessions.values())

    def number_of(self, user_id: str) -> str | None:
        return next((s.number for s in self._sessions.values() if s.user_id == user_id), None)

    def with_call(self, call_id: str) -> list[AgentSession]:
        return [s for s in self._sessions.values() if s.call is not None and s.call.call_id == call_id]

    # --- commands ---------------------------------------------------------------------------------------

    async def sign_in(self, number: str, phone: Phone) -> None:
        """Into the queues, paused; with the other phone than before where `phone` says so."""
        session = self.session(number)
        async with session.lock:
            if session.state in (_S.PAUSED, _S.READY) and session.phone is not phone:
                session.phone = phone  # `apply` moves the membership to the other interface.
                await self._memberships.apply(session)
            elif session.state is _S.OFFLINE:
                session.phone = phone
                await self._change(session, _E.SIGN_IN, SIGNED_IN)
            await self._ask_phone(session)
            self._on_change(number)

    async def sign_out(self, number: str) -> None:
        session = self.session(number)
        async with session.lock:
            if session.state is not _S.OFFLINE:
                await self._change(session, _E.SIGN_OUT)
                session.call = None
                self._on_change(number)

    async def ready(self, number: str) -> None:
        session = self.session(number)
        async with session.lock:
            if session.state is _S.TALKING:
                session.pause_after = ""
                self._on_change(number)
                return
            session.misses = 0
            await self._change(session, _E.READY)

    async def pause(self, number: str, reason: str) -> None:
        """At once, or after the call where there is one. Raises UnknownReasonError."""
        if reason not in CODES:
            raise UnknownReasonError("Choose one of the reasons that /api/desk/pause-reasons lists.")
        session = self.session(number)
        async with session.lock:
            await self._pause(session, reason)

    async def finish_wrap_up(self, number: str) -> None:
        session = self.session(number)
        async with session.lock:
            if session.state is not _S.WRAP_UP:
                raise PresenceConflictError("There is no wrap-up to finish.", state=session.state.value)
            await self._end_wrap_up(session)

    async def extend_wrap_up(self, number: str) -> None:
        session = self.session(number)
        if session.state is not _S.WRAP_UP or session.wrap_up_until is None:
            raise PresenceConflictError("There is no wrap-up to extend.", state=session.state.value)
        session.wrap_up_until += EXTENSION
        self._on_change(number)

    async def hang_up(self, number: str) -> None:
        """End the agent's part of the call."""
        session = self.session(number)
        if session.call is None or session.call.ended_at is not None:
            raise PresenceConflictError("There is no call to hang up.", state=session.state.value)
        await self._switchboard.hang_up(session.call.agent_channel)

    def replace_leg(self, number: str, channel: str) -> None:
        """The agent goes on with the same call on another channel."""
        session = self.session(number)
        if session.call is not None:
            session.call.agent_channel, session.call.held = channel, False
            self._on_change(number)

    # --- pages ------------------------------------------------------------------------------------------

    def page_opened(self, number: str) -> None:
        self.session(number).pages += 1

    def page_closed(self, number: str) -> None:
        """With the last page gone for the grace period, the agent gets no more calls; a talk is never touched."""
        session = self.session(number)
        session.pages = max(0, session.pages - 1)
        if session.pages == 0 and session.state is not _S.OFFLINE:
            self._tasks.spawn(self._watch_page(session), name="page-grace")

    async def _watch_page(self, session: AgentSession) -> None:
        await self._clock.sleep(self._page_grace)
        async with session.lock:
            if session.pages == 0 and session.state not in (_S.OFFLINE, _S.PAUSED):
                await self._pause(session, PAGE_CLOSED)

    # --- truth ------------------------------------------------------------------------------------------

    async def resync(self, snapshot: PhoneSnapshot) -> None:
        """Take Asterisk's word for who is where, then put right what differs from our agents' desks."""
        self._link = True
        self._memberships.reset(snapshot)
        for session in self._sessions.values():
            async with session.lock:
                self._adopt(session, find(session.number, snapshot))
                try:
                    await self._memberships.apply(session)
                    await self._ask_phone(session)
                except PhoneError as error:
                    log.warning("agent could not be brought in line", agent=session.number, error_id=error.error_id)
            self._on_change(session.number)
            if session.pages == 0 and session.state is not _S.OFFLINE:
                self._tasks.spawn(self._watch_page(session), name="page-grace")

    def _adopt(self, session: AgentSession, found: Found) -> None:
        if found.phone is not None:
            session.phone = found.phone
        state, reason = found.state, found.reason
        if found.channel is not None and found.caller is not None:
            self._adopt_call(session, found)
        elif session.state in (_S.RINGING, _S.TALKING):
            state = _S.WRAP_UP if session.state is _S.TALKING else _S.READY
            self._calls.end_unseen(session)
        elif found.phone is None and session.state is not _S.OFFLINE:
            # Asterisk has forgotten the membership (its database was lost): ours is put back.
            state, reason = session.state, session.pause_reason
        if state is not session.state:
            self._set(session, state, reason)
            if state is _S.WRAP_UP:
                self._begin_wrap_up(session)
        session.pause_reason = reason

    def _adopt_call(self, session: AgentSession, found: Found) -> None:
        assert found.channel is not None
        assert found.caller is not None
        if session.call is None or session.call.agent_channel != found.channel.name:
            now = self._clock.now()
            session.call = AgentCall(
                call_id=found.caller.call_id,
                queue=session.desks[0].queue if session.desks else "",
                caller_channel=found.caller.name,
                agent_channel=found.channel.name,
                rang_at=now - found.channel.duration,
                answered_at=now - found.channel.duration if found.state is _S.TALKING else None,
            )

    async def _ask_phone(self, session: AgentSession) -> None:
        for phone in Phone:
            endpoint = endpoint_of(session.number, phone)
            if await self._switchboard.endpoint_reachable(endpoint):
                session.reachable.add(endpoint)
            else:
                session.reachable.discard(endpoint)

    # --- what the calls bring about ---------------------------------------------------------------------

    def _on_call(self, session: AgentSession, event: AgentEvent) -> None:
        try:
            state = advance(session.state, event)
        except PresenceConflictError as error:
            log.warning(
                "call does not fit the agent's state",
                agent=session.number,
                state=session.state.value,
                reason=error.detail,
            )
            return
        if event is _E.ANSWERED:
            session.misses = 0
        self._set(session, state, "")
        if event is _E.TALK_ENDED:
            self._begin_wrap_up(session)
        elif event is _E.RING_ENDED and session.pause_after:
            self._set(session, _S.PAUSED, session.pause_after)
        self._on_change(session.number)
        self._tasks.spawn(self._follow(session), name="follow")

    def _missed(self, session: AgentSession) -> None:
        session.misses += 1
        if session.misses >= self._misses_before_pause and session.state is _S.READY:
            self._set(session, _S.PAUSED, MISSED)
            self._on_change(session.number)
            self._tasks.spawn(self._follow(session), name="follow")

    def _begin_wrap_up(self, session: AgentSession) -> None:
        session.wrap_up_until = self._clock.now() + session.wrap_up
        self._tasks.spawn(self._run_wrap_up(session), name="wrap-up")

    async def _run_wrap_up(self, session: AgentSession) -> None:
        while session.state is _S.WRAP_UP and session.wrap_up_until is not None:
            left = session.wrap_up_until - self._clock.now()
            if left > timedelta(0):
                await self._clock.sleep(left)
                continue
            async with session.lock:
                if session.state is _S.WRAP_UP:
                    await self._end_wrap_up(session)

    async def _end_wrap_up(self, session: AgentSession) -> None:
        if session.pause_after:
            await self._change(session, _E.PAUSE, session.pause_after)
        else:
            await self._change(session, _E.WRAP_UP_ENDED)

    async def _follow(self, session: AgentSession) -> None:
        """Bring the membership in line with a state that an event has set."""
        async with session.lock:
            try:
                await self._memberships.apply(session)
            except PhoneError as error:
                log.warning("queue membership did not follow", agent=session.number, error_id=error.error_id)

    # --- the one place where a state changes ------------------------------------------------------------

    async def _pause(self, session: AgentSession, reason: str) -> None:
        if session.state in (_S.TALKING, _S.RINGING):
            session.pause_after = reason
            self._on_change(session.number)
            return
        await self._change(session, _E.PAUSE, reason)

    async def _change(self, session: AgentSession, event: AgentEvent, reason: str = "") -> None:
        """Advance by a command: the membership first; where Asterisk refuses, the state stays as it was."""
        before, state = session.state, advance(session.state, event)
        old_reason = session.pause_reason
        if state is before and reason == old_reason:
            return
        session.state, session.pause_reason = state, reason
        try:
            await self._memberships.apply(session)
        except PhoneError:
            if session.state is state:
                session.state, session.pause_reason = before, old_reason
            raise
        if session.state is not state:
            return  # The phone rang meanwhile, and that has been told.
        session.state = before
        self._set(session, state, reason)
        self._on_change(session.number)

    def _set(self, session: AgentSession, state: AgentState, reason: str) -> None:
        previous, session.state, session.pause_reason = session.state, state, reason
        session.since = self._clock.now()
        if state is not _S.WRAP_UP:
            session.wrap_up_until = None
        if state in (_S.READY, _S.PAUSED, _S.OFFLINE):
            session.call = None
        if state in (_S.PAUSED, _S.OFFLINE):
            session.pause_after = ""
        log.info("agent moved", agent=session.number, previous=previous.value, state=state.value, reason=reason)
        self._bus.publish(
            AgentStateChanged(
                at=session.since, agent=session.number, state=state.value, previous=previous.value, reason=reason
            )
        )

    def _told(self, session: AgentSession) -> None:
        self._on_change(session.number)

    def _on_contact(self, event: PhoneEvent) -> None:
        assert isinstance(event, ContactChanged)
        session = self._sessions.get(event.endpoint.removesuffix("-web"))
        if session is None:
            return
        if event.reachable:
            session.reachable.add(event.endpoint)
        else:
            session.reachable.discard(event.endpoint)
        self._on_change(session.number)
