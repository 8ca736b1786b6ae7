"""`kill -9` of the service with calls in the menu, in the queue and in talk."""

from __future__ import annotations

import pytest

from tests.faults.figures import FaultFigure, Figures, Stopwatch
from tests.faults.stage import finished, first_talking, lost, new_number, scene_in, until_at, where
from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


async def test_started_again_at_once_every_call_continues_where_it_was(city: City, figures: Figures) -> None:
    async with scene_in(city) as scene, PjsuaPhone.caller(city.asterisk, new_number()) as newcomer:
        await city.kill()
        await newcomer.call_and_wait()
        await until_at(city, newcomer.user, "in_safe_flow")
        watch = Stopwatch()
        await city.start()
        recovery = watch.seconds
        assert (at := await where(city, scene.choosing.user)) is not None
        assert at.in_service
        scene.choosing.press("1")
        await until_at(city, scene.choosing.user, "waiting")
        assert (at := await where(city, scene.waiting.user)) is not None
        assert at.waiting
        gap = await scene.assert_talk_goes_on()
        gone = await lost(city, (*scene.callers, newcomer))
        newcomer.hang_up()
        await scene.end()
        numbers = [phone.user for phone in (*scene.callers, newcomer)]
        found = await finished(scene.log, numbers)
        figures.add(
            FaultFigure(
                fault="service killed (`kill -9`), started again at once",
                calls=4,
                lost=gone,
                missing=4 - len(found),
                recovery=recovery,
                recovered="start of the process until callers are served again, calls taken up",
                gap=gap,
            )
        )
        assert gone == 0
        assert set(found) == set(numbers)
        assert all(record["gap"] for record in found.values())
        assert found[newcomer.user]["safe_reason"] == "no-client"
        assert found[scene.talking.user]["outcome"] == "answered"
        chosen = found[scene.choosing.user]
        assert [step["node"] for step in chosen["path"]][-2:] == ["to-enterprise", "enterprise-queue"]
        assert chosen["queue"] == "enterprise"


async def test_gone_for_long_asterisk_serves_every_call_and_the_log_learns_of_it(city: City, figures: Figures) -> None:
    async with scene_in(city) as scene, PjsuaPhone.caller(city.asterisk, new_number()) as newcomer:
        await city.kill()
        await newcomer.call_and_wait()
        # Nobody renews the dead-man's timer: the caller in the menu gets the safe flow's menu.
        watch = Stopwatch()
        await until_at(city, scene.choosing.user, "in_safe_flow", within=40)
        stranded = watch.seconds
        scene.choosing.press("1")
        newcomer.press("1")
        await until_at(city, scene.choosing.user, "waiting")
        await until_at(city, newcomer.user, "waiting")
        gap = await scene.assert_talk_goes_on()
        gone = await lost(city, (*scene.callers, newcomer))
        # The agent hangs up and is rung for the next in the queue, though nobody is there to tell the page.
        scene.agent.rings()
        scene.agent.hang_up()
        await scene.agent.wait_for("disconnected")
        await scene.agent.wait_for("ringing", within=15)
        scene.agent.answer()
        served = await first_talking(city, (scene.waiting, scene.choosing, newcomer))
        scene.talking.press("2")
        await scene.talking.wait_for("disconnected", within=20)
        # One who waits gives up before the service is back, the others after it.
        rest = [phone for phone in (scene.waiting, scene.choosing, newcomer) if phone is not served]
        rest[0].hang_up()
        await rest[0].wait_for("disconnected")
        await city.start()
        for phone in (served, rest[1]):
            phone.hang_up()
            await phone.wait_for("disconnected")
        numbers = [phone.user for phone in (*scene.callers, newcomer)]
        found = await finished(scene.log, numbers)
        figures.add(
            FaultFigure(
                fault="service killed and gone for long",
                calls=4,
                lost=gone,
                missing=4 - len(found),
                recovery=stranded,
                recovered="death of the service until the safe flow has the caller who was in the menu",
                gap=gap,
            )
        )
        assert gone == 0
        assert set(found) == set(numbers)
        assert all(record["gap"] for record in found.values())
        assert found[scene.talking.user]["outcome"] == "answered"
        assert found[scene.talking.user]["agents"] == ["1001"]
        assert found[scene.talking.user]["survey"] == 2
        assert found[served.user]["outcome"] == "answered"
        assert [found[phone.user]["outcome"] for phone in rest] == ["abandoned_queue"] * 2
        assert found[newcomer.user]["safe_reason"] == "no-client"
