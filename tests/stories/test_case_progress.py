"""A caller asks by keys how a case stands, and hears it, or reaches a person."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from statistics import fmean

import pytest
import pytest_asyncio

from tests.phones.pjsua import PjsuaPhone
from tests.stories.hall import AskedCase, open_hall
from tests.stories.office import ITSELF, Office, keys, nodes, said_in_turn

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


ANOTHER = 0.5
"""At most so alike is another sentence of the same voice; what jitter has cut pieces out of may be below `ITSELF`."""


def spoken(asked: AskedCase, language: str = "zh") -> list[str]:
    """The sound files that say how the case stands."""
    ones = "hotline/digit-yao" if language == "zh" else "digits/1"
    digits = [ones if digit == "1" else f"digits/{digit}" for digit in asked.number]
    date = ["hotline/progress-next", f"hotline/month-{asked.promised.month}", *_number(asked.promised.day, language)]
    day = ["hotline/date-day"] if language == "zh" else []
    return ["hotline/progress-of", *digits, "hotline/progress-interim", *date, *day]


def _number(day: int, language: str) -> list[str]:
    """As Asterisk says a day of a month."""
    if day <= (10 if language == "zh" else 20) or day % 10 == 0:
        return [f"digits/{day}"]
    return [f"digits/{day // 10 * 10}", f"digits/{day % 10}"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked(the_office: Office) -> AsyncIterator[AskedCase]:
    async with open_hall(the_office.city) as hall:
        yield await hall.promised()


async def test_number_and_code_are_keyed_and_state_and_date_heard(office: Office, asked: AskedCase) -> None:
    async with office.caller() as caller:
        await office.comes_to(caller, "menu")
        caller.press("5")
        await office.comes_to(caller, "progress")
        caller.press(f"{asked.number}#{asked.code}#")
        call = await office.comes_to(caller, "progress-more", within=60)
        assert fmean(said_in_turn(office.city, await caller.heard(), *spoken(asked))) > ITSELF
        assert keys(call) == ["5"]
        caller.press("0")
        await office.comes_to(caller, "public-queue")
    nothing_keyed_is_kept(office, asked)


async def test_all_is_typed_ahead_each_closed_by_a_hash_key_in_english(office: Office, asked: AskedCase) -> None:
    async with office.caller() as caller:
        caller.press(f"4#5#{asked.number}#{asked.code}#")
        call = await office.comes_to(caller, "progress-more", within=60)
        heard = await caller.heard()
        assert fmean(said_in_turn(office.city, heard, *spoken(asked, "en"), language="en")) > ITSELF
        assert said_in_turn(office.city, heard, "hotline/progress-number", language="en")[0] < ITSELF
        assert keys(call) == ["4", "5"]


async def hears(office: Office, caller: PjsuaPhone, seconds: float, *prompts: str) -> bool:
    """Whether these are played in turn within so long from now."""
    return fmean(said_in_turn(office.city, await caller.listen(seconds), *prompts)) > ANOTHER


async def test_three_wrong_codes_lead_to_a_person(office: Office, asked: AskedCase) -> None:
    async with office.caller() as caller:
        caller.press("5")
        await office.comes_to(caller, "progress")
        # Not closed by `#`: the patience after the last key closes it.
        caller.press(asked.number)
        assert await hears(office, caller, 15, "hotline/progress-code")
        caller.press(f"{asked.wrong_code}#")
        wrong = ("hotline/progress-wrong", "hotline/progress-number")
        assert await hears(office, caller, 10, *wrong)
        caller.press(f"{asked.number}#{asked.wrong_code}#")
        assert await hears(office, caller, 13, *wrong)
        caller.press(f"{asked.number}#{asked.wrong_code}#")
        call = await office.comes_to(caller, "public-queue", within=20)
        assert nodes(call)[-3:] == ["progress", "to-person", "public-queue"]
        failed = ("hotline/progress-failed", "hotline/connecting-person")
        assert fmean(said_in_turn(office.city, await caller.heard(), *failed)) > ANOTHER
    nothing_keyed_is_kept(office, asked)


@pytest.mark.parametrize("at_the_code", [False, True], ids=["number", "code"])
async def test_0_instead_of_an_entry_reaches_a_person(office: Office, asked: AskedCase, at_the_code: bool) -> None:
    async with office.caller() as caller:
        caller.press("5")
        await office.comes_to(caller, "progress")
        caller.press(f"{asked.number}#0" if at_the_code else "0")
        call = await office.comes_to(caller, "public-queue", within=20)
        assert nodes(call)[-3:] == ["progress", "to-person", "public-queue"]


def nothing_keyed_is_kept(office: Office, asked: AskedCase) -> None:
    """Neither code is in any file of the instance, nor the number in a log."""
    settings = office.city.settings
    codes = re.compile(rb"(?<!\d)(" + f"{asked.code}|{asked.wrong_code}".encode() + rb")(?!\d)")
    sounds = (settings.sounds, settings.recordings)
    logs = 0
    for file in settings.home.rglob("*"):
        if not file.is_file() or any(folder in file.parents for folder in sounds):
            continue
        content = file.read_bytes()
        assert not codes.search(content), file
        if "log" in file.name or "log" in file.parent.name:
            logs += 1
            assert asked.number.encode() not in content, file
    assert logs > 1
