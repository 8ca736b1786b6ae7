"""One city for all faults; each test gets it running and in order, and leaves no call behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.faults.figures import Figures
from tests.faults.stage import runs
from tests.stories.city import City, build_city


@pytest.fixture(scope="session")
def figures() -> Iterator[Figures]:
    """What the tests measure."""
    figures = Figures()
    yield figures
    figures.keep()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def the_city() -> AsyncIterator[City]:
    async with build_city() as city:
        yield city


@pytest_asyncio.fixture(loop_scope="session")
async def city(the_city: City) -> AsyncIterator[City]:
    if not await runs(the_city):
        await the_city.start()
    yield the_city
