"""What an action of a call flow may do with a call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from ivr.queue_visit import QueueVisit


class SpeechKind(StrEnum):
    PROMPT = "prompt"
    DIGITS = "digits"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class SpeechParts:
    """Something said to the caller: a prompt by its id, or digits one by one, or a number."""

    text: str
    kind: SpeechKind = SpeechKind.PROMPT


@dataclass(frozen=True, slots=True)
class Collected:
    """`digits` without the closing key, nor one that closed the entry before; a `#` alone is given as it is.

    `timed_out`: silence ended it.
    """

    digits: str
    timed_out: bool


class QueueOutcome(StrEnum):
    ANSWERED = "answered"
    """An agent talked and has hung up; the caller is still there."""
    TIMED_OUT = "timed_out"
    FULL = "full"
    NO_AGENTS = "no_agents"
    WITHDRAWN = "withdrawn"
    """The service took the caller out of the queue, for instance to call back."""
    UNAVAILABLE = "unavailable"
    """There is no such queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRequest:
    queue: str
    node: str = ""
    """The flow's node that asks; the dialplan carries it, for a service that starts while the caller waits."""
    priority: int = 0
    """Higher goes first."""
    timeout: timedelta | None = None
    """None waits until an agent is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueResult:
    outcome: QueueOutcome
    agent: str = ""
    waited: timedelta = timedelta(0)
    talked: timedelta = timedelta(0)


class DialOutcome(StrEnum):
    """How dialling somebody who is no agent of a queue ended; the caller is still there."""

    ANSWERED = "answered"
    """They talked, and the other side has hung up."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    """Not reached: no such number, no line, a phone that is not registered."""


@dataclass(frozen=True, slots=True)
class DialledPhone:
    """`endpoint` as Dial names it; `owner`, of letters, digits and hyphens, is whose it is, for `DialledCall`."""

    endpoint: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialRequest:
    phones: tuple[DialledPhone, ...]
    """One, or with `confirm` several."""
    node: str
    ring: timedelta
    """Each phone's."""
    longest: timedelta
    """The talk ends here at the latest."""
    confirm: bool = False
    """They ring in turn, and who answers presses a key before they are joined; the caller hears music meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialledCall:
    outcome: DialOutcome
    owner: str = ""
    """Of the phone that answered."""
    waited: timedelta = timedelta(0)
    talked: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedMessage:
    """`key` is what ended it, "" at silence, at the limit or when the caller hung up."""

    file: str
    length: timedelta
    key: str


class PromptPaths(Protocol):
    """Which prompts can be played."""

    def available(self, id: str, language: str) -> bool:
        """Whether the sound file is there; called before each playing, so it must be quick."""
        ...


class Telephony(Protocol):
    """Every method raises `CallEndedError` once the caller is gone, `FlowRestartedError` if AGI restarted."""

    async def answer(self) -> None:
        """Answer; a call answered already stays so, and costs no command."""
        ...

    async def set_language(self, language: str) -> None: ...

    async def play(self, *speech: SpeechParts, interruptible: bool = True) -> None:
        """Say it all. A key interrupts the rest and waits, as type-ahead, for whoever collects next."""
        ...

    async def collect(
        self, *speech: SpeechParts, max_digits: int, patience: timedelta, terminator: str = "#"
    ) -> Collected:
        """Say it, interruptible, and take up to `max_digits` keys; what was typed ahead comes first.

        `patience` counts from the end of the speech, and again from each key.
        """
        ...

    def typed_ahead(self) -> str:
        """Keys pressed and not collected yet."""
        ...

    def forget_keys(self) -> None:
        """Drop what was typed ahead, as after an error."""
        ...

    @property
    def back(self) -> bool:
        """Whether the call is back from a queue that it was not sent to here; `to_queue` then returns at once."""
        ...

    def queue_visit(self) -> QueueVisit | None:
        """The current or last visit to a queue, as far as events show; also after `CallEndedError`."""
        ...

    async def to_queue(self, request: QueueRequest) -> QueueResult:
        """Give the call to a queue and wait until it comes back."""
        ...

    async def dial(self, request: DialRequest) -> DialledCall:
        """Have the caller talk with one of these phones and wait until they come back, as with a queue."""
        ...

    def dialled(self) -> str:
        """The owner of the phone that has answered in the current or last `dial`; also after `CallEndedError`."""
        ...

    @property
    def away(self) -> bool:
        """Whether the dialplan has the caller, or has brought them back from where they were not sent here.

        `to_queue` and `dial` then wait for them, or return at once; nothing can be said before.
        """
        ...

    async def record(self, file: str, *, longest: timedelta, silence: timedelta, stop_keys: str) -> RecordedMessage:
        """Record the caller into `file` (a path without suffix) until silence, a stop key, or hang-up.

        What a caller said who then hung up counts: `check` shows whether the caller is still there.
        """
        ...

    async def check(self) -> None:
        """Raise what any other method would raise now; costs no command."""
        ...

    async def hang_up(self) -> None: ...
