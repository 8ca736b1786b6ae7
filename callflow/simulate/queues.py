"""How a simulated caller's stays in queues end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from callflow.simulate.caller import QueueBehaviour
from ivr.telephony import QueueOutcome

ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class PlannedStay:
    """`outcome` as the queue action's, or `ABANDONED`; seconds of waiting, and of talk where it is answered."""

    outcome: str
    waits: float
    behaviour: QueueBehaviour


class QueueScript:
    """The caller's behaviours in turn; the last that fits a queue holds for all later visits."""

    def __init__(self, behaviours: Sequence[QueueBehaviour]) -> None:
        self._behaviours = list(behaviours)

    def visit(self, queue: str, timeout: timedelta | None, *, exists: bool) -> PlannedStay:
        """The next stay in `queue`, whose own `timeout` comes first where it is shorter."""
        behaviour = self._next(queue)
        outcome, waits = str(behaviour.outcome), behaviour.after
        if not exists:
            outcome, waits = QueueOutcome.UNAVAILABLE.value, 0.0
        limit = timeout.total_seconds() if timeout is not None else None
        if outcome in (QueueOutcome.ANSWERED, QueueOutcome.TIMED_OUT, ABANDONED) and limit is not None:
            if outcome == QueueOutcome.TIMED_OUT or waits > limit:
                outcome, waits = QueueOutcome.TIMED_OUT.value, limit
        elif outcome == QueueOutcome.TIMED_OUT:
            # Nobody comes, and the queue has no end: the caller gives up some time.
            outcome = ABANDONED
        return PlannedStay(outcome, waits, behaviour)

    def _next(self, queue: str) -> QueueBehaviour:
        for index, behaviour in enumerate(self._behaviours):
            if behaviour.queue in ("", queue):
                if any(other.queue in ("", queue) for other in self._behaviours[index + 1 :]):
                    del self._behaviours[index]
                return behaviour
        return QueueBehaviour()
