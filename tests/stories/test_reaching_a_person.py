"""A caller reaches a person: by key, by 0, by silence, by mistakes, as a known enterprise."""

from __future__ import annotations

import pytest

from tests.fakes.hearing import load_sound, tone_levels
from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

STRANGER = "13800990001"
KNOWN = "13904730001"


async def test_by_key_and_the_whole_call_is_in_the_log(city: City) -> None:
    async with (
        PjsuaPhone.caller(city.asterisk, STRANGER) as caller,
        PjsuaPhone.desk(city.asterisk, "1001") as phone,
        city.desk("agent1") as desk,
    ):
        await desk.ready()
        caller.tone(700)
        phone.tone(1100)
        await caller.call_and_wait()
        caller.press("1")
        call = await desk.wait_call("ringing", within=20)
        assert call["queue"] == "enterprise"
        assert [step["digits"] for step in call["path"] if step["digits"]] == ["1"]
        await phone.wait_for("ringing")
        phone.answer()
        await desk.wait_call("talking")
        # The agent's number is announced to the caller first; then they talk.
        await caller.listen(4)
        for ear, own, other in ((caller, 700.0, 1100.0), (phone, 1100.0, 700.0)):
            levels = tone_levels(*load_sound(await ear.listen(1)), (own, other))
            assert levels[other] > -30
            assert levels[other] > levels[own] + 15
        phone.hang_up()
        await desk.wait_state("wrap_up")
        await caller.listen(4)
        caller.press("2")
        await caller.wait_for("disconnected", within=20)
        await desk.do("finish_wrap_up")
        await desk.do("sign_out")
    record = await city.record_of(STRANGER)
    assert record["outcome"] == "answered"
    assert record["agents"] == ["1001"]
    assert record["survey"] == 2
    assert record["ended_by"] == "agent"
    assert record["talk_seconds"] >= 5
    assert record["recording"]["sides"] == ["mix", "caller", "agent"]
    assert [attempt["result"] for attempt in record["attempts"]] == ["answered"]
