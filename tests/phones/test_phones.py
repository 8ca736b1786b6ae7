"""The test phones themselves, between two agents' desk phones and over the trunk."""

from __future__ import annotations

import pytest

from tests.fakes.hearing import load_sound, tone_levels
from tests.phones.asterisk import MUSIC_HZ, RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.sipp import Digits, HangUp, Pause, SippCaller

pytestmark = pytest.mark.real


async def test_two_agents_hear_each_others_tones(real_asterisk: RealAsterisk) -> None:
    async with PjsuaPhone.desk_phone(real_asterisk, "1001") as one, PjsuaPhone.desk_phone(real_asterisk, "1002") as two:
        two.answers(after=0.2)
        one.tone(500)
        two.tone(900)
        await one.call_and_wait("1002")
        await two.wait_for("confirmed")
        one.press("5")
        assert (await two.wait_for("digit"))["digit"] == "5"
        for phone, own, other in ((one, 500.0, 900.0), (two, 900.0, 500.0)):
            samples, rate = load_sound(await phone.listen(0.5))
            levels = tone_levels(samples, rate, (own, other))
            assert levels[other] > -25
            assert levels[other] > levels[own] + 20
        one.hold()
        await one.wait_for("holding")
        samples, rate = load_sound(await two.listen(0.5))
        assert tone_levels(samples, rate, (MUSIC_HZ,))[MUSIC_HZ] > -35
        one.unhold()
        await one.wait_for("media")
        one.hang_up()
        assert (await two.wait_for("disconnected"))["code"] == 200


async def test_a_call_of_the_trunk_is_answered(real_asterisk: RealAsterisk) -> None:
    async with PjsuaPhone.caller(real_asterisk, "13900001234", name='张"三\\') as caller:
        await caller.call_and_wait("12345")
        assert any(name.startswith("PJSIP/trunk-") for name in await real_asterisk.channels())
        caller.hang_up()
        await caller.wait_for("disconnected")


async def test_a_wrong_secret_is_refused(real_asterisk: RealAsterisk) -> None:
    phone = PjsuaPhone(real_asterisk, host=real_asterisk.other_host, user="1003", secret="wrong-secret")
    with pytest.raises(AssertionError, match="refused"):
        async with phone:
            pass


async def test_sipp_calls_from_a_number_and_hangs_up(real_asterisk: RealAsterisk) -> None:
    result = await SippCaller(real_asterisk, "13900005678", name='李"四').call(Pause(0.2), Digits("12"), HangUp())
    assert (result.status, result.ended_by, result.completed) == (200, "caller", True)
    assert "13900005678@" in result.messages
