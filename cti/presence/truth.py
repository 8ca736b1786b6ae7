"""After each log-in at AMI: take Asterisk's word for who is where, then put right what differs from our desks."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import datetime

import structlog

from cti.presence.calls import AgentCalls
from cti.presence.machine import AgentMachine
from cti.presence.membership import Memberships
from cti.presence.session import NOTHING, AgentCall, AgentSession, Found, Phone, endpoint_of, find, phone_of
from cti.presence.state import AT_A_CALL, AgentState
from hotline.kernel.clock import Clock
from ivr.errors import PhoneError
from ivr.switchboard import PhoneSnapshot, Switchboard

log = structlog.get_logger(__name__)
_S = AgentState


class Truth:
    def __init__(
        self,
        switchboard: Switchboard,
        memberships: Memberships,
        machine: AgentMachine,
        calls: AgentCalls,
        clock: Clock,
    ) -> None:
        self._switchboard = switchboard
        self._memberships = memberships
        self._machine = machine
        self._calls = calls
        self._clock = clock

    async def compare(self, session: AgentSession, snapshot: PhoneSnapshot, *, restarted: bool) -> None:
        """Set one agent right; a membership that Asterisk does not take is tried again until it does.

        An Asterisk that was restarted knows nothing of the agent that we do not know better. Raises nothing: the
        other agents are to be compared whatever becomes of this one.
        """
        async with session.lock:
            try:
                self._believe(session, NOTHING if restarted else find(session.number, snapshot), snapshot.asked_at)
                await self._memberships.apply(session)
                self._machine.followed(session)
            except PhoneError as error:
                log.warning("agent could not be brought in line", agent=session.number, error_id=error.error_id)
                self._machine.follow(session)
                return
            except Exception:
                log.exception("agent could not be brought in line", agent=session.number)
                self._machine.follow(session)
            try:
                await self.ask_phone(session)
            except PhoneError as error:
                log.warning("agent's phone could not be asked for", agent=session.number, error_id=error.error_id)
            except Exception:
                log.exception("agent's phone could not be asked for", agent=session.number)

    async def remove_strangers(self, snapshot: PhoneSnapshot, agents: Container[str]) -> None:
        """Take those out of the queues who went while nobody was here to do it. Raises nothing."""
        for member in snapshot.members:
            number = member.member_name
            ours = {f"PJSIP/{endpoint_of(number, phone)}" for phone in Phone}
            if number.isdigit() and number not in agents and member.interface in ours:
                log.info("who is no agent is taken out of the queue", agent=number, queue=member.queue)
                try:
                    await self._switchboard.remove_member(member.queue, member.interface)
                except PhoneError as error:
                    log.warning("queue keeps who is no agent", agent=number, error_id=error.error_id)
                except Exception:
                    log.exception("queue keeps who is no agent", agent=number)

    async def ask_phone(self, session: AgentSession) -> None:
        """Which of the agent's phones are registered."""
        for phone in Phone:
            endpoint = endpoint_of(session.number, phone)
            if await self._switchboard.endpoint_reachable(endpoint):
                session.reachable.add(endpoint)
            else:
                session.reachable.discard(endpoint)

    def _believe(self, session: AgentSession, found: Found, asked_at: datetime) -> None:
        """Take what was found, but for that of which something newer was heard."""
        ended = found.channel is not None and found.channel.name in self._calls.gone.since(asked_at)
        if session.changed_at < asked_at:
            self._adopt(session, found)
            if ended:
                # By whoever did not know of the call, its end went unseen.
                self._adopt(session, replace(found, channel=None, caller=None))
        elif session.state in AT_A_CALL:
            if session.call is not None:
                session.phone = phone_of(session.number, session.call.agent_channel) or session.phone
        elif session.state is not _S.OFFLINE and found.channel is not None and not ended:
            # The agent has chosen a state since, and nobody here knew of the call.
            session.pause_after = session.pause_reason
            self._adopt(session, replace(found, phone=session.phone))

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
            self._machine.set(session, state, reason)
        session.pause_reason = reason
        if state is _S.WRAP_UP and (session.wrap_up_until is None or session.wrap_up_until <= self._clock.now()):
            # Also where the state was the same: its timer may have failed with the link.
            self._machine.begin_wrap_up(session)

    def _adopt_call(self, session: AgentSession, found: Found) -> None:
        assert found.channel is not None
        assert found.caller is not None
        known = session.call
        # Channel names begin anew with Asterisk: the same name may be another call.
        if known is None or (known.agent_channel, known.call_id) != (found.channel.name, found.caller.call_id):
            began = self._clock.now() - found.channel.duration
            session.call = AgentCall(
                call_id=found.caller.call_id,
                queue=session.desks[0].queue if session.desks else "",
                caller_channel=found.caller.name,
                agent_channel=found.channel.name,
                rang_at=began,
                answered_at=began if found.state is _S.TALKING else None,
            )
