"""Calls as the call path would tell of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from callflow.events import (
    CallArrived,
    CallEnded,
    CallIdentified,
    CallQueued,
    DigitsEntered,
    FlowStarted,
    NodeEntered,
    QueueLeft,
    SurveyAnswered,
)
from cti.events import AgentAnswered, AgentMissed, AgentRang, ConsultStarted, TalkEnded
from hotline.kernel.events import Event

NUMBER = "+8613912345678"


class CallStory:
    """Events of one call, each `seconds` after its beginning."""

    def __init__(
        self, call_id: str, began: datetime, *, number: str = NUMBER, name: str = "", entry: str = "trunk"
    ) -> None:
        self.call_id = call_id
        self._began = began
        self._number = number
        self._name = name
        self._entry = entry

    def at(self, seconds: float) -> datetime:
        return self._began + timedelta(seconds=seconds)

    def arrives(self) -> Event:
        return CallArrived(
            at=self.at(0),
            call_id=self.call_id,
            caller_number=self._number,
            caller_name=self._name,
            dialed="12345",
            entry=self._entry,
            channel="PJSIP/trunk-00000001",
        )

    def menu(self, seconds: float = 1, key: str = "1") -> list[Event]:
        at, call_id = self.at(seconds), self.call_id
        return [
            FlowStarted(at=at, call_id=call_id, flow="enterprise", version=3),
            NodeEntered(at=at, call_id=call_id, node="menu", action="menu", label="主菜单"),
            DigitsEntered(at=at, call_id=call_id, node="menu", digits=key),
        ]

    def is_known(self, enterprise_id: str = "e-1", name: str = "乌海市蒙西煤业有限公司") -> Event:
        return CallIdentified(
            at=self.at(0.5),
            call_id=self.call_id,
            enterprise_id=enterprise_id,
            contact_id="c-1",
            enterprise_name=name,
            contact_name="李雷",
        )

    def queues(self, seconds: float = 2, queue: str = "enterprise") -> Event:
        return CallQueued(at=self.at(seconds), call_id=self.call_id, queue=queue, priority=0)

    def rings(self, seconds: float, agent: str = "1001", queue: str = "enterprise") -> Event:
        return AgentRang(at=self.at(seconds), call_id=self.call_id, agent=agent, queue=queue)

    def misses(self, seconds: float, agent: str = "1001", queue: str = "enterprise") -> Event:
        return AgentMissed(
            at=self.at(seconds), call_id=self.call_id, agent=agent, queue=queue, rang_seconds=20.0, reason="timeout"
        )

    def answers(self, seconds: float, agent: str = "1001", queue: str = "enterprise", waited: int = 3) -> Event:
        return AgentAnswered(at=self.at(seconds), call_id=self.call_id, agent=agent, queue=queue, waited_seconds=waited)

    def consults(self, seconds: float = 30, agent: str = "1002", specialist_id: str = "s-1") -> Event:
        at = self.at(seconds)
        return ConsultStarted(
            at=at, call_id=self.call_id, agent=agent, specialist_id=specialist_id, specialist="李专员", unit="税务局"
        )

    def talk_ends(self, seconds: float, talked: int, agent: str = "1001", by: str = "agent") -> Event:
        return TalkEnded(
            at=self.at(seconds), call_id=self.call_id, agent=agent, queue="enterprise", talk_seconds=talked, by=by
        )

    def leaves_queue(self, seconds: float, outcome: str, *, waited: int, talked: int = 0, agent: str = "") -> Event:
        return QueueLeft(
            at=self.at(seconds),
            call_id=self.call_id,
            queue="enterprise",
            outcome=outcome,
            waited=waited,
            talked=talked,
            agent=agent,
        )

    def rates(self, seconds: float, rating: int = 1) -> Event:
        return SurveyAnswered(at=self.at(seconds), call_id=self.call_id, rating=rating)

    def ends(self, seconds: float, by: str = "caller", cause: int = 16) -> Event:
        return CallEnded(at=self.at(seconds), call_id=self.call_id, cause=cause, by=by, in_node="survey")

    def simple(self, agent: str = "1001") -> list[Event]:
        """Menu, key, queue, ring, talk of a minute, survey, goodbye."""
        return [
            self.arrives(),
            self.is_known(),
            *self.menu(),
            self.queues(),
            self.rings(3, agent),
            self.answers(5, agent),
            self.talk_ends(65, 60, agent),
            self.leaves_queue(65, "answered", waited=3, talked=60, agent=agent),
            self.rates(70),
            self.ends(72),
        ]
