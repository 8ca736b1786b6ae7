"""Presence: which agents are at work, and whether the queue may ring them.

What the agent wants and what their phone does are two fields (docs/presence.md). Commands change what is wanted, the
queue membership first, so that a page never shows what Asterisk refused. Calls change the phone's side at once, and
the membership follows; where that fails, it is tried again until Asterisk has it so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from cti.presence.calls import AgentCalls
from cti.presence.machine import AgentMachine
from cti.presence.membership import Memberships
from cti.presence.pages import Pages
from cti.presence.phones import AgentPhones
from cti.presence.reasons import CODES, MISSED, PHONE_LOST, SIGNED_IN
from cti.presence.reconciler import Reconciler
from cti.presence.session import AgentCall, AgentSession, Phone, QueueMembership
from cti.presence.staff import Staff
from cti.presence.state import OFF, READY, CallSideEvent, CallSideState, PresenceConflictError, Wanted, Wish
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import ForbiddenError, InvalidInputError
from hotline.kernel.tasks import TaskOwner
from ivr.events import PhoneEvent
from ivr.switchboard import PhoneSnapshot, Switchboard

_C, _E = CallSideState, CallSideEvent

EXTENSION = timedelta(seconds=60)
"""What one `extend_wrap_up` adds."""
LONGEST_LAST_WRAP_UP = timedelta(minutes=30)
"""Nobody who is retired stays by extending: see `Staff`. As long as an administrator may set a wrap-up."""


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
        """Its start-up time: a change means a restart."""
        self._sessions: dict[str, AgentSession] = {}
        self._tasks = TaskOwner("presence")
        self._memberships = Memberships(switchboard, phone, clock)
        self._machine = AgentMachine(self._memberships, clock, self._tasks, on_change=self._moved)
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
            changed=self._changed,
        )
        self._phones = AgentPhones(switchboard, phone, clock, self._sessions, self._machine, on_change=on_change)
        self._reconciler = Reconciler(switchboard, self._machine, self._calls, self._phones, clock)

    # --- life -------------------------------------------------------------------------------------------

    async def load(self, database: Database) -> set[str]:
        """Read who is an agent; the numbers of those who are new, changed or to go.

        Those at work stay so, at their new queues; who is an agent no more goes after their call, if any.
        """
        changed = await self._staff.load(database)
        self.loaded = True
        for number in changed:
            self._on_change(number)
        return changed

    def upsert(
        self, user_id: str, number: str, name: str, queues: Iterable[QueueMembership], wrap_up: timedelta
    ) -> None:
        self._staff.upsert(user_id, number, name, queues, wrap_up)

    async def close(self) -> None:
        self._phones.close()
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
            if session.wish.wanted is Wanted.OFF:
                if session.at_rest:
                    session.phone = phone
                await self._command(session, Wish(Wanted.PAUSED, SIGNED_IN))
            elif session.phone is not phone and session.at_rest:
                await self._machine.change_phone(session, phone)
            await self._phones.ask(session)
            self._on_change(number)

    async def sign_out(self, number: str) -> None:
        """Out of the queues at once; a call continues to its end."""
        session = self.session(number)
        async with session.lock:
            await self._machine.command(session, OFF)

    async def ready(self, number: str) -> None:
        """At once, or after the call where there is one."""
        session = self.session(number)
        async with session.lock:
            if session.retired and session.call_side is _C.WRAP_UP:
                await self._machine.end_wrap_up(session)
                return
            self._check_signed_in(session)
            await self._command(session, READY)
            session.misses = 0

    async def pause(self, number: str, reason: str) -> None:
        """At once, or after the call where there is one. Raises UnknownReasonError."""
        if reason not in CODES:
            raise UnknownReasonError("Choose one of the reasons that /api/workspace/pause-reasons lists.")
        session = self.session(number)
        async with session.lock:
            self._check_signed_in(session)
            await self._command(session, Wish(Wanted.PAUSED, reason))

    async def finish_wrap_up(self, number: str) -> None:
        session = self.session(number)
        async with session.lock:
            if session.call_side is not _C.WRAP_UP:
                raise PresenceConflictError("There is no wrap-up to finish.", state=session.state.value)
            await self._machine.end_wrap_up(session)

    async def extend_wrap_up(self, number: str) -> None:
        session = self.session(number)
        if session.call_side is not _C.WRAP_UP or session.wrap_up_until is None:
            raise PresenceConflictError("There is no wrap-up to extend.", state=session.state.value)
        if session.retired and session.wrap_up_until + EXTENSION > session.since + LONGEST_LAST_WRAP_UP:
            raise PresenceConflictError("The last wrap-up is as long as it may be.", state=session.state.value)
        session.wrap_up_until += EXTENSION
        self._on_change(number)

    async def _command(self, session: AgentSession, wish: Wish) -> None:
        if session.retired:
            raise PresenceConflictError("This account is no agent any more.", state=session.state.value)
        await self._machine.command(session, wish)

    @staticmethod
    def _check_signed_in(session: AgentSession) -> None:
        if session.wish.wanted is Wanted.OFF:
            raise PresenceConflictError("Sign in first.", state=session.state.value)

    async def hang_up(self, number: str) -> None:
        """End the agent's part of the call."""
        session = self.session(number)
        if session.call is None or session.call.ended_at is not None:
            raise PresenceConflictError("There is no call to hang up.", state=session.state.value)
        await self._switchboard.hang_up(session.call.agent_channel)

    def replace_leg(self, number: str, channel: str) -> None:
        """The agent continues the same call on another channel."""
        self._machine.replace_leg(self.session(number), channel)

    # --- pages ------------------------------------------------------------------------------------------

    def page_opened(self, number: str) -> None:
        self._pages.opened(self.session(number))

    def page_closed(self, number: str) -> None:
        """Nothing for one who is an agent no more."""
        if (session := self._sessions.get(number)) is not None:
            self._pages.closed(session)

    # --- reconciling ------------------------------------------------------------------------------------

    async def resync(self, snapshot: PhoneSnapshot) -> None:
        """Compare every agent with what Asterisk says, and set right what differs.

        After a restart, ours are sent to it: the memberships that it stored on disk may be older.
        """
        restarted = self._asterisk_started not in ("", snapshot.started)
        self._asterisk_started = snapshot.started
        self._memberships.reset(snapshot)
        self._calls.reset(snapshot, restarted=restarted)
        if self.loaded:
            await self._reconciler.remove_unknown_members(snapshot, self._sessions)
        for session in list(self._sessions.values()):
            await self._reconciler.reconcile(session, snapshot, restarted=restarted)
            self._staff.release_retired(session)
            self._on_change(session.number)
            self._pages.watch(session)

    def _moved(self, number: str) -> None:
        self._on_change(number)
        if (session := self._sessions.get(number)) is not None:
            self._staff.release_retired(session)

    # --- what the phones do -----------------------------------------------------------------------------

    def _on_call(self, session: AgentSession, event: CallSideEvent, call: AgentCall | None = None) -> bool:
        fitted = self._machine.event(session, event, call)
        if event is _E.ANSWERED:
            session.misses = 0
            if session.wish == Wish(Wanted.PAUSED, PHONE_LOST):
                self._machine.impose(session, READY)  # A phone that answers is there again.
                self._pages.watch(session)
        return fitted

    def _missed(self, session: AgentSession) -> None:
        session.misses += 1
        if session.misses >= self._misses_before_pause:
            self._machine.pause_if_ready(session, MISSED)

    def _lost(self, session: AgentSession) -> None:
        self._machine.pause_if_ready(session, PHONE_LOST)

    def _changed(self, session: AgentSession) -> None:
        self._on_change(session.number)
