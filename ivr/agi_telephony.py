"""`Telephony` over AsyncAGI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from ivr.agi import AgiResult, Keys, Verb, parse_keys
from ivr.dialplan import Context, FlowArgument, Stage, Variable
from ivr.digits import CLOSING_KEY
from ivr.errors import FlowRestartedError
from ivr.queue_visit import QueueVisit
from ivr.session import CallSession
from ivr.state import CallState
from ivr.switchboard import Place
from ivr.telephony import (
    Collected,
    DialledCall,
    DialOutcome,
    DialRequest,
    PromptPaths,
    QueueOutcome,
    QueueRequest,
    QueueResult,
    RecordedMessage,
    SpeechKind,
    SpeechParts,
)

LANGUAGES = ("zh", "en")
ALL_KEYS = "0123456789*#"
LONGEST_PROMPT = timedelta(minutes=3)
"""A prompt that plays longer is taken for a lost event."""
SHORT = timedelta(seconds=10)
"""For a command that plays nothing."""

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
        outcome=_OUTCOMES.get(arguments.get(FlowArgument.STATUS, ""), QueueOutcome.UNAVAILABLE),
        agent=arguments.get(FlowArgument.AGENT, ""),
        waited=_seconds(arguments.get(FlowArgument.WAITED, "")),
        talked=_seconds(arguments.get(FlowArgument.TALKED, "")),
    )


_DIALLED: Mapping[str, DialOutcome] = {
    "ANSWER": DialOutcome.ANSWERED,
    "BUSY": DialOutcome.BUSY,
    "NOANSWER": DialOutcome.NO_ANSWER,
    "CANCEL": DialOutcome.NO_ANSWER,
}


def dialled_call(arguments: Mapping[str, str]) -> DialledCall:
    """What the dialplan's arguments say of the dialling that is over."""
    return DialledCall(
        outcome=_DIALLED.get(arguments.get(FlowArgument.STATUS, ""), DialOutcome.FAILED),
        owner=arguments.get(FlowArgument.PHONE, ""),
        waited=_seconds(arguments.get(FlowArgument.WAITED, "")),
        talked=_seconds(arguments.get(FlowArgument.TALKED, "")),
    )


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=int(text)) if text.isdecimal() else timedelta(0)


class AgiTelephony:
    """`Telephony` over one `CallSession`."""

    def __init__(self, session: CallSession, prompts: PromptPaths, *, language: str = "zh") -> None:
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

    async def play(self, *speech: SpeechParts, interruptible: bool = True) -> None:
        for item in speech:
            if interruptible and self._session.digits:
                return
            await self._say(item, self._stop_keys() if interruptible else "")

    def _stop_keys(self) -> str:
        # A `#` that closes the key before must not cut what that key has led to.
        return ALL_KEYS.replace(CLOSING_KEY, "") if self._session.digits.closing else ALL_KEYS

    async def collect(
        self, *speech: SpeechParts, max_digits: int, patience: timedelta, terminator: str = CLOSING_KEY
    ) -> Collected:
        digits = self._session.digits
        # The last prompt is played by GET DATA itself: one command between a digit and what follows it. It always
        # ends at `#`, so not where one may come that belongs to the key before.
        whole = bool(speech) and speech[-1].kind is SpeechKind.PROMPT and not digits.closing
        last = speech[-1] if whole else None
        await self.play(*(speech[:-1] if last else speech))
        timed_out = False
        # Again after a `#` that closed the key before: it has ended GET DATA and is no answer.
        while not timed_out and not digits.complete(max_digits, terminator):
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

    async def _say(self, item: SpeechParts, stop_keys: str) -> None:
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
            if self._session.arguments.get(FlowArgument.STAGE) != Stage.FAILED:
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

    def queue_visit(self) -> QueueVisit | None:
        return self._session.queue_visit

    async def to_queue(self, request: QueueRequest) -> QueueResult:
        seconds = "" if request.timeout is None else str(max(1, round(request.timeout.total_seconds())))
        variables: dict[str, str] = {
            Variable.QUEUE_PRIORITY: str(request.priority),
            Variable.QUEUE_TIMEOUT: seconds,
            Variable.NODE: request.node,
        }
        return queue_result(await self._session.go_to_queue(request.queue, variables))

    async def dial(self, request: DialRequest) -> DialledCall:
        variables: dict[str, str] = {
            Variable.DIAL_PHONES: "&".join(phone.endpoint for phone in request.phones),
            Variable.DIAL_NAMES: "&".join(phone.owner for phone in request.phones),
            Variable.DIAL_RING: str(max(1, round(request.ring.total_seconds()))),
            Variable.DIAL_LONGEST: str(max(1, round(request.longest.total_seconds()))),
            Variable.DIAL_CONFIRM: "1" if request.confirm else "",
            Variable.NODE: request.node,
        }
        place = Place(context=Context.TO_DIAL, extension="s")
        return dialled_call(await self._session.leave(place, variables))

    def dialled(self) -> str:
        return self._session.dialled

    @property
    def away(self) -> bool:
        return self._session.returned or self._session.state is CallState.AT_QUEUE

    async def record(self, file: str, *, longest: timedelta, silence: timedelta, stop_keys: str) -> RecordedMessage:
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
        return RecordedMessage(file=f"{file}.wav", length=length, key=result.digit)

    async def check(self) -> None:
        await self._session.ready()

    async def hang_up(self) -> None:
        await self._session.hang_up()
