"""What an action of a call flow may do with a call: the protocol, and its form over AsyncAGI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from ivr.agi import AgiResult, Keys, Verb, parse_keys
from ivr.desk import Stay
from ivr.errors import FlowRestartedError
from ivr.session import CallSession

LANGUAGES = ("zh", "en")
ALL_KEYS = "0123456789*#"
LONGEST_PROMPT = timedelta(minutes=3)
"""A prompt that plays longer is taken for a lost event."""
SHORT = timedelta(seconds=10)
"""For a command that plays nothing."""


class SpeechKind(StrEnum):
    PROMPT = "prompt"
    DIGITS = "digits"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Speech:
    """Something said to the caller: a prompt by its id, or digits one by one, or a number."""

    text: str
    kind: SpeechKind = SpeechKind.PROMPT


@dataclass(frozen=True, slots=True)
class Collected:
    """`digits` without the closing key; a `#` pressed alone is given as it is. `timed_out`: silence ended it."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """`key` is what ended it, "" at silence, at the limit or when the caller hung up."""

    file: str
    length: timedelta
    key: str


class PromptStore(Protocol):
    """Which prompts can be played."""

    def available(self, id: str, language: str) -> bool:
        """Whether the sound file is there; called before each playing, so it must be quick."""
        ...


class Telephony(Protocol):
    """Every method raises `CallEndedError` once the caller is gone, `FlowRestartedError` where AGI began anew."""

    async def answer(self) -> None:
        """Answer; a call answered already stays so, and costs no command."""
        ...

    async def set_language(self, language: str) -> None: ...

    async def play(self, *speech: Speech, interruptible: bool = True) -> None:
        """Say it all. A key interrupts the rest and waits, as type-ahead, for whoever collects next."""
        ...

    async def collect(self, *speech: Speech, max_digits: int, patience: timedelta, terminator: str = "#") -> Collected:
        """Say it, interruptible, and take up to `max_digits` keys; what was typed ahead comes first.

        `patience` counts from the end of the speech, and again from each key.
        """
        ...

    def typed_ahead(self) -> str:
        """Keys pressed that nobody has collected."""
        ...

    def forget_keys(self) -> None:
        """Drop what was typed ahead, as after an error."""
        ...

    @property
    def back(self) -> bool:
        """Whether the call is back from a desk that it was not sent to here; `to_queue` tells at once how it went."""
        ...

    def desk(self) -> Stay | None:
        """The present or last stay at a desk, as far as events have told; also after `CallEndedError`."""
        ...

    async def to_queue(self, request: QueueRequest) -> QueueResult:
        """Give the call to a desk and wait until it comes back."""
        ...

    async def record(self, file: str, *, longest: timedelta, silence: timedelta, stop_keys: str) -> Recorded:
        """Record the caller into `file` (a path without suffix) until silence, a stop key, or hang-up.

        What a caller said who then hung up counts: `check` tells whether the caller is still there.
        """
        ...

    async def check(self) -> None:
        """Raise what any other method would raise now; costs no command."""
        ...

    async def hang_up(self) -> None: ...


_OUTCOMES: Mapping[str, QueueOutcome] = {
    "CONTINUE": QueueOutcome.ANSWERED,
    "TIMEOUT": QueueOutcome.TIMED_OUT,
    "FULL": QueueOutcome.FULL,
    "JOINEMPTY": QueueOutcome.NO_AGENTS,
    "LEAVEEMPTY": QueueOutcome.NO_AGENTS,
    "JOINUNAVAIL": QueueOutcome.NO_AGENTS,
    "LEAVEUNAVAIL": QueueOutcome.NO_AGENTS,
    "WITHDRAW": QueueOutcome.WITHDRAWN,
}


def queue_result(arguments: Mapping[str, str]) -> QueueResult:
    """What the dialplan's arguments say of the stay in the queue that is over."""
    return QueueResult(
        outcome=_OUTCOMES.get(arguments.get("status", ""), QueueOutcome.UNAVAILABLE),
        agent=arguments.get("agent", ""),
        waited=_seconds(arguments.get("waited", "")),
        talked=_seconds(arguments.get("talked", "")),
    )


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=int(text)) if text.isdecimal() else timedelta(0)


