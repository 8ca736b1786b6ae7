"""A caller for the flow's tests: presses what the test says, and remembers what was said."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import timedelta

from ivr.errors import CallEndedError
from ivr.queue_visit import QueueVisit
from ivr.telephony import (
    Collected,
    DialledCall,
    DialOutcome,
    DialRequest,
    QueueOutcome,
    QueueRequest,
    QueueResult,
    RecordedMessage,
    SpeechParts,
)

SILENCE = ""
HANG_UP = "hang up"


class FakeTelephony:
    """`answers` are what the caller gives each question in turn; after the last one, silence.

    `ahead` is typed while the first prompts play; `queues` are the outcomes of queues in turn, `dials` of phones.
    """

    def __init__(
        self,
        answers: Iterable[str] = (),
        *,
        ahead: str = "",
        queues: Iterable[QueueOutcome | Exception] = (),
        recorded: RecordedMessage | None = None,
        dials: Iterable[DialOutcome | Exception] = (),
    ) -> None:
        self._answers = deque(answers)
        self._ahead = ahead
        self._queues = deque(queues)
        self._recorded = recorded
        self._dials = deque(dials)
        self._dialled = ""
        self.dialling: list[DialRequest] = []
        self.away = False
        self.language = "zh"
        self.visit: QueueVisit | None = None
        self.back = False
        self.said: list[str] = []
        self.queued: list[QueueRequest] = []
        self.hung_up = False
        self.on_play: deque[Exception | None] = deque()

    async def answer(self) -> None:
        return

    async def set_language(self, language: str) -> None:
        self.language = language

    async def play(self, *speech: SpeechParts, interruptible: bool = True) -> None:
        if self.on_play and (error := self.on_play.popleft()) is not None:
            raise error
        self.said += [item.text for item in speech]

    async def collect(
        self, *speech: SpeechParts, max_digits: int, patience: timedelta, terminator: str = "#"
    ) -> Collected:
        if self._ahead:
            digits, self._ahead = self._ahead[:max_digits], self._ahead[max_digits:]
            return Collected(digits, timed_out=False)
        self.said += [item.text for item in speech]
        answer = self._answers.popleft() if self._answers else SILENCE
        if answer == HANG_UP:
            raise CallEndedError("The caller hung up.")
        return Collected(answer, timed_out=not answer)

    def typed_ahead(self) -> str:
        return self._ahead

    def forget_keys(self) -> None:
        self._ahead = ""

    def queue_visit(self) -> QueueVisit | None:
        return self.visit

    async def to_queue(self, request: QueueRequest) -> QueueResult:
        self.queued.append(request)
        outcome = self._queues.popleft() if self._queues else QueueOutcome.ANSWERED
        if isinstance(outcome, Exception):
            raise outcome
        return QueueResult(outcome=outcome, agent="1001" if outcome is QueueOutcome.ANSWERED else "")

    async def dial(self, request: DialRequest) -> DialledCall:
        self.dialling.append(request)
        outcome = self._dials.popleft() if self._dials else DialOutcome.ANSWERED
        if isinstance(outcome, Exception):
            raise outcome
        answered = outcome is DialOutcome.ANSWERED and request.phones
        self._dialled = request.phones[0].owner if answered else ""
        return DialledCall(outcome=outcome, owner=self._dialled)

    def dialled(self) -> str:
        return self._dialled

    async def record(self, file: str, *, longest: timedelta, silence: timedelta, stop_keys: str) -> RecordedMessage:
        return self._recorded or RecordedMessage(file=f"{file}.wav", length=timedelta(seconds=4), key="#")

    async def check(self) -> None:
        return

    async def hang_up(self) -> None:
        self.hung_up = True
