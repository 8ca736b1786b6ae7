"""A key typed at any moment is taken once and in its place: on a real Asterisk."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callflow.events import DigitsEntered, NodeEntered
from hotline.kernel.db import Database
from tests.callflow.service import Service, make_prompts, running_service
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until

pytestmark = pytest.mark.real

PRESSES = 40
FLOW = """
id: keys
entry: start
person: person
nodes:
  start: {action: answer, branches: {done: ask}}
  ask:
    action: menu
    options: {prompts: [welcome, menu-main], keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*"], patience: PT20S}
    branches: {"1": ask, "2": say, "3": ask, "4": say, "5": ask, "6": say, "7": ask, "8": say, "9": ask, "*": ask,
               silence: bye, errors: bye, no_menu: bye}
  say: {action: play, options: {prompts: [connecting-person]}, branches: {done: ask}}
  person:
    action: queue
    options: {queue: public}
    branches: {answered: bye, timed_out: bye, full: bye, no_agents: bye, withdrawn: bye, unavailable: bye}
  bye: {action: hangup}
"""


@pytest.fixture
async def service(speaking_asterisk: RealAsterisk, database: Database, tmp_path: Path) -> AsyncIterator[Service]:
    make_prompts(speaking_asterisk.settings.sounds)
    file = tmp_path / "keys.yaml"
    file.write_text(FLOW, encoding="utf-8")
    async with running_service(speaking_asterisk, database, flow=file) as service:
        yield service
        await speaking_asterisk.hang_up_all()


def digits(service: Service) -> list[str]:
    return [event.digits for event in service.of(DigitsEntered)]


@pytest.mark.parametrize("seed", [1, 2])
async def test_keys_at_any_moment_are_taken_once_and_in_order(service: Service, seed: int) -> None:
    """Between the keys any time from none to longer than the prompts; some are closed by `#`, some held for long."""
    chance = random.Random(seed)
    typed: list[str] = []
    async with PjsuaPhone.caller(service.asterisk) as caller:
        await caller.call_and_wait()
        await service.seen(NodeEntered, node="ask")
        for _ in range(PRESSES):
            key = chance.choice("123456789*")
            held = chance.choice((60, 100, 100, 300, 900))
            keys = key + chance.choice(("", "", "#"))
            caller.press(keys, milliseconds=held)
            typed.append(key)
            # The moment is what is tried: nothing else says when the caller presses. The phone keeps no more than 32
            # keys that it has not sent yet.
            await asyncio.sleep(held * len(keys) / 1000 + chance.choice((0.0, chance.uniform(0.0, 1.2))))
        await until(lambda: len(digits(service)) >= len(typed), within=30, what="all keys are taken")
        # One that came twice would be taken by now: the last thing that is pressed comes after it.
        caller.press("9")
        await until(lambda: len(digits(service)) > len(typed), within=10, what="the last key is taken")
    assert caller.seen("failed") == []
    assert digits(service) == [*typed, "9"]


async def test_a_hash_key_alone_is_taken_once_at_any_moment(service: Service) -> None:
    """Wrong twice, and right between them: three wrong ones in a row would end the call."""
    chance = random.Random(3)
    async with PjsuaPhone.caller(service.asterisk) as caller:
        await caller.call_and_wait()
        await service.seen(NodeEntered, node="ask")
        typed: list[str] = []
        for _ in range(5):
            for key in ("#", "1"):
                count = len(typed)
                # Within two seconds of a key before it, a `#` belongs to that one.
                await asyncio.sleep(2.2 + chance.uniform(0.0, 0.8) if key == "#" and typed else 0.0)
                caller.press(key)
                typed.append(key)
                await until(lambda count=count: len(digits(service)) > count, what="the key is taken")  # type: ignore[misc]
        assert digits(service) == typed
