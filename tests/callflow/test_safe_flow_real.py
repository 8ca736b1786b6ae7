"""The safe flow: what callers get while no service is there, walked on a real Asterisk."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from callflow.compile import compile_safe_flow
from hotline.onebox.configure import write_safe_flow
from tests.callflow.calls import shipped_flow
from tests.callflow.service import hears
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def safe_flow(speaking_asterisk: RealAsterisk) -> None:
    write_safe_flow(speaking_asterisk.instance, compile_safe_flow(shipped_flow()))


@pytest.fixture
async def asterisk(speaking_asterisk: RealAsterisk, safe_flow: None) -> AsyncIterator[RealAsterisk]:
    before = speaking_asterisk.log_size()
    await speaking_asterisk.cli("dialplan reload")
    assert "pbx_config" not in speaking_asterisk.log(before)
    yield speaking_asterisk
    await speaking_asterisk.cli("queue remove member PJSIP/1001 from enterprise")
    await speaking_asterisk.cli("queue remove member PJSIP/1001 from public")
    await speaking_asterisk.hang_up_all()


async def in_queue(asterisk: RealAsterisk, queue: str) -> bool:
    async def waiting() -> bool:
        return f"{queue} has 1 calls" in await asterisk.cli(f"queue show {queue}")

    return await until(waiting, what=f"a caller waits in {queue}")


async def test_the_menu_is_heard_and_key_1_waits_for_the_enterprise_desk(asterisk: RealAsterisk) -> None:
    async with PjsuaPhone.caller(asterisk) as caller:
        await caller.call_and_wait()
        await hears(caller, "welcome")
        caller.press("1")
        await in_queue(asterisk, "enterprise")


async def test_a_key_in_the_greeting_is_kept_for_the_menu(asterisk: RealAsterisk) -> None:
    async with PjsuaPhone.caller(asterisk) as caller:
        await caller.call_and_wait()
        caller.press("2")
        await in_queue(asterisk, "public")


async def test_0_in_the_greeting_reaches_a_person(asterisk: RealAsterisk) -> None:
    async with PjsuaPhone.caller(asterisk) as caller:
        await caller.call_and_wait()
        caller.press("0")
        await in_queue(asterisk, "public")


async def test_three_wrong_keys_reach_a_person(asterisk: RealAsterisk) -> None:
    async with PjsuaPhone.caller(asterisk) as caller:
        await caller.call_and_wait()
        for _ in range(3):
            caller.press("9")
            await caller.listen(0.6)
        await in_queue(asterisk, "public")


async def test_a_talk_a_rating_in_queue_log_and_an_end(asterisk: RealAsterisk) -> None:
    async with PjsuaPhone.desk_phone(asterisk, "1001") as agent, PjsuaPhone.caller(asterisk) as caller:
        agent.answers(after=0.2)
        await asterisk.cli("queue add member PJSIP/1001 to enterprise penalty 0 as 1001")
        await caller.call_and_wait()
        caller.press("1")
        await agent.wait_for("confirmed")
        # In the middle of the announcement of the agent's number.
        await caller.listen(0.6)
        await hears(caller, "survey-ask", when=agent.hang_up)
        caller.press("4")
        await caller.wait_for("disconnected", within=15)
    log = (asterisk.settings.asterisk_logs / "queue_log").read_text()
    assert "|enterprise|1001|SURVEY|4" in log
