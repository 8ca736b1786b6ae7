"""The agents' phones: which are registered, and which are in a call of the agent's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from cti.presence.machine import AgentMachine
from cti.presence.session import AgentSession, Phone, endpoint_of
from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.recent import Recent
from ivr.dialplan import agent_number, endpoint_in
from ivr.events import ContactChanged, DeviceStateChanged, PhoneEvent
from ivr.switchboard import Switchboard


class AgentPhones:
    def __init__(
        self,
        switchboard: Switchboard,
        phone: Dispatcher[PhoneEvent],
        clock: Clock,
        sessions: Mapping[str, AgentSession],
        machine: AgentMachine,
        *,
        on_change: Callable[[str], None],
    ) -> None:
        self._switchboard = switchboard
        self._sessions = sessions
        self._machine = machine
        self._on_change = on_change
        self._recent: Recent[str] = Recent(clock)
        """Endpoints whose device state was heard lately."""
        self._unsubscribe = phone.subscribe(self._on_event, ContactChanged, DeviceStateChanged)

    def close(self) -> None:
        self._unsubscribe()

    async def ask(self, session: AgentSession) -> None:
        """Which of the agent's phones are registered. Raises PhoneError."""
        for phone in Phone:
            endpoint = endpoint_of(session.number, phone)
            if await self._switchboard.endpoint_reachable(endpoint):
                session.reachable.add(endpoint)
            else:
                session.reachable.discard(endpoint)

    def reset(self, session: AgentSession, own_devices: frozenset[str], asked_at: datetime) -> None:
        """Adopt Asterisk's state of every phone without a newer event."""
        newer = self._recent.since(asked_at)
        for phone in Phone:
            endpoint = endpoint_of(session.number, phone)
            if endpoint not in newer:
                busy = endpoint in own_devices and not _has_our_call(session, endpoint)
                self._machine.own_call(session, endpoint, busy=busy)

    def _on_event(self, event: PhoneEvent) -> None:
        assert isinstance(event, (ContactChanged, DeviceStateChanged))
        session = self._sessions.get(agent_number(event.endpoint))
        if isinstance(event, DeviceStateChanged):
            self._recent.note(event.endpoint)
            if session is not None:
                busy = event.in_use and not _has_our_call(session, event.endpoint)
                self._machine.own_call(session, event.endpoint, busy=busy)
        elif session is not None:
            (session.reachable.add if event.reachable else session.reachable.discard)(event.endpoint)
            self._on_change(session.number)


def _has_our_call(session: AgentSession, endpoint: str) -> bool:
    """Whether the hotline's call is on this phone, or may be at once: a lost leg is dialled again at the chosen one."""
    call = session.call
    if call is None or call.ended_at is not None:
        return False
    return endpoint in (endpoint_in(call.agent_channel), session.endpoint)
