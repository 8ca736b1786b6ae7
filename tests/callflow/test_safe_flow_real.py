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


async def at(asterisk: RealAsterisk, extension: str) -> None:
    """The caller has come to this node of the safe flow."""

    async def there() -> bool:
        return f"!hotline-safe-flow!{extension}!" in await asterisk.cli("core show channels concise")

    await until(there, what=f"the caller is at {extension}")


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


@pytest.mark.parametrize("keys", ["1#", "4#1#"])
async def test_each_key_may_be_closed_with_a_hash_key(asterisk: RealAsterisk, keys: str) -> None:
    async with PjsuaPhone.caller(asterisk) as caller:
        await caller.call_and_wait()
        caller.press(keys)
        await in_queue(asterisk, "enterprise")


async def test_a_hash_key_closes_the_key_before_and_cuts_no_prompt(asterisk: RealAsterisk) -> None:
    async with PjsuaPhone.caller(asterisk) as caller:
        await caller.call_and_wait()
        caller.press("4")
        await at(asterisk, "n_english_menu")
        await hears(caller, "menu-main", when=lambda: caller.press("#"))
        caller.press("1")
        await at(asterisk, "n_to_enterprise")
        await hears(caller, "connecting-enterprise", when=lambda: caller.press("#"))
        await in_queue(asterisk, "enterprise")


async def test_a_hash_key_alone_is_one_wrong_key_and_no_silence(asterisk: RealAsterisk) -> None:
    async with PjsuaPhone.caller(asterisk) as caller:
        await caller.call_and_wait()
        await at(asterisk, "n_menu")
        await hears(caller, "menu-invalid", when=lambda: caller.press("#"))
        # With the two that are closed, four `#` and one wrong key would be errors enough for a person.
        caller.press("9#")
        await hears(caller, "menu-invalid")
        caller.press("1#")
        await in_queue(asterisk, "enterprise")


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
