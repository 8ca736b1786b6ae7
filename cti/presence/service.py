"""Presence: which agents are at work, and whether the queue may ring them.

Asterisk's queue membership is the truth; a state here is what that membership should be and why. Commands change
the membership first and the state after it, so that a page never shows what Asterisk refused. Events change the
state at once, and the membership follows; where that fails, it is tried again until Asterisk has it so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from cti.presence.calls import AgentCalls
from cti.presence.machine import AgentMachine
from cti.presence.membership import Memberships
from cti.presence.pages import Pages
from cti.presence.reasons import CODES, MISSED, PHONE_LOST, SIGNED_IN
from cti.presence.session import AgentCall, AgentSession, Desk, Phone
from cti.presence.staff import Staff
from cti.presence.state import AgentEvent, AgentState, PresenceConflictError
from cti.presence.truth import Truth
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import ForbiddenError, InvalidInputError
from hotline.kernel.tasks import TaskOwner
from ivr.events import ContactChanged, PhoneEvent
from ivr.switchboard import PhoneSnapshot, Switchboard

_S, _E = AgentState, AgentEvent

EXTENSION = timedelta(seconds=60)
"""What one `extend_wrap_up` adds."""
LONGEST_LAST_WRAP_UP = timedelta(minutes=30)
"""Nobody who is to go stays by extending: see `Staff`. As long as an administrator may set a wrap-up."""


class NoAgentError(ForbiddenError):
    error_id = "presence.no_agent"
    title = "This account has no agent number"


class UnknownReasonError(InvalidInputError):
    error_id = "presence.unknown_reason"
    title = "No such reason for a pause"


class PresenceService:
    """Commands by agent number; `on_change(number)` is called, quickly and on the loop, after every change.

    `on_left(session)` is called after an agent who is one no more was signed out.

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
        on_left: Callable[[AgentSession], None] = lambda _session: None,
        misses_before_pause: int = 1,
        page_grace: timedelta = timedelta(seconds=30),
    ) -> None:
        self._switchboard = switchboard
        self._clock = clock
        self._on_change = on_change
        self._misses_before_pause = misses_before_pause
        self._link = False
        self.loaded = False
        """Whether the agents have been read."""
        self._asterisk_started = ""
        """By this, an Asterisk that was restarted is told."""
        self._sessions: dict[str, AgentSession] = {}
        self._tasks = TaskOwner("presence")
        self._memberships = Memberships(switchboard, phone, clock)
        self._machine = AgentMachine(self._memberships, bus, clock, self._tasks, on_change=self._moved)
        self._pages = Pages(self._machine, clock, self._tasks, grace=page_grace)
        self._staff = Staff(self._sessions, self._machine, clock, self._tasks, on_left=on_left)
        self._calls = AgentCalls(
            phone,
            bus,
            clock,
            self._tasks,
            self._sessions,
            move=self._on_call,
            missed=self._missed,
            lost=self._lost,
            changed=self._told,
        )
        self._truth = Truth(switchboard, self._memberships, self._machine, self._calls, clock)
        self._unsubscribe = phone.subscribe(self._on_contact, ContactChanged)

    # --- life -------------------------------------------------------------------------------------------

    async def load(self, database: Database) -> set[str]:
        """Read who is an agent; the numbers of those who are new, changed or to go.

        Those at work stay so, at their new desks; who is an agent no more goes after their call, if any.
        """
        changed = await self._staff.load(database)
        self.loaded = True
        for number in changed:
            self._on_change(number)
        return changed

    def employ(self, user_id: str, number: str, name: str, desks: Iterable[Desk], wrap_up: timedelta) -> None:
        self._staff.employ(user_id, number, name, desks, wrap_up)

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

    def find(self, number: str | None) -> AgentSession | None:
        """None for one who is no agent, or no more."""
        return self._sessions.get(number) if number is not None else None

    def sessions(self) -> list[AgentSession]:
        return list(self._sessions.values())

    def number_of(self, user_id: str) -> str | None:
        return next((s.number for s in self._sessions.values() if s.user_id == user_id), None)

    def call_of(self, user_id: str) -> str | None:
        """The call that rings or is at this user's phone, or the last one until its wrap-up is over."""
        return next((s.call.call_id for s in self._sessions.values() if s.user_id == user_id and s.call), None)

    def with_call(self, call_id: str) -> list[AgentSession]:
        return [s for s in self._sessions.values() if s.call is not None and s.call.call_id == call_id]

    # --- commands ---------------------------------------------------------------------------------------

    async def sign_in(self, number: str, phone: Phone) -> None:
        """Into the queues, paused; with the other phone than before where `phone` says so."""
        session = self.session(number)
        async with session.lock:
            if session.state in (_S.PAUSED, _S.READY) and session.phone is not phone:
                await self._machine.change_phone(session, phone)
            elif session.state is _S.OFFLINE:
                session.phone = phone
                await self._machine.command(session, _E.SIGN_IN, SIGNED_IN)
            await self._truth.ask_phone(session)
            self._on_change(number)

    async def sign_out(self, number: str) -> None:
        session = self.session(number)
        async with session.lock:
            if session.state is not _S.OFFLINE:
                await self._machine.command(session, _E.SIGN_OUT)
                session.call = None
                self._on_change(number)

    async def ready(self, number: str) -> None:
        """At once; during a talk, take back the pause that was to come after it."""
        session = self.session(number)
        async with session.lock:
            if session.state is _S.WRAP_UP and session.leaving:
                await self._machine.end_wrap_up(session)
            elif session.state is not _S.TALKING:
                await self._machine.command(session, _E.READY)
                session.misses = 0
            if session.pause_after:
                session.pause_after = ""
                self._on_change(number)

    async def pause(self, number: str, reason: str) -> None:
        """At once, or after the call where there is one. Raises UnknownReasonError."""
        if reason not in CODES:
            raise UnknownReasonError("Choose one of the reasons that /api/desk/pause-reasons lists.")
        session = self.session(number)
        async with session.lock:
            await self._machine.pause(session, reason)

    async def finish_wrap_up(self, number: str) -> None:
        session = self.session(number)
        async with session.lock:
            if session.state is not _S.WRAP_UP:
                raise PresenceConflictError("There is no wrap-up to finish.", state=session.state.value)
            await self._machine.end_wrap_up(session)

    async def extend_wrap_up(self, number: str) -> None:
        session = self.session(number)
        if session.state is not _S.WRAP_UP or session.wrap_up_until is None:
            raise PresenceConflictError("There is no wrap-up to extend.", state=session.state.value)
        if session.leaving and session.wrap_up_until + EXTENSION > session.since + LONGEST_LAST_WRAP_UP:
            raise PresenceConflictError("The last wrap-up is as long as it may be.", state=session.state.value)
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
            session.changed_at = self._clock.now()
            self._on_change(number)

    # --- pages ------------------------------------------------------------------------------------------

    def page_opened(self, number: str) -> None:
        self._pages.opened(self.session(number))

    def page_closed(self, number: str) -> None:
        """Nothing for one who is an agent no more."""
        if (session := self._sessions.get(number)) is not None:
            self._pages.closed(session)

    # --- truth ------------------------------------------------------------------------------------------

    async def resync(self, snapshot: PhoneSnapshot) -> None:
        """Compare every agent with what Asterisk says, and set right what differs.

        One that was restarted is told what we know: the memberships that it kept on disk may be older.
        """
        restarted = self._asterisk_started not in ("", snapshot.started)
        self._asterisk_started = snapshot.started
        self._memberships.reset(snapshot)
        self._calls.reset(snapshot, restarted=restarted)
        if self.loaded:
            await self._truth.remove_strangers(snapshot, self._sessions)
        for session in list(self._sessions.values()):
            await self._truth.compare(session, snapshot, restarted=restarted)
            self._staff.settle(session)
            self._on_change(session.number)
            self._pages.watch(session)

    def _moved(self, number: str) -> None:
        self._on_change(number)
        if (session := self._sessions.get(number)) is not None:
            self._staff.settle(session)

    # --- what the phones bring about --------------------------------------------------------------------

    def _on_call(self, session: AgentSession, event: AgentEvent, call: AgentCall | None = None) -> bool:
        if event is _E.ANSWERED:
            session.misses = 0
        return self._machine.event(session, event, call)

    def _missed(self, session: AgentSession) -> None:
        session.misses += 1
        if session.misses >= self._misses_before_pause and session.state is _S.READY:
            self._machine.settle(session, _S.PAUSED, MISSED)

    def _lost(self, session: AgentSession) -> None:
        self._machine.settle(session, _S.PAUSED, PHONE_LOST)

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
