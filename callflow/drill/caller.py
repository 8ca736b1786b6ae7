"""A simulated caller at a real line: what is pressed at each question, and what happens at a queue."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from callflow.simulate.caller import CallerAnswer, DialBehaviour, SimulatedCaller
from callflow.simulate.queues import ABANDONED, PlannedStay, QueueScript
from hotline.kernel.clock import Clock
from hotline.kernel.tasks import TaskOwner
from ivr.digits import CLOSING_KEY, CLOSING_TIME
from ivr.errors import PhoneError
from ivr.telephony import DialOutcome

_REACTION = timedelta(milliseconds=300)
"""From the beginning of a question to its first key: the prompts need not be heard out to be told apart."""
_BETWEEN_KEYS = timedelta(milliseconds=200)
_TICK = timedelta(milliseconds=200)


class DrillLine(Protocol):
    """The caller's end of the call."""

    async def press(self, key: str) -> None: ...

    async def hang_up(self) -> None: ...


class DrillCaller:
    """Answers questions and presses keys on `line`. `close()` when the call is over."""

    def __init__(self, caller: SimulatedCaller, line: DrillLine, clock: Clock) -> None:
        self.hung_up = False
        self._caller = caller
        self._line = line
        self._clock = clock
        self._answers = deque(caller.answers)
        self._queues = QueueScript(caller.queues)
        self._dials = deque(caller.dials)
        self._tasks = TaskOwner("drill-caller")
        self._began = clock.monotonic()
        self._skipped = 0.0
        self._pressed_at = float("-inf")

    def begin(self) -> None:
        """The call is answered: times of keys count from here."""
        self._began = self._clock.monotonic()
        for timed in self._caller.keys:
            self._spawn(self._at(timed.at, lambda keys=timed.press: self._press(keys)))  # type: ignore[misc]
        if self._caller.hangs_up_at is not None:
            self._spawn(self._at(self._caller.hangs_up_at, self.hang_up))

    async def close(self) -> None:
        await self._tasks.close()

    def question(self) -> None:
        """A question begins."""
        if self._answers:
            self._spawn(self._answer(self._answers.popleft()))

    def queue(self, queue: str, timeout: timedelta | None, *, exists: bool) -> PlannedStay:
        """How the stay ends. Its time passes at once; `ABANDONED` where the caller does not come back from it."""
        stay = self._queues.visit(queue, timeout, exists=exists)
        talk = stay.behaviour.talk if stay.outcome == "answered" else 0.0
        self._skipped += stay.waits + talk
        leaves = self._caller.hangs_up_at
        gone = (leaves is not None and self._elapsed() >= leaves) or (talk and stay.behaviour.ended_by == "caller")
        return PlannedStay(ABANDONED, stay.waits, stay.behaviour) if gone else stay

    def dial(self, limit: timedelta) -> str:
        """How calling somebody else ends, who may ring for `limit`: an outcome of the telephony, or `ABANDONED`."""
        behaviour = self._dials.popleft() if len(self._dials) > 1 else next(iter(self._dials), DialBehaviour())
        if behaviour.after > limit.total_seconds() and behaviour.outcome in (DialOutcome.ANSWERED, ABANDONED):
            return DialOutcome.NO_ANSWER.value
        if behaviour.outcome == DialOutcome.ANSWERED and behaviour.ended_by == "caller":
            return ABANDONED
        return str(behaviour.outcome)

    async def hang_up(self) -> None:
        self.hung_up = True
        await self._line.hang_up()

    # --- inner ------------------------------------------------------------------------------------------

    def _spawn(self, work: Awaitable[None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except PhoneError:
                pass  # The call has ended meanwhile, which the record shows.

        self._tasks.spawn(guarded(), name="act")

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._began + self._skipped

    async def _at(self, moment: float, act: Callable[[], Awaitable[None]]) -> None:
        while self._elapsed() < moment:
            await self._clock.sleep(min(_TICK, timedelta(seconds=moment - self._elapsed())))
        await act()

    async def _answer(self, answer: CallerAnswer) -> None:
        wait = _REACTION if answer.after is None else timedelta(seconds=answer.after)
        if answer.press.startswith(CLOSING_KEY):
            # Sooner it would close the key before.
            since = self._clock.monotonic() - self._pressed_at
            wait = max(wait, CLOSING_TIME + _REACTION - timedelta(seconds=min(since, 60)))
        await self._clock.sleep(wait)
        if answer.hang_up:
            await self.hang_up()
        await self._press(answer.press)

    async def _press(self, keys: str) -> None:
        for index, key in enumerate(keys):
            if index:
                await self._clock.sleep(_BETWEEN_KEYS)
            self._pressed_at = self._clock.monotonic()
            await self._line.press(key)
