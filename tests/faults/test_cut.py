"""The AMI connection breaks in the middle of a list."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.figures import FaultFigure, Figures, Stopwatch
from tests.faults.proxy import Proxy
from tests.faults.stage import finished, lost, scene_in, until_at, where
from tests.phones.waiting import until
from tests.stories.city import City

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(city: City) -> AsyncIterator[Proxy]:
    """Between the city's service and its Asterisk."""
    direct = city.settings
    await city.stop()
    async with Proxy.to(direct.ami.host, direct.ami.port) as proxy:
        city.settings = direct.model_copy(update={"ami": direct.ami.model_copy(update={"port": proxy.port})})
        try:
            await city.start()
            yield proxy
        finally:
            await city.stop()
            city.settings = direct


async def test_cut_in_a_list_the_calls_continue_and_nothing_is_half_known(
    city: City, proxy: Proxy, figures: Figures
) -> None:
    async with scene_in(city) as scene:
        before = proxy.cuts
        # The first cut makes the service ask for all channels again; the second comes amid the answer.
        proxy.cut_after(b"Event: CoreShowChannel\r\n")
        watch = Stopwatch()
        proxy.cut()
        await until(lambda: proxy.cuts == before + 2, within=30, what="the connection was cut amid the list")
        await until(city.ready, within=30, each=0.1, what="the service serves again")
        recovery = watch.seconds
        assert proxy.cuts == before + 2
        scene.choosing.press("1")
        await until_at(city, scene.choosing.user, "waiting")
        assert (at := await where(city, scene.waiting.user)) is not None
        assert at.waiting
        gap = await scene.assert_talk_goes_on()
        async with city.workspace("agent1") as workspace:
            assert workspace.agent["state"] == "talking"
            assert workspace.call is not None
            assert workspace.call["caller"]["number"]
        gone = await lost(city, scene.callers)
        await scene.end()
        numbers = [phone.user for phone in scene.callers]
        found = await finished(scene.log, numbers)
        figures.add(
            FaultFigure(
                fault="AMI connection cut, and again in the middle of a list",
                calls=3,
                lost=gone,
                missing=3 - len(found),
                recovery=recovery,
                recovered="first cut until callers are served again",
                gap=gap,
            )
        )
        assert gone == 0
        assert set(found) == set(numbers)
        assert found[scene.talking.user]["outcome"] == "answered"
