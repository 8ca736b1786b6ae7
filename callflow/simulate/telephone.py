"""`Telephony` without a telephone: time passes in numbers, and a simulated caller listens and presses."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NoReturn

from callflow.lint.world import World, digit_seconds
from callflow.simulate.caller import LONGEST_CALL, CallerAnswer, DialBehaviour, QueueBehaviour, SimulatedCaller
from callflow.simulate.queues import ABANDONED, QueueScript
from callflow.simulate.record import DialStay, EndedBy, HeardPart, QueueStay, SimulatedCall
from ivr.digits import CLOSING_KEY
from ivr.errors import CallEndedError
from ivr.queue_visit import QueueVisit
from ivr.session import CallSession
from ivr.telephony import (
    Collected,
    DialledCall,
    DialOutcome,
    DialRequest,
    QueueOutcome,
    QueueRequest,
    QueueResult,
    RecordedMessage,
    SpeechKind,
    SpeechParts,
)

MOST_COMMANDS = 2000
"""Of one call; a flow in circles that takes no time ends here."""
_BETWEEN_KEYS = 0.4
_REACTION = 0.3
"""After a question is over, until the key."""
AGENT = "1001"
Offered = Callable[[Sequence[SpeechParts], bool], None]


def not_noted(speech: Sequence[SpeechParts], question: bool) -> None:
    """Where nobody asks what was begun to be said."""


class SimulatedClock:
    """Moves when something takes time."""

    def __init__(self, begins: datetime) -> None:
        self._begins = begins
        self.elapsed = 0.0

    def now(self) -> datetime:
        return self._begins + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, delay: timedelta) -> None:
        self.elapsed += max(0.0, delay.total_seconds())


class SimulatedTelephony:
    """Speech takes as long as its sound; keys are taken as `ivr.digits` takes them. Never waits in real time."""

    back = False
    away = False

    def __init__(
        self,
        caller: SimulatedCaller,
        world: World,
        clock: SimulatedClock,
        session: CallSession,
        call: SimulatedCall,
        offered: Offered = not_noted,
    ) -> None:
        """`offered` is called with all that a node begins to say, heard out or not, and whether it waits for keys."""
        self._caller = caller
        self._world = world
        self._clock = clock
        self._session = session
        self._call = call
        self._language = caller.language
        self._answers = deque(caller.answers)
        self._queues = QueueScript(caller.queues)
        self._dials = deque(caller.dials)
        self._dialled = ""
        self._presses = deque(
            sorted((timed.at + index * 0.1, key) for timed in caller.keys for index, key in enumerate(timed.press))
        )
        self._leaves = caller.hangs_up_at
        self._commands = 0
        self._offered = offered
        self._asking = False

    # --- what a replay says of the caller ---------------------------------------------------------------

    def will_answer(self, answers: Iterable[CallerAnswer]) -> None:
        """From now on, instead of what the caller had in store."""
        self._answers = deque(answers)

    def will_leave(self, after: float) -> None:
        """They hang up so many seconds from now, whatever happens then."""
        self._leaves = self._clock.elapsed + after

    def wait(self, seconds: float) -> None:
        """Let time pass without a sound. Raises `CallEndedError`."""
        self._pass(seconds)

    def end(self, by: EndedBy) -> NoReturn:
        """Raises `CallEndedError`."""
        self._end(by)

    # --- time -------------------------------------------------------------------------------------------

    def _end(self, by: EndedBy) -> NoReturn:
        self._call.ended_by = by
        self._session.caller_hung_up = by != "flow"
        raise CallEndedError("The simulated call is over.")

    def _command(self) -> None:
        self._commands += 1
        if self._commands > MOST_COMMANDS:
            self._end("limit")
        self._pass(0.0)

    def _pass(self, seconds: float) -> None:
        """Let time pass; the caller may hang up in it."""
        until = self._clock.elapsed + max(0.0, seconds)
        leaves = self._leaves
        if leaves is not None and until >= leaves:
            self._clock.elapsed = max(self._clock.elapsed, leaves)
            self._end("caller")
        if until > LONGEST_CALL.total_seconds():
            self._clock.elapsed = LONGEST_CALL.total_seconds()
            self._end("limit")
        self._clock.elapsed = until

    def _listen(self, seconds: float, *, until_key: bool, ignored: str = "") -> bool:
        """Let time pass and take in keys; whether one cut it short. A key in `ignored` cuts nothing."""
        until = self._clock.elapsed + max(0.0, seconds)
        while self._presses and self._presses[0][0] <= until:
            at, key = self._presses.popleft()
            self._pass(at - self._clock.elapsed)
            self._session.digits.pressed(key)
            if until_key and key not in ignored:
                return True
        self._pass(until - self._clock.elapsed)
        return False

    # --- speech and keys --------------------------------------------------------------------------------

    async def answer(self) -> None:
        self._command()

    async def set_language(self, language: str) -> None:
        self._command()
        self._language = "en" if language == "en" else "zh"

    async def play(self, *speech: SpeechParts, interruptible: bool = True) -> None:
        if not self._asking and not (interruptible and self._session.digits):
            self._offered(speech, False)
        for part in speech:
            if interruptible and self._session.digits:
                return
            self._command()
            whole, words = self._sound(part)
            began = self._clock.elapsed
            ignored = CLOSING_KEY if self._session.digits.closing else ""
            try:
                self._listen(whole, until_key=interruptible, ignored=ignored)
            finally:
                heard = HeardPart(part.text, round(self._clock.elapsed - began, 2), round(whole, 2), words)
                self._call.steps[-1].heard.append(heard)

    def _sound(self, part: SpeechParts) -> tuple[float, str]:
        if part.kind is not SpeechKind.PROMPT:
            return digit_seconds(len(part.text)), part.text
        sound = self._world.sound(part.text, self._language)
        return self._world.seconds(part.text, self._language), sound.text if sound else ""

    async def collect(
        self, *speech: SpeechParts, max_digits: int, patience: timedelta, terminator: str = CLOSING_KEY
    ) -> Collected:
        self._command()
        digits = self._session.digits
        if not digits.complete(max_digits, terminator):
            self._answer_to(speech, patience)
        if not digits:
            self._offered(speech, True)
        self._asking = True
        await self.play(*speech)
        self._asking = False
        timed_out = False
        while not timed_out and not digits.complete(max_digits, terminator):
            timed_out = not self._listen(patience.total_seconds(), until_key=True)
        taken = digits.take(max_digits, terminator)
        return Collected(taken, timed_out)

    def _answer_to(self, speech: tuple[SpeechParts, ...], patience: timedelta) -> None:
        """What the caller does at this question, unless a key of a certain moment falls into it."""
        now = self._clock.elapsed
        ends = now + (0.0 if self._session.digits else sum(self._sound(part)[0] for part in speech))
        if self._session.digits or (self._presses and self._presses[0][0] <= ends + patience.total_seconds()):
            return
        if not self._answers:
            return
        answer = self._answers.popleft()
        if answer.hang_up:
            self._pass(ends - now)
            self._end("caller")
        begins = ends + _REACTION if answer.after is None else now + answer.after
        for index, key in enumerate(answer.press):
            self._presses.append((begins + index * _BETWEEN_KEYS, key))
        self._presses = deque(sorted(self._presses, key=lambda press: press[0]))

    def typed_ahead(self) -> str:
        return self._session.digits.waiting

    def forget_keys(self) -> None:
        self._session.digits.clear()

    # --- queues -----------------------------------------------------------------------------------------

    def queue_visit(self) -> QueueVisit | None:
        return self._session.queue_visit

    async def to_queue(self, request: QueueRequest) -> QueueResult:
        self._command()
        self._session.queue_visit = QueueVisit(request.queue)
        exists = self._world.queues is None or request.queue in self._world.queues
        planned = self._queues.visit(request.queue, request.timeout, exists=exists)
        return self._stay(request, planned.behaviour, planned.outcome, planned.waits)

    def _stay(self, request: QueueRequest, behaviour: QueueBehaviour, outcome: str, waited: float) -> QueueResult:
        began = self._clock.elapsed
        answered = outcome == QueueOutcome.ANSWERED
        said, waits, talks = outcome, 0.0, 0.0
        try:
            self._wait(request.queue, waited, answered=answered)
            waits = self._clock.elapsed - began
            if outcome == ABANDONED:
                self._end("caller")
            if answered:
                self._talk(request.queue, behaviour)
        except CallEndedError:
            said = "answered" if answered and self._clock.elapsed - began >= waited else ABANDONED
            raise
        finally:
            elapsed = self._clock.elapsed - began
            waits = waits or elapsed
            talks = elapsed - waits
            stay = (request.queue, request.node, round(began, 1), said, round(waits, 1), round(talks, 1))
            self._call.stays.append(QueueStay(*stay, request.priority))
        self._session.digits.clear()
        return QueueResult(
            outcome=QueueOutcome(outcome),
            agent=AGENT if answered else "",
            waited=timedelta(seconds=waits),
            talked=timedelta(seconds=talks),
        )

    def _wait(self, queue: str, seconds: float, *, answered: bool) -> None:
        self._session.queue_visit = QueueVisit(queue, joined=True)
        self._pass(seconds)
        agent = AGENT if answered else ""
        self._session.queue_visit = QueueVisit(queue, joined=True, agent=agent, waited=round(seconds))

    def _talk(self, queue: str, behaviour: QueueBehaviour) -> None:
        self._pass(behaviour.talk)
        waited = round(behaviour.after)
        visit = QueueVisit(queue, True, AGENT, waited=waited, talked=round(behaviour.talk), ended_by=behaviour.ended_by)
        self._session.queue_visit = visit
        if behaviour.ended_by == "caller":
            self._end("caller")

    # --- other people's phones --------------------------------------------------------------------------

    async def dial(self, request: DialRequest) -> DialledCall:
        self._command()
        self._dialled = ""
        behaviour = self._dials.popleft() if len(self._dials) > 1 else next(iter(self._dials), DialBehaviour())
        began, limit = self._clock.elapsed, request.ring.total_seconds() * len(request.phones)
        outcome, rings = str(behaviour.outcome), min(behaviour.after, limit)
        if outcome in (DialOutcome.ANSWERED, "abandoned") and behaviour.after > limit:
            outcome = DialOutcome.NO_ANSWER.value
        waits = 0.0
        try:
            self._pass(rings)
            waits = rings
            if outcome == "abandoned":
                self._end("caller")
            if outcome == DialOutcome.ANSWERED:
                self._dialled = request.phones[0].owner
                self._pass(min(behaviour.talk, request.longest.total_seconds()))
                if behaviour.ended_by == "caller":
                    self._end("caller")
        except CallEndedError:
            outcome = outcome if self._dialled else "abandoned"
            raise
        finally:
            waits = waits or self._clock.elapsed - began
            talks = self._clock.elapsed - began - waits
            stay = (round(began, 1), outcome, round(waits, 1), round(talks, 1))
            self._call.dials.append(DialStay(request.node, *stay))
        self._session.digits.clear()
        return DialledCall(
            outcome=DialOutcome(outcome),
            owner=self._dialled,
            waited=timedelta(seconds=waits),
            talked=timedelta(seconds=talks),
        )

    def dialled(self) -> str:
        return self._dialled

    # --- the rest ---------------------------------------------------------------------------------------

    async def record(self, file: str, *, longest: timedelta, silence: timedelta, stop_keys: str) -> RecordedMessage:
        self._command()
        spoken = min(self._caller.message, longest.total_seconds())
        quiet = 0.0 if spoken >= longest.total_seconds() else silence.total_seconds()
        self._pass(spoken + quiet)
        self._session.digits.clear()
        return RecordedMessage(file=f"{file}.wav", length=timedelta(seconds=spoken), key="")

    async def check(self) -> None:
        self._pass(0.0)

    async def hang_up(self) -> None:
        """End it; the flow itself returns afterwards."""
