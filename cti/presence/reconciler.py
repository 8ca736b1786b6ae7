"""After each log-in at AMI: take the calls as Asterisk shows them, and have its queues follow what the agents want.

A service that has just started does not know what is wanted, and takes it from the queue membership.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime

import structlog

from cti.presence.calls import AgentCalls
from cti.presence.machine import AgentMachine
from cti.presence.observed import NOTHING, Observed, observe
from cti.presence.phones import AgentPhones
from cti.presence.session import AgentCall, AgentSession, Phone, endpoint_of, phone_of
from cti.presence.state import CallSideState
from hotline.kernel.clock import Clock
from ivr.dialplan import interface_of
from ivr.errors import PhoneError
from ivr.switchboard import PhoneSnapshot, Switchboard

log = structlog.get_logger(__name__)
_C = CallSideState


class Reconciler:
    def __init__(
        self,
        switchboard: Switchboard,
        machine: AgentMachine,
        calls: AgentCalls,
        phones: AgentPhones,
        clock: Clock,
    ) -> None:
        self._switchboard = switchboard
        self._machine = machine
        self._calls = calls
        self._phones = phones
        self._clock = clock

    async def reconcile(self, session: AgentSession, snapshot: PhoneSnapshot, *, restarted: bool) -> None:
        """Reconcile one agent; a membership that Asterisk does not accept is retried until it does.

        What a restarted Asterisk knows about the agent is ignored, ours is newer. Raises nothing: the
        other agents must be reconciled even if this one fails.
        """
        async with session.lock:
            try:
                self._adopt(session, NOTHING if restarted else observe(session.number, snapshot), snapshot.asked_at)
                await self._machine.sync(session)
            except PhoneError as error:
                log.warning("reconciling the agent failed", agent=session.number, error_id=error.error_id)
                self._machine.follow(session)
                return
            except Exception:
                log.exception("reconciling the agent failed", agent=session.number)
                self._machine.follow(session)
            try:
                await self._phones.ask(session)
            except PhoneError as error:
                log.warning("querying the agent's phone failed", agent=session.number, error_id=error.error_id)
            except Exception:
                log.exception("querying the agent's phone failed", agent=session.number)

    async def remove_unknown_members(self, snapshot: PhoneSnapshot, agents: Container[str]) -> None:
        """Remove members from the queues who stopped being agents while the service was down. Raises nothing."""
        for member in snapshot.members:
            number = member.member_name
            ours = {interface_of(endpoint_of(number, phone)) for phone in Phone}
            if number.isdigit() and number not in agents and member.interface in ours:
                log.info("non-agent removed from the queue", agent=number, queue=member.queue)
                try:
                    await self._switchboard.remove_member(member.queue, member.interface)
                except PhoneError as error:
                    log.warning("removing a non-agent from the queue failed", agent=number, error_id=error.error_id)
                except Exception:
                    log.exception("removing a non-agent from the queue failed", agent=number)

    def _adopt(self, session: AgentSession, seen: Observed, asked_at: datetime) -> None:
        """Adopt what was observed, except where a newer event exists."""
        if not session.wish_known:
            session.phone = seen.phone or session.phone
            self._machine.adopt(session, wish=seen.wish)
        self._phones.reset(session, seen.own_devices, asked_at)
        if session.call_side_at >= asked_at:
            if session.call is not None:
                session.phone = phone_of(session.number, session.call.agent_channel) or session.phone
            return
        if seen.channel is not None:
            self._adopt_call(session, seen)
            if seen.channel.name not in self._calls.gone.since(asked_at):
                return
            # A service that did not know the call could not interpret its end.
        self._end_call(session)
        if seen.side is _C.WRAP_UP and session.call_side is not _C.WRAP_UP and session.at_rest:
            self._machine.adopt(session, side=_C.WRAP_UP)
        elif session.call_side is _C.WRAP_UP:
            self._machine.restart_wrap_up(session)

    def _end_call(self, session: AgentSession) -> None:
        """The agent's call, if any, ended unobserved."""
        if session.call_side is _C.TALKING:
            self._calls.end_unseen(session)
            self._machine.adopt(session, side=_C.WRAP_UP)
        elif session.call_side is _C.RINGING:
            self._machine.adopt(session, side=_C.OWN_CALL if session.own_devices else _C.IDLE)

    def _adopt_call(self, session: AgentSession, seen: Observed) -> None:
        assert seen.channel is not None
        call_id = seen.caller.call_id if seen.caller else seen.channel.call_id
        known = session.call
        session.phone = phone_of(session.number, seen.channel.name) or session.phone
        # Asterisk reuses channel names after a restart: the same name may be another call.
        if known is None or (known.agent_channel, known.call_id) != (seen.channel.name, call_id):
            self._calls.end_unseen(session)
            began = self._clock.now() - seen.channel.duration
            session.call = AgentCall(
                call_id=call_id,
                queue=session.queues[0].queue if session.queues else "",
                caller_channel=seen.caller.name if seen.caller else "",
                agent_channel=seen.channel.name,
                rang_at=began,
                answered_at=began if seen.side is _C.TALKING else None,
            )
        self._machine.adopt(session, side=seen.side)
