"""Asterisk dies and comes back: its calls are lost, everything else is rebuilt."""

from __future__ import annotations

import pytest

from tests.faults.figures import FaultFigure, Figures, Stopwatch
from tests.faults.stage import finished, lost, new_number, scene_in, until_at
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.city import City

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


async def test_members_and_agents_are_rebuilt_and_the_lost_calls_are_in_the_log(city: City, figures: Figures) -> None:
    # Registered for longer than the second after which Asterisk has it on disk.
    async with PjsuaPhone.desk_phone(city.asterisk, "1002") as phone, scene_in(city) as scene:
        async with city.workspace("agent2") as colleague:
            await colleague.ready()
            await colleague.wait_state("ringing")
            watch = Stopwatch()
            await city.asterisk.kill()
            await city.asterisk.back()
            await until(city.ready, within=30, each=0.1, what="the service serves again")
            recovery = watch.seconds
            gone = await lost(city, scene.callers)
            # The phones do not know yet that the other side is gone.
            for one in (*scene.callers, scene.agent, phone):
                one.hang_up()
            numbers = [caller.user for caller in scene.callers]
            found = await finished(scene.log, numbers)
            # Whose phone rang is ready again, without a touch; who talked wraps up.
            assert colleague.agent["state"] == "ready"
            async with city.workspace("agent1") as workspace:
                assert workspace.agent["state"] == "wrap_up"
            async with PjsuaPhone.caller(city.asterisk, new_number()) as newcomer:
                phone.answers()
                await newcomer.call_and_wait()
                newcomer.press("1")
                await until_at(city, newcomer.user, "talking")
                await colleague.wait_state("talking")
                newcomer.hang_up()
                await newcomer.wait_for("disconnected")
                numbers.append(newcomer.user)
                found |= await finished(scene.log, [newcomer.user])
            await colleague.do("sign_out")
        figures.add(
            FaultFigure(
                fault="Asterisk killed",
                calls=4,
                lost=gone,
                missing=4 - len(found),
                recovery=recovery,
                recovered="death of Asterisk until callers are served again",
            )
        )
        assert set(found) == set(numbers)
        for caller in scene.callers:
            assert found[caller.user]["ended_by"] in ("system", "")
        assert found[scene.talking.user]["outcome"] == "answered"
        assert found[newcomer.user]["agents"] == ["1002"]
