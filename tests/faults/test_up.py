"""`hotline up` as a newcomer runs it: started, stopped, started again, and interrupted at bad moments."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
import pytest_asyncio

from tests.faults.figures import Stopwatch
from tests.phones.asterisk import RealAsterisk
from tests.phones.waiting import until
from tests.stories.box import ANSWERS, Box, Terminal

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

SECOND_START = 10.0
"""Seconds; what a newcomer is promised."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def the_box() -> AsyncIterator[Box]:
    """An instance of this module's own, which has been up once."""
    place = RealAsterisk()
    try:
        async with Box(place) as box:
            pass
        yield box
    finally:
        place.stop_now()


@pytest_asyncio.fixture(loop_scope="session")
async def box(the_box: Box) -> AsyncIterator[Box]:
    """It is down, before the test and after."""
    try:
        yield the_box
    finally:
        await the_box.clear()


def assert_nothing_left(box: Box) -> None:
    assert box.processes() == {}
    assert "Traceback" not in box.log()


async def test_a_second_start_is_quick_and_shows_a_newcomer_everything(box: Box) -> None:
    watch = Stopwatch()
    await box.launch()
    await box.until_says(ANSWERS)
    seconds = watch.seconds
    print(f"second start: {seconds:.1f} s")  # noqa: T201  # for the README
    async with aiohttp.ClientSession() as http, http.get(f"{box.city.address}/readyz") as answer:
        assert answer.status == 200
    await box.until_says("Ctrl-C")
    told = box.log()
    for page in ("workspace", "calls", "call"):
        assert f"{box.city.address}/{page}" in told
    for username, password in box.city.passwords.items():
        assert any({username, password} <= set(line.split()) for line in told.splitlines())
    assert {"agent1", "supervisor"} <= set(box.city.passwords)
    assert "hotline phone 1003" in told
    assert "hotline call " in told
    assert await box.stop(signal.SIGINT) == 0
    assert_nothing_left(box)
    assert seconds <= SECOND_START


async def test_a_second_ctrl_c_does_not_cut_the_stop(box: Box) -> None:
    await box.launch()
    await box.until_says(ANSWERS)
    (asterisk,) = (pid for pid, command in box.processes().items() if "asterisk.conf" in command)
    os.kill(asterisk, signal.SIGSTOP)  # So that the stop lasts until it is told.
    box.send(signal.SIGINT)
    await box.until_says("Stopping…")
    box.send(signal.SIGINT)
    box.send(signal.SIGTERM)
    await box.until_says("Still stopping…")
    os.kill(asterisk, signal.SIGCONT)
    assert await box.ended() == 0
    assert_nothing_left(box)


async def test_closing_its_terminal_stops_it_to_the_last_process(box: Box) -> None:
    with Terminal() as terminal:
        await box.launch(terminal)
        await box.until_says(ANSWERS)
        assert any("asterisk.conf" in command for command in box.processes().values())
    # Its words go nowhere now: nobody is there to be told that it stops.
    assert await box.ended() == 0
    assert_nothing_left(box)


def has_database(box: Box) -> bool:
    return "Database ready" in box.log()


def boots_asterisk(box: Box) -> bool:
    # By its configuration: an Asterisk that is only asked for its version names none.
    there = any("asterisk.conf" in command for command in box.processes().values())
    return has_database(box) and there and not has_asterisk(box)


def has_asterisk(box: Box) -> bool:
    return "Asterisk ready" in box.log()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("stage", [has_database, boots_asterisk, has_asterisk])
async def test_it_can_be_stopped_while_it_starts(
    box: Box, stage: Callable[[Box], bool], number: signal.Signals
) -> None:
    await box.launch()
    await until(lambda: stage(box), within=60, each=0.01, what="the stage is reached")
    assert await box.stop(number) == 0
    assert "Stopping…" in box.log()
    assert ANSWERS not in box.log()
    assert_nothing_left(box)