class AgiTelephony:
    """`Telephony` over one `CallSession`."""

    def __init__(self, session: CallSession, prompts: PromptStore, *, language: str = "zh") -> None:
        self._session = session
        self._prompts = prompts
        self._language = language
        self._broken: set[str] = set()

    async def answer(self) -> None:
        # The dialplan answers before AGI: with media running, commands are carried out at once.
        return

    async def set_language(self, language: str) -> None:
        await self._session.run(Verb.SET_VARIABLE, "CHANNEL(language)", language, within=SHORT)
        self._language = language

    def typed_ahead(self) -> str:
        return self._session.digits.waiting

    def forget_keys(self) -> None:
        self._session.digits.clear()

    async def play(self, *speech: Speech, interruptible: bool = True) -> None:
        for item in speech:
            if interruptible and self._session.digits:
                return
            await self._say(item, ALL_KEYS if interruptible else "")

    async def collect(self, *speech: Speech, max_digits: int, patience: timedelta, terminator: str = "#") -> Collected:
        digits = self._session.digits
        # The last prompt is played by GET DATA itself: one command between a digit and what follows it.
        last = speech[-1] if speech and speech[-1].kind is SpeechKind.PROMPT else None
        await self.play(*(speech[:-1] if last else speech))
        timed_out = False
        if not digits.complete(max_digits, terminator):
            prompt = "" if last is None or digits else self._path(last.text)
            timed_out = await self._get_data(prompt, max_digits - len(digits), patience, max_digits, terminator)
        return Collected(digits.take(max_digits, terminator), timed_out)

    async def _get_data(self, prompt: str, max_digits: int, patience: timedelta, whole: int, terminator: str) -> bool:
        digits = self._session.digits

        def enough() -> bool:
            return digits.complete(whole, terminator)

        try:
            keys = await self._ask(prompt, max_digits, patience, enough)
            if keys.failed and prompt:
                self._broken.add(prompt)
                keys = await self._ask("", max_digits, patience, enough)
        except FlowRestartedError:
            if enough():
                return False
            raise
        digits.answered(keys.digits)
        return keys.timed_out or keys.failed

    async def _ask(self, prompt: str, max_digits: int, patience: timedelta, enough: Callable[[], bool]) -> Keys:
        milliseconds = round(patience.total_seconds() * 1000)
        result = await self._session.run(
            Verb.GET_DATA, prompt, milliseconds, max_digits, within=LONGEST_PROMPT + patience, enough=enough
        )
        return parse_keys(result, max_digits)

    async def _say(self, item: Speech, stop_keys: str) -> None:
        match item.kind:
            case SpeechKind.DIGITS:
                result = await self._session.run(Verb.SAY_DIGITS, item.text, stop_keys, within=LONGEST_PROMPT)
            case SpeechKind.NUMBER:
                result = await self._session.run(Verb.SAY_NUMBER, item.text, stop_keys, within=LONGEST_PROMPT)
            case SpeechKind.PROMPT:
                if not (path := self._path(item.text)):
                    return
                result = await self._stream(path, stop_keys)
        self._session.digits.answered(result.digit)

    async def _stream(self, path: str, stop_keys: str) -> AgiResult:
        try:
            return await self._session.run(Verb.STREAM_FILE, path, stop_keys, within=LONGEST_PROMPT)
        except FlowRestartedError:
            if self._session.arguments.get("stage") != "failed":
                raise
            # The file was there and could not be played; Asterisk ended AGI over it. Never again in this call.
            self._broken.add(path)
            return AgiResult(200, "0")

    def _path(self, prompt: str) -> str:
        """The sound to play: in the caller's language, else in any; "" where there is none, which is silence."""
        for language in (self._language, *LANGUAGES):
            if self._prompts.available(prompt, language):
                folder = "" if language == self._language else f"{language}/"
                path = f"{folder}hotline/{prompt}"
                if path not in self._broken:
                    return path
        return ""

    @property
    def back(self) -> bool:
        return self._session.returned

    def desk(self) -> Stay | None:
        return self._session.desk

    async def to_queue(self, request: QueueRequest) -> QueueResult:
        seconds = "" if request.timeout is None else str(max(1, round(request.timeout.total_seconds())))
        variables = {"HOTLINE_QUEUE_PRIO": str(request.priority), "HOTLINE_QUEUE_TIMEOUT": seconds}
        return queue_result(await self._session.go_to_desk(request.queue, variables))

    async def record(self, file: str, *, longest: timedelta, silence: timedelta, stop_keys: str) -> Recorded:
        result = await self._session.run(
            Verb.RECORD_FILE,
            file,
            "wav",
            stop_keys,
            round(longest.total_seconds() * 1000),
            0,
            "BEEP",
            f"s={round(silence.total_seconds())}",
            within=longest + SHORT,
            last_words=True,
        )
        self._session.digits.clear()
        length = timedelta(seconds=result.samples / 8000)
        return Recorded(file=f"{file}.wav", length=length, key=result.digit)

    async def check(self) -> None:
        await self._session.ready()

    async def hang_up(self) -> None:
        await self._session.hang_up()
