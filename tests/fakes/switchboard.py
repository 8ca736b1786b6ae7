"""A switchboard that answers from memory: for one call in AGI, with its answers scripted by the test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.errors import ChannelGoneError, PhoneUnavailableError
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
from ivr.switchboard import DialResult, PhoneSnapshot, Place

CHANNEL = "PJSIP/trunk-00000001"
UNIQUE_ID = "1772442000.1"
CALL_ID = "0196a0b0-0000-7000-8000-000000000001"
IDS: dict[str, Any] = {"channel": CHANNEL, "unique_id": UNIQUE_ID, "call_id": CALL_ID}

Answer = Callable[[str, str], None]


LATEST = datetime.max.replace(tzinfo=UTC)
"""A snapshot asked for at this time is newer than all that was heard."""


class FakeSwitchboard:
    """`on_event` gets phone events; `answer(command, id)` decides what becomes of each AGI command.

    Left alone, every command is answered at once by "200 result=0", and BREAK ends AGI.
    """

    def __init__(self, on_event: Callable[[PhoneEvent], None]) -> None:
        self.on_event = on_event
        self.answer: Answer = self.done
        self.ready = True
        self.gone = False
        self.commands: list[str] = []
        self.actions: list[tuple[Any, ...]] = []
        self.variables: dict[tuple[str, str], str] = {}
        self.present: PhoneSnapshot = PhoneSnapshot(
            asked_at=LATEST, started="", channels=(), members=(), entries=(), rooms={}
        )
        self.restarts_agi = True
        self.begins = True
        """Asterisk gets to a command at once; else it is told of no beginning."""

    # --- what a test makes happen ---------------------------------------------------------------------

    def begin_agi(self, *, ids: Mapping[str, Any] | None = None, **arguments: str) -> None:
        text = "/".join(f"{key}={value}" for key, value in ({"entry": "trunk", "stage": "start"} | arguments).items())
        env = {"dnid": "12345", "arg_1": text}
        self.on_event(
            AgiStarted(
                **(ids or IDS),
                caller_number="13904730001",
                caller_name="张三",
                context="hotline-flow",
                extension="s",
                priority=1,
                env=env,
            )
        )

    def end_agi(self) -> None:
        self.on_event(AgiEnded(**IDS))

    def press(self, digits: str) -> None:
        for digit in digits:
            self.on_event(DigitPressed(**IDS, digit=digit, duration_ms=100))

    def result(self, command_id: str, result: str) -> None:
        self.on_event(AgiCommandDone(**IDS, command_id=command_id, result=result))

    def caller_hangs_up(self) -> None:
        self.on_event(HangupRequested(**IDS, cause=16))
        self.on_event(AgiEnded(**IDS))
        self.on_event(ChannelHungUp(**IDS, cause=0, cause_text=""))
        self.gone = True

    def done(self, command: str, command_id: str) -> None:
        self.result(command_id, "200 result=0")
        if command == "ASYNCAGI BREAK":
            self.end_agi()

    # --- the protocol ---------------------------------------------------------------------------------

    def _check(self) -> None:
        if not self.ready:
            raise PhoneUnavailableError("No link.")
        if self.gone:
            raise ChannelGoneError("No such channel.")

    async def send_agi(self, channel: str, command: str, command_id: str, *, renew: timedelta | None = None) -> None:
        self._check()
        self.commands.append(command)
        if command.startswith("GET DATA") and self.begins:
            self.on_event(AgiCommandBegan(**IDS, command=command))
        self.answer(command, command_id)

    async def snapshot(self) -> PhoneSnapshot:
        self._check()
        return self.present

    async def redirect(self, channel: str, to: Place, *, extra: tuple[str, Place] | None = None) -> None:
        self._check()
        self.actions.append(("redirect", channel, to.context, to.extension))
        if self.restarts_agi and to.context == "hotline-return":
            self.end_agi()
            self.begin_agi(stage="resume")

    async def hang_up(self, channel: str, *, cause: int = 16) -> None:
        self.actions.append(("hang_up", channel))
        self.on_event(AgiEnded(**IDS))
        self.on_event(ChannelHungUp(**IDS, cause=16, cause_text=""))

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        self._check()
        self.variables[channel, name] = value

    async def get_variable(self, channel: str, name: str) -> str:
        if channel and self.gone:
            raise ChannelGoneError("No such channel.")
        return self.variables.get((channel, name), "")

    async def set_absolute_timeout(self, channel: str, limit: timedelta) -> None:
        self._check()
        self.actions.append(("absolute_timeout", channel, limit))

    async def dial(
        self,
        endpoint: str,
        to: Place,
        *,
        call_id: str,
        unique_id: str,
        caller_number: str,
        caller_name: str = "",
        variables: Mapping[str, str] | None = None,
        ring: timedelta = timedelta(seconds=30),
    ) -> DialResult:
        self.actions.append(("dial", endpoint))
        return DialResult(answered=False, channel="", reason=3)

    async def add_member(
        self,
        queue: str,
        interface: str,
        *,
        member_name: str,
        penalty: int,
        paused: bool,
        pause_reason: str = "",
    ) -> None:
        self.actions.append(("add_member", queue, interface))

    async def remove_member(self, queue: str, interface: str) -> None:
        self.actions.append(("remove_member", queue, interface))

    async def pause_member(self, interface: str, *, paused: bool, reason: str = "") -> None:
        self.actions.append(("pause_member", interface, paused))

    async def leave_room(self, room: str, channel: str) -> None:
        self.actions.append(("leave_room", room, channel))

    async def endpoint_reachable(self, endpoint: str) -> bool:
        return True
