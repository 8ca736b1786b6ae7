"""The conversations under way, by call and by agent; every change of state happens here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import structlog

from cti.threeway.conversation import Conversation
from cti.threeway.ports import SpecialistDirectory
from cti.threeway.state import ThreewayEvent, ThreewayState, advance
from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.errors import ConflictError, HotlineError
from hotline.kernel.recent import Recent
from ivr.dialplan import Context, ServiceVariable, agent_number, endpoint_in
from ivr.errors import PhoneError
from ivr.events import AgentConnected, ChannelHungUp, PhoneEvent
from ivr.switchboard import Channel, PhoneSnapshot, Switchboard

log = structlog.get_logger(__name__)


class NotTalkingError(ConflictError):
    error_id = "threeway.no_call"
    title = "There is no call to work on"


class ConversationRegistry:
    def __init__(self, phone: Dispatcher[PhoneEvent], clock: Clock, *, on_change: Callable[[str], None]) -> None:
        self._clock = clock
        self._on_change = on_change
        self._calls: dict[str, Conversation] = {}
        """In the order in which the agents answered."""
        self._gone: Recent[str] = Recent(clock)
        """The channels that hung up lately."""
        self._unsubscribe = phone.subscribe(self._on_event, AgentConnected, ChannelHungUp)

    def close(self) -> None:
        self._unsubscribe()

    def of_call(self, call_id: str) -> Conversation | None:
        return self._calls.get(call_id)

    def of_agent(self, agent: str) -> Conversation:
        """The agent's present conversation, of several the newest. Raises NotTalkingError."""
        for conversation in reversed(self._calls.values()):
            if conversation.agent == agent and conversation.state is not ThreewayState.WITHOUT_AGENT:
                return conversation
        raise NotTalkingError("Answer a call first.")

    def in_state(self, state: ThreewayState) -> list[Conversation]:
        return [c for c in self._calls.values() if c.state is state]

    def of_leg(self, channel: str, unique_id: str) -> Conversation | None:
        """The conversation that this channel belongs to."""
        for c in self._calls.values():
            if channel in (c.caller_channel, c.agent_channel) or unique_id == c.specialist_leg:
                return c
        return None

    def move(self, conversation: Conversation, event: ThreewayEvent) -> None:
        """Advance, log, notify. Raises ThreewayConflictError."""
        previous = conversation.state
        conversation.state = advance(previous, event)
        if conversation.state is not previous:
            conversation.since = self._clock.now()
            # A talk that was never more than that is no news here.
            plain = (previous, conversation.state) == (ThreewayState.TALKING, ThreewayState.OVER)
            (log.debug if plain else log.info)(
                "three-way call moved",
                call_id=conversation.call_id,
                previous=previous.value,
                state=conversation.state.value,
            )
        if conversation.state is ThreewayState.OVER:
            self._calls.pop(conversation.call_id, None)
        self.changed(conversation)

    def changed(self, conversation: Conversation) -> None:
        """Tell the screens: `move` does it by itself, whoever changes what they show without a move does it by this."""
        self._on_change(conversation.call_id)

    def _on_event(self, event: PhoneEvent) -> None:
        match event:
            case AgentConnected():
                self._on_connected(event)
            case ChannelHungUp():
                self._gone.note(event.channel)

    def _on_connected(self, event: AgentConnected) -> None:
        if event.call_id:
            self._calls.pop(event.call_id, None)
            self._calls[event.call_id] = Conversation(
                call_id=event.call_id,
                agent=event.member_name,
                caller_channel=event.channel,
                agent_channel=event.agent_channel,
                since=self._clock.now(),
            )

    async def rebuild(
        self,
        snapshot: PhoneSnapshot,
        switchboard: Switchboard,
        directory: SpecialistDirectory,
        *,
        place: Callable[[str], str],
    ) -> None:
        """Drop what is gone, adopt what is new, and correct what changed unobserved.

        `place(channel)` is not "" for a leg in a room or on hold, even if it arrived after the snapshot.
        """
        present = {channel.name for channel in snapshot.channels}
        for known in list(self._calls.values()):
            if known.lock.locked() or known.since >= snapshot.asked_at:
                continue
            if not all(leg in present or place(leg) for leg in _needed(known)):
                log.info("three-way call dropped", call_id=known.call_id, state=known.state.value)
                known.state = ThreewayState.OVER  # Whoever still works on it sees that it has ended.
                del self._calls[known.call_id]
                self._on_change(known.call_id)
        for found in conversations_in(snapshot, self._clock):
            if found.specialist_channel and found.call_id not in self._calls:
                await _recall_specialist(found, switchboard, directory)
            if self._gone.since(snapshot.asked_at) & {found.caller_channel, found.agent_channel}:
                continue
            if (known_now := self._calls.get(found.call_id)) is not None:
                self._correct(known_now, found, snapshot.asked_at)
            else:
                self._calls[found.call_id] = found
                self._on_change(found.call_id)

    def _correct(self, known: Conversation, found: Conversation, asked_at: datetime) -> None:
        # A move or a ringing phone ends by its own deadline, and then knows better than the snapshot.
        if known.lock.locked() or known.state in (ThreewayState.CONSULT_RINGING, found.state):
            return
        if known.since >= asked_at:
            return
        log.info("three-way call reconciled", call_id=known.call_id, known=known.state.value, found=found.state.value)
        known.state, known.since = found.state, self._clock.now()
        self._on_change(known.call_id)


