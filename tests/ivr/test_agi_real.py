"""What the AGI layer believes of Asterisk, held against a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import SystemClock
from ivr.ami import AmiClient
from ivr.events import (
    AgiCommandBegan,
    AgiCommandDone,
    AgiEnded,
    AgiStarted,
    ChannelEvent,
    ChannelHungUp,
    DigitPressed,
    PhoneEvent,
)
from ivr.switchboard import Place
from tests.callflow.service import make_prompts
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until

pytestmark = pytest.mark.real


class InAgi:
    """A caller in AGI, with everything the phone side reports of it."""

    def __init__(self, ami: AmiClient, caller: PjsuaPhone, events: list[ChannelEvent]) -> None:
        self.ami, self.caller, self.events = ami, caller, events
        self.channel = next(event.channel for event in events if isinstance(event, AgiStarted))
        self._count = 0

    async def send(self, command: str) -> str:
        self._count += 1
        id = f"belief-{self._count}"
        await self.ami.switchboard.send_agi(self.channel, command, id)
        return id

    async def run(self, command: str) -> str:
        return await self.result(await self.send(command))

    async def result(self, id: str) -> str:
        def find() -> str:
            done = (event for event in self.events if isinstance(event, AgiCommandDone) and event.command_id == id)
            return next((event.result.strip() for event in done), "")

        return await until(find)

    async def has_begun(self, commands: int) -> None:
        """Asterisk runs the last of so many commands that report their beginning."""
        await until(lambda: self.kinds().count("AgiCommandBegan") == commands)

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


@asynccontextmanager
async def in_agi(asterisk: RealAsterisk) -> AsyncIterator[InAgi]:
    make_prompts(asterisk.settings.sounds)
    phone: Dispatcher[PhoneEvent] = Dispatcher()
    events: list[ChannelEvent] = []
    kinds = (AgiStarted, AgiCommandBegan, AgiCommandDone, AgiEnded, DigitPressed, ChannelHungUp)
    phone.subscribe(lambda event: events.append(event), *kinds)  # type: ignore[arg-type]
    ami = AmiClient(asterisk.settings.ami, SystemClock(), phone.deliver)
    await ami.start()
    try:
        await until(lambda: ami.ready)
        await ami.switchboard.set_variable("", "APP_LEASE", "9999999999")
        async with PjsuaPhone.caller(asterisk) as caller:
            await caller.call_and_wait()
            await until(lambda: any(isinstance(event, AgiStarted) for event in events))
            yield InAgi(ami, caller, events)
    finally:
        await ami.switchboard.set_variable("", "APP_LEASE", "0")
        await ami.close()
        await asterisk.hang_up_all()


async def test_get_data_distinguishes_digit_closing_key_and_silence(real_asterisk: RealAsterisk) -> None:
    async with in_agi(real_asterisk) as call:
        commands = (
            ("3", 'GET DATA "" 3000 1', "200 result=3"),
            ("#", 'GET DATA "" 3000 1', "200 result="),
            ("12#", 'GET DATA "" 3000 4', "200 result=12"),
            ("12", 'GET DATA "" 800 4', "200 result=12 (timeout)"),
            ("", 'GET DATA "" 300 1', "200 result= (timeout)"),
        )
        for number, (keys, command, result) in enumerate(commands, start=1):
            id = await call.send(command)
            await call.has_begun(number)
            if keys:
                call.caller.press(keys)
            assert await call.result(id) == result


async def test_get_data_takes_one_file_and_survives_a_missing_one(real_asterisk: RealAsterisk) -> None:
    async with in_agi(real_asterisk) as call:
        assert await call.run('GET DATA "hotline/welcome&hotline/menu-main" 300 1') == "200 result=-1"
        assert await call.run("GET DATA hotline/nowhere 300 1") == "200 result=-1"
        assert await call.run("GET DATA hotline/welcome 300 1") == "200 result= (timeout)"


async def test_stream_file_of_a_missing_file_ends_agi_and_the_dialplan_begins_it_again(
    real_asterisk: RealAsterisk,
) -> None:
    async with in_agi(real_asterisk) as call:
        await call.send('STREAM FILE hotline/nowhere ""')
        await until(lambda: call.kinds().count("AgiStarted") == 2)
        started = [event for event in call.events if isinstance(event, AgiStarted)][1]
        assert "stage=failed" in started.env["arg_1"]


async def test_a_key_between_two_commands_is_known_by_its_event_alone(real_asterisk: RealAsterisk) -> None:
    async with in_agi(real_asterisk) as call:
        call.caller.press("7")
        await until(lambda: "DigitPressed" in call.kinds())
        assert await call.run('GET DATA "" 300 1') == "200 result= (timeout)"


async def test_a_key_during_a_command_comes_between_its_beginning_and_its_result(real_asterisk: RealAsterisk) -> None:
    async with in_agi(real_asterisk) as call:
        line = 'GET DATA "" 5000 1'
        id = await call.send(line)
        await until(lambda: "AgiCommandBegan" in call.kinds())
        call.caller.press("7")
        assert await call.result(id) == "200 result=7"
        assert call.kinds()[-3:] == ["AgiCommandBegan", "DigitPressed", "AgiCommandDone"]
        began = next(event for event in call.events if isinstance(event, AgiCommandBegan))
        assert began.command == line


async def test_a_redirect_restarts_agi_and_says_so_in_order(real_asterisk: RealAsterisk) -> None:
    async with in_agi(real_asterisk) as call:
        id = await call.send('GET DATA "" 5000 1')
        await call.has_begun(1)
        await call.ami.switchboard.redirect(call.channel, Place(context="hotline-return", extension="resume"))
        await until(lambda: call.kinds().count("AgiStarted") == 2)
        assert await call.result(id) == "200 result=-1"
        assert call.kinds()[-3:] == ["AgiCommandDone", "AgiEnded", "AgiStarted"]


async def test_a_hang_up_answers_the_running_command_and_no_queued_one(real_asterisk: RealAsterisk) -> None:
    async with in_agi(real_asterisk) as call:
        await call.send('GET DATA "" 5000 1')
        await call.send('GET DATA "" 5000 1')
        await call.has_begun(1)
        call.caller.hang_up()
        await until(lambda: "ChannelHungUp" in call.kinds())
        assert call.kinds()[-3:] == ["AgiCommandDone", "AgiEnded", "ChannelHungUp"]
