"""A prompt that the operator has recorded: callers hear it from the next call on, nothing is started again."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.hearing import Samples, load_sound, tone_levels
from tests.phones.asterisk import write_tone
from tests.stories.city import City, environment
from tests.stories.office import Office

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

RECORDED_HZ, SECONDS = 2200, 2.0
"""The operator's recording: a tone that nobody else in the stories has."""


async def prompt(city: City, *arguments: str) -> str:
    """`hotline prompt …` beside the running service; what it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hotline", "prompt", *arguments),
        env=environment(city.settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


async def welcome(office: Office) -> float:
    """For how many seconds a new caller hears the recorded tone on the way to the menu."""
    async with office.caller() as caller:
        await office.comes_to(caller, "menu")
        return seconds_of(RECORDED_HZ, await caller.heard())


def seconds_of(hertz: int, sound: Path) -> float:
    """How long nothing but this tone is heard."""
    samples, rate = load_sound(sound)
    frames = np.array_split(samples, max(1, round(len(samples) / rate * 20)))
    return sum(is_tone(frame, rate, hertz) for frame in frames) / 20


def is_tone(frame: Samples, rate: int, hertz: int) -> bool:
    loudness = 10 * np.log10(2 * np.mean(np.square(frame, dtype=np.float64)) + 1e-12)
    return bool(loudness > -30 and tone_levels(frame, rate, (hertz,))[hertz] > loudness - 2)


async def test_it_is_what_the_next_caller_hears_and_forgotten_gives_way_to_the_voice(
    office: Office, tmp_path: Path
) -> None:
    city, service, asterisk = office.city, office.city.pid, office.city.asterisk.pid
    # As it comes from a recorder: at its own rate.
    recording = write_tone(tmp_path / "welcome.wav", RECORDED_HZ, seconds=SECONDS, rate=44100)
    assert await welcome(office) == 0
    try:
        await prompt(city, "upload", "welcome", "zh", str(recording))
        assert await welcome(office) == pytest.approx(SECONDS, abs=0.3)
    finally:
        await prompt(city, "forget", "welcome", "zh")
    assert await welcome(office) == 0
    assert (city.pid, city.asterisk.pid) == (service, asterisk)
    assert await city.ready()
