"""The service stands still for 15 s (SIGSTOP), as on a machine that swaps or a disk that hangs."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.figures import FaultFigure, Figures, Stopwatch
from tests.faults.stage import call_until_served, finished, lost, new_number, newcomers, scene_in, until_at, where
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.city import City

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


async def test_new_callers_get_the_safe_flow_and_the_service_catches_up(city: City, figures: Figures) -> None:
    async with (
        scene_in(city) as scene,
        PjsuaPhone.caller(city.asterisk, new_number()) as early,
        PjsuaPhone.caller(city.asterisk, new_number()) as late,
        newcomers(city) as callers_after,
    ):
        city.freeze()
        watch = Stopwatch()
        try:
            # Within the lease a caller is still sent to the service; the dead-man's timer fetches this one.
            await early.call_and_wait()
            await until(lambda: watch.seconds > 11, within=15, what="the lease has run out")
            await late.call_and_wait()
            await until_at(city, late.user, "in_safe_flow")
            await until_at(city, early.user, "in_safe_flow")
            # The fault itself lasts this long: nothing tells but the clock.
            await asyncio.sleep(max(0.0, 15 - watch.seconds))
        finally:
            city.thaw()
        watch = Stopwatch()
        after = await call_until_served(city, scene.log, callers_after)
        recovery = watch.seconds
        gap = await scene.assert_talk_goes_on()
        scene.choosing.press("1")
        await until_at(city, scene.choosing.user, "waiting")
        assert (at := await where(city, scene.waiting.user)) is not None
        assert at.waiting
        gone = await lost(city, (*scene.callers, early, late, after[-1]))
        for phone in (early, late, after[-1]):
            phone.hang_up()
        await scene.end()
        numbers = [phone.user for phone in (*scene.callers, early, late, *after)]
        found = await finished(scene.log, numbers)
        figures.add(
            FaultFigure(
                fault="service stands still for 15 s (SIGSTOP)",
                calls=len(numbers),
                lost=gone,
                missing=len(numbers) - len(found),
                recovery=recovery,
                recovered="SIGCONT until the service leads a new caller through the flow",
                gap=gap,
            )
        )
        assert gone == 0
        assert set(found) == set(numbers)
        assert found[late.user]["safe_reason"] == "stale-lease"
        assert found[early.user]["safe_reason"] == "dead-man"
        assert found[scene.talking.user]["outcome"] == "answered"
