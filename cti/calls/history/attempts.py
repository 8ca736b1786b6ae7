"""Pure: folds what happened to a call at queues into its record: waits, rings, talks and holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callflow.events import CallQueued, QueueLeft
from cti.calls.history.record import Attempt, CallRecord
from cti.events import AgentAnswered, AgentLost, AgentMissed, AgentRang, HoldBegan, HoldEnded, TalkEnded
from hotline.kernel.events import Event


@dataclass(slots=True)
class _QueueWait:
    """One wait at a queue."""

    queue: str
    began: datetime
    waited: int | None = None


class Attempts:
    """The part of `Fold` that is about queues. `HANDLERS` names the method for each event."""

    def __init__(self, record: CallRecord) -> None:
        self._record = record
        self._waits: list[_QueueWait] = []
        self._holds: dict[str, datetime] = {}
        self.last_to_go = ""
        """Who ended the talk or the wait."""
        self.taken_up = False
        """Whether the last thing was that the service came back to the call."""

    def close(self, at: datetime) -> None:
        """The call has ended: so has what is still open."""
        for agent in list(self._holds):
            self._end_hold(agent, at)
        for wait in self._waits:
            if wait.waited is None:
                wait.waited = _seconds(wait.began, at)
        for attempt in self._record.attempts:
            if attempt.ended_at is not None:
                continue
            attempt.ended_at = at
            if attempt.answered_at is not None:
                attempt.talk_seconds = _seconds(attempt.answered_at, at)
            else:
                attempt.result = "withdrawn"
                attempt.rang_seconds = round(max(0.0, (at - attempt.rang_at).total_seconds()), 1)

    def sum_up(self) -> None:
        """Into the record's totals."""
        self._record.waited_seconds = sum(wait.waited or 0 for wait in self._waits)
        self._record.talk_seconds = sum(attempt.talk_seconds for attempt in self._record.attempts)

    # --- waits ------------------------------------------------------------------------------------------

    def queued(self, event: CallQueued) -> None:
        record = self._record
        if self.taken_up and self._waits and self._waits[-1].queue == event.queue:
            return  # The queue it is at already.
        record.queued_at = record.queued_at or event.at
        if record.answered_at is None:
            record.queue = event.queue
        self._waits.append(_QueueWait(event.queue, event.at))

    def queue_left(self, event: QueueLeft) -> None:
        if event.outcome == "abandoned":
            self.last_to_go = "caller"
        wait = self._open_wait(event.queue)
        known = event.outcome == "answered" and self._talked(event.agent)
        if wait is None and not known:
            wait = _QueueWait(event.queue, event.at - timedelta(seconds=event.waited + event.talked))
            self._waits.append(wait)
            self._record.queued_at = self._record.queued_at or wait.began
        if wait is not None:
            # A service that came back to a waiting caller counts from then on.
            waited = 0 if event.outcome == "answered" else _seconds(wait.began, event.at)
            wait.waited = max(event.waited, waited)
        if event.outcome == "answered" and event.agent and not known:
            self._add_talk(event.agent, event.queue, event.at, event.talked)

    # --- rings and talks --------------------------------------------------------------------------------

    def rang(self, event: AgentRang) -> None:
        self._record.attempts.append(Attempt(agent=event.agent, queue=event.queue, rang_at=event.at))

    def missed(self, event: AgentMissed) -> None:
        attempt = self._ringing(event.agent)
        if attempt is None:
            rang_at = event.at - timedelta(seconds=event.rang_seconds)
            attempt = Attempt(agent=event.agent, queue=event.queue, rang_at=rang_at)
            self._record.attempts.append(attempt)
        attempt.result, attempt.ended_at = event.reason, event.at
        attempt.rang_seconds = event.rang_seconds

    def answered(self, event: AgentAnswered) -> None:
        record = self._record
        attempt = self._ringing(event.agent)
        if attempt is None:
            attempt = Attempt(agent=event.agent, queue=event.queue, rang_at=event.at)
            record.attempts.append(attempt)
        attempt.answered_at, attempt.result = event.at, "answered"
        attempt.rang_seconds = round(max(0.0, (event.at - attempt.rang_at).total_seconds()), 1)
        record.answered_at = record.answered_at or event.at
        record.queue = event.queue
        self.last_to_go = ""
        began = event.at - timedelta(seconds=event.waited_seconds)
        record.queued_at = record.queued_at or began
        wait = self._open_wait(event.queue)
        if wait is None:
            self._waits.append(wait := _QueueWait(event.queue, began))
        wait.waited = event.waited_seconds

    def talk_ended(self, event: TalkEnded) -> None:
        self._end_hold(event.agent, event.at)
        self.last_to_go = event.by if event.by in ("caller", "agent") else ""
        attempt = self._talking(event.agent)
        if attempt is None:
            self._add_talk(event.agent, event.queue, event.at, event.talk_seconds)
        else:
            attempt.ended_at, attempt.talk_seconds = event.at, event.talk_seconds
            if attempt.result == "lost":
                self.last_to_go = ""

    def agent_lost(self, event: AgentLost) -> None:
        self.last_to_go = ""
        for attempt in reversed(self._record.attempts):
            if attempt.agent == event.agent and attempt.answered_at is not None:
                attempt.result = "lost"
                return

    def _add_talk(self, agent: str, queue: str, ended: datetime, talked: int) -> None:
        """A talk without an event of its beginning."""
        record = self._record
        began = ended - timedelta(seconds=talked)
        attempt = Attempt(
            agent=agent,
            queue=queue,
            rang_at=began,
            answered_at=began,
            ended_at=ended,
            result="answered",
            talk_seconds=talked,
        )
        record.attempts.append(attempt)
        record.answered_at = record.answered_at or began
        record.queue = queue or record.queue

    def hold_began(self, event: HoldBegan) -> None:
        self._holds.setdefault(event.agent, event.at)

    def hold_ended(self, event: HoldEnded) -> None:
        self._end_hold(event.agent, event.at)

    def _end_hold(self, agent: str, at: datetime) -> None:
        began = self._holds.pop(agent, None)
        if began is not None:
            self._record.hold_seconds += _seconds(began, at)

    def _open_wait(self, queue: str) -> _QueueWait | None:
        """The oldest wait at this queue that has not ended."""
        waiting = [wait for wait in self._waits if wait.queue == queue and wait.waited is None]
        return waiting[0] if waiting else None

    def _ringing(self, agent: str) -> Attempt | None:
        return next((a for a in reversed(self._record.attempts) if a.agent == agent and a.result == "ringing"), None)

    def _talking(self, agent: str) -> Attempt | None:
        attempts = reversed(self._record.attempts)
        return next((a for a in attempts if a.agent == agent and a.answered_at and a.ended_at is None), None)

    def _talked(self, agent: str) -> bool:
        return any(a.agent == agent and a.answered_at is not None for a in self._record.attempts)


def _seconds(began: datetime, ended: datetime) -> int:
    return max(0, int((ended - began).total_seconds()))


HANDLERS: Mapping[type[Event], Callable[[Attempts, Any], None]] = {
    CallQueued: Attempts.queued,
    QueueLeft: Attempts.queue_left,
    AgentRang: Attempts.rang,
    AgentMissed: Attempts.missed,
    AgentAnswered: Attempts.answered,
    AgentLost: Attempts.agent_lost,
    TalkEnded: Attempts.talk_ended,
    HoldBegan: Attempts.hold_began,
    HoldEnded: Attempts.hold_ended,
}