def conversations_in(snapshot: PhoneSnapshot, clock: Clock) -> list[Conversation]:
    """The conversations that Asterisk's channels show: in a room, or still bridged by app_queue."""
    found = []
    for caller in snapshot.channels:
        if not caller.call_id or caller.application == "AppQueue":
            continue
        if caller.context in (Context.CALLER, Context.CALLER_HOLD):
            legs = [c for c in snapshot.channels if c.extension == caller.extension and c is not caller]
            agent = _in(legs, Context.STAFF)
            specialist = _in(legs, Context.SPECIALIST, Context.SPECIALIST_HOLD)
            ringing = _ringing_leg(snapshot, caller, agent)
        elif caller.application == "Queue" and caller.bridge_id:
            agent = next((c for c in snapshot.channels if c.bridge_id == caller.bridge_id and c is not caller), None)
            specialist, ringing = None, ""
        else:
            continue
        if agent is None:
            continue
        found.append(
            Conversation(
                call_id=caller.call_id,
                agent=agent_number(endpoint_in(agent.name)),
                caller_channel=caller.name,
                agent_channel=agent.name,
                since=clock.now(),
                state=_state(caller, specialist),
                specialist_channel=specialist.name if specialist else "",
                specialist_leg=specialist.unique_id if specialist else ringing,
            )
        )
    return found


def _needed(c: Conversation) -> tuple[str, ...]:
    """The legs without which the conversation is over."""
    match c.state:
        case ThreewayState.WITHOUT_AGENT:
            return (c.caller_channel,)
        case ThreewayState.WITHOUT_CALLER:
            return (c.agent_channel,)
        case _:
            return c.caller_channel, c.agent_channel


def _ringing_leg(snapshot: PhoneSnapshot, caller: Channel, agent: Channel | None) -> str:
    """The specialist's leg that has not answered yet; who asked for it is gone, so it will be hung up."""
    for c in snapshot.channels:
        if c.call_id == caller.call_id and c is not caller and c is not agent and c.state != "Up":
            return c.unique_id
    return ""


def _state(caller: Channel, specialist: Channel | None) -> ThreewayState:
    if specialist is None:
        return ThreewayState.RETURNING if caller.context == Context.CALLER_HOLD else ThreewayState.TALKING
    if caller.context == Context.CALLER_HOLD:
        return ThreewayState.CONSULTING
    return ThreewayState.TOGGLED if specialist.context == Context.SPECIALIST_HOLD else ThreewayState.MERGED


def _in(legs: Iterable[Channel], *contexts: str) -> Channel | None:
    return next((leg for leg in legs if leg.context in contexts), None)


async def _recall_specialist(c: Conversation, switchboard: Switchboard, directory: SpecialistDirectory) -> None:
    """Who the specialist is, from the variable we set when dialling. Leaves it unknown where that fails."""
    try:
        value = await switchboard.get_variable(c.specialist_channel, ServiceVariable.SPECIALIST)
        specialist_id, _, index = value.rpartition(":")
        if specialist_id and index.isdecimal():
            c.specialist = await directory.phone(specialist_id, int(index))
    except (PhoneError, HotlineError) as error:
        log.warning("specialist of a running call is unknown", call_id=c.call_id, error_id=error.error_id)
