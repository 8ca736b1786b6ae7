"""One call under AGI control, its answers scripted by the test: a part of FakeSwitchboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ivr.events import (
    AgiCommandBegan,
    AgiCommandDone,
    AgiEnded,
    AgiStarted,
    ChannelHungUp,
    DigitPressed,
    HangupRequested,
    PhoneEvent,
)

CHANNEL = "PJSIP/trunk-00000001"
UNIQUE_ID = "1772442000.1"
CALL_ID = "0196a0b0-0000-7000-8000-000000000001"
IDS: dict[str, Any] = {"channel": CHANNEL, "unique_id": UNIQUE_ID, "call_id": CALL_ID}

Answer = Callable[[str, str], None]


class AgiCall:
    """`deliver` receives phone events; `answer(command, id)` decides the outcome of each AGI command.

    By default every command is answered at once with "200 result=0", and BREAK ends AGI.
    """

    def __init__(self, deliver: Callable[[PhoneEvent], None]) -> None:
        self.deliver = deliver
        self.answer: Answer = self.done
        self.commands: list[str] = []
        self.begun = False
        self.gone = False
        self.restarts = True
        """Whether a redirect to hotline-return starts AGI again."""
        self.reports_begin = True
        """Whether Asterisk reports at once that it began a GET DATA."""

    # --- what a test makes happen ---------------------------------------------------------------------

    def begin(self, *, ids: Mapping[str, Any] | None = None, **arguments: str) -> None:
        self.begun = True
        text = "/".join(f"{key}={value}" for key, value in ({"entry": "trunk", "stage": "start"} | arguments).items())
        self.deliver(
            AgiStarted(
                **(ids or IDS),
                caller_number="13904730001",
                caller_name="张三",
                context="hotline-flow",
                extension="s",
                priority=1,
                env={"dnid": "12345", "arg_1": text},
            )
        )

    def end(self) -> None:
        self.deliver(AgiEnded(**IDS))

    def press(self, digits: str) -> None:
        for digit in digits:
            self.deliver(DigitPressed(**IDS, digit=digit, duration_ms=100))

    def result(self, command_id: str, result: str) -> None:
        self.deliver(AgiCommandDone(**IDS, command_id=command_id, result=result))

    def caller_hangs_up(self) -> None:
        self.deliver(HangupRequested(**IDS, cause=16))
        self._hung_up(cause=0)
        self.gone = True

    def done(self, command: str, command_id: str) -> None:
        self.result(command_id, "200 result=0")
        if command == "ASYNCAGI BREAK":
            self.end()

    # --- what the switchboard passes on -----------------------------------------------------------------

    def run(self, command: str, command_id: str) -> None:
        self.commands.append(command)
        if command.startswith("GET DATA") and self.reports_begin:
            self.deliver(AgiCommandBegan(**IDS, command=command))
        self.answer(command, command_id)

    def redirected(self, context: str) -> None:
        if self.restarts and context == "hotline-return":
            self.end()
            self.begin(stage="resume")

    def hang_up(self) -> None:
        if self.begun:
            self._hung_up(cause=16)

    def _hung_up(self, *, cause: int) -> None:
        self.end()
        self.deliver(ChannelHungUp(**IDS, cause=cause, cause_text=""))
