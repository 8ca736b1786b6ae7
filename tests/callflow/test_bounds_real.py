"""How many may call at once: nobody holds the places of all, and those who are served keep their sound."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.phones.asterisk import RealAsterisk
from tests.phones.raw_caller import RawCaller
from tests.phones.web_caller import callers

pytestmark = pytest.mark.real

CALLER = "<sip:13904730001@trunk.example>"


@asynccontextmanager
async def bound(asterisk: RealAsterisk, name: str, most: int) -> AsyncIterator[None]:
    before = (await asterisk.cli("dialplan show globals")).partition(f"{name}=")[2].split()[0]
    await asterisk.cli(f"dialplan set global {name} {most}")
    try:
        yield
    finally:
        await asterisk.hang_up_all()
        await asterisk.cli(f"dialplan set global {name} {before}")


async def test_one_address_does_not_take_the_places_of_the_others(real_asterisk: RealAsterisk) -> None:
    async with bound(real_asterisk, "HOTLINE_WEB_CALLS_PER_ADDRESS", 3):
        async with callers(real_asterisk, "127.0.5.1", 4) as first, callers(real_asterisk, "127.0.5.2", 1) as second:
            assert (first, second) == ([200, 200, 200, 486], [200])
        async with callers(real_asterisk, "127.0.5.1", 1) as again:
            assert again == [200]


async def test_callers_behind_a_proxy_on_this_machine_are_not_taken_for_one(real_asterisk: RealAsterisk) -> None:
    async with bound(real_asterisk, "HOTLINE_WEB_CALLS_PER_ADDRESS", 1):
        async with callers(real_asterisk, "127.0.0.1", 2) as answers:
            assert answers == [200, 200]


async def test_the_limit_by_address_can_be_left_to_a_proxy_elsewhere(real_asterisk: RealAsterisk) -> None:
    async with bound(real_asterisk, "HOTLINE_WEB_CALLS_PER_ADDRESS", 0):
        async with callers(real_asterisk, "127.0.5.1", 2) as answers:
            assert answers == [200, 200]


async def test_more_calls_from_the_trunk_than_are_borne_are_turned_away(real_asterisk: RealAsterisk) -> None:
    logged = real_asterisk.log_size()
    async with bound(real_asterisk, "HOTLINE_TRUNK_CALLS", 2):
        async with AsyncExitStack() as stack:
            for _ in range(2):
                await stack.enter_async_context(RawCaller.answered(real_asterisk, CALLER))
            assert [await RawCaller.turned_away(real_asterisk, CALLER) for _ in range(2)] == [503, 503]
            async with callers(real_asterisk, "127.0.5.1", 1) as web:
                assert web == [200]
        async with RawCaller.answered(real_asterisk, CALLER):
            pass
    assert real_asterisk.log(logged).count("turned away") == 1
