"""One city for all stories of a run, built once; each story leaves it as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.stories.city import City, build_city


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def the_city() -> AsyncIterator[City]:
    async with build_city() as city:
        yield city


@pytest_asyncio.fixture(loop_scope="session")
async def city(the_city: City) -> AsyncIterator[City]:
    """The shared city, with no call left over from the story before."""
    try:
        yield the_city
    finally:
        await the_city.asterisk.hang_up_all()
