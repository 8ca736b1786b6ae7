"""A call that app_queue gives to an agent, as Asterisk reports it."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.kernel.bus import Dispatcher
from ivr.events import (
    AgentCompleted,
    AgentConnected,
    AgentRinging,
    AgentRingTimedOut,
    ChannelHungUp,
    ChannelVariableSet,
    PhoneEvent,
)


@dataclass
class QueueCall:
    """A call at the enterprise desk, as app_queue reports it: `call.rings(); call.connects(); call.ends("agent")`."""

    phone: Dispatcher[PhoneEvent]
    call_id: str = "01890000-0000-7000-8000-000000000001"
    agent: str = "1001"
    interface: str = "PJSIP/1001-web"

    @property
    def leg(self) -> str:
        return f"{self.interface}-0000000a"

    def _fields(self) -> dict[str, str]:
        return {
            "channel": "PJSIP/trunk-00000001",
            "unique_id": "1.1",
            "call_id": self.call_id,
            "queue": "enterprise",
            "interface": self.interface,
            "member_name": self.agent,
        }

    def rings(self) -> None:
        self.phone.deliver(AgentRinging(**self._fields(), agent_channel=self.leg))

    def times_out(self) -> None:
        self.phone.deliver(AgentRingTimedOut(**self._fields(), rang_ms=20_000))
        self.hangs_up()

    def connects(self) -> None:
        self.phone.deliver(AgentConnected(**self._fields(), agent_channel=self.leg, waited=4, rang=3))

    def ends(self, by: str = "caller") -> None:
        self.completes(by)
        self.hangs_up()

    def completes(self, by: str) -> None:
        """app_queue's part is over; the agent's leg is still there."""
        self.phone.deliver(AgentCompleted(**self._fields(), agent_channel=self.leg, waited=4, talked=60, reason=by))

    def loses_the_agent(self) -> None:
        """As the dialplan says it when nothing is heard of the phone."""
        self.phone.deliver(
            ChannelVariableSet(
                channel="PJSIP/trunk-00000001",
                unique_id="1.1",
                call_id=self.call_id,
                variable="HOTLINE_LOST",
                value=self.agent,
            )
        )

    def hangs_up(self) -> None:
        """The agent's leg is gone."""
        self.phone.deliver(
            ChannelHungUp(channel=self.leg, unique_id="1.2", call_id=self.call_id, cause=16, cause_text="")
        )
