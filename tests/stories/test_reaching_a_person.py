"""A caller reaches a person: by key, by 0, by silence, by mistakes, as a known enterprise."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import AgentPage
from tests.stories.office import KNOWN, TONES, Office, hear, keys, nodes, said

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


def has_pressed(key: str, call: dict[str, Any]) -> bool:
    return key in " ".join(keys(call))


async def rings(workspace: AgentPage, phone: PjsuaPhone) -> dict[str, Any]:
    """The call that rings at a workspace, on the page and on the phone."""
    call = await workspace.wait_call("ringing", within=30)
    await phone.wait_for("ringing")
    return call


async def test_by_key_and_the_whole_call_is_in_the_log(office: Office) -> None:
    phone = office["1001"]
    async with office.on_duty() as workspace, office.caller() as caller:
        phone.tone(TONES["agent"])
        caller.press("1")
        call = await rings(workspace, phone)
        assert call["queue"] == "enterprise"
        assert keys(call) == ["1"]
        phone.answer()
        await workspace.wait_call("talking")
        # The agent's number is announced to the caller first; then they talk.
        await hear({caller: {"agent"}, phone: {"caller"}})
        await caller.listen(2)
        phone.hang_up()
        await workspace.wait_state("wrap_up")
        caller.press("2")
        await caller.wait_for("disconnected", within=20)
    record = await office.record(call["call_id"])
    assert record["outcome"] == "answered"
    assert record["agents"] == ["1001"]
    assert record["survey"] == 2
    assert record["ended_by"] == "agent"
    assert record["talk_seconds"] >= 2
    assert record["recording"]["sides"] == ["mix", "caller", "agent"]
    assert [attempt["result"] for attempt in record["attempts"]] == ["answered"]


async def test_by_0_during_the_welcome(office: Office) -> None:
    async with office.on_duty() as workspace, office.caller() as caller:
        caller.press("0")
        call = await rings(workspace, office["1001"])
        assert call["queue"] == "public"
        assert keys(call) == ["0"]
        assert "menu" not in nodes(call)


async def test_by_0_in_the_menu(office: Office) -> None:
    async with office.on_duty() as workspace, office.caller() as caller:
        await office.comes_to(caller, "menu")
        caller.press("0")
        call = await rings(workspace, office["1001"])
        assert call["queue"] == "public"
        assert nodes(call)[-3:] == ["menu", "to-person", "public-queue"]


async def test_by_0_in_the_english_menu(office: Office) -> None:
    async with office.on_duty() as workspace, office.caller() as caller:
        caller.press("4")
        await office.comes_to(caller, "english-menu")
        caller.press("0")
        call = await rings(workspace, office["1001"])
        assert call["queue"] == "public"
        assert keys(call) == ["4", "0"]


async def test_the_english_menu_is_heard_in_english(office: Office) -> None:
    async with office.caller() as caller:
        caller.press("4")
        await office.comes_to(caller, "english-menu")
        await caller.heard()
        menu = await caller.listen(9)
        assert await said(menu, "menu-main", language="en") > 0.7


async def test_the_welcome_says_whom_one_has_reached_and_that_it_is_recorded(office: Office) -> None:
    async with office.caller() as caller:
        await office.comes_to(caller, "menu")
        welcome = await caller.heard()
        assert await said(welcome, "welcome") > 0.7
        assert await said(welcome, "recording-notice") > 0.7


async def test_by_silence(hurried: Office) -> None:
    async with hurried.on_duty() as workspace, hurried.caller() as caller:
        call = await rings(workspace, hurried["1001"])
        assert call["queue"] == "public"
        assert keys(call) == []
        heard = await caller.heard()
        # The menu is offered twice; the second time the caller is told why.
        assert await said(heard, "menu-silence") > 0.7
        assert await said(heard, "connecting-person") > 0.7


async def test_by_three_errors(office: Office) -> None:
    async with office.on_duty() as workspace, office.caller() as caller:
        await office.comes_to(caller, "menu")
        await caller.heard()
        caller.press("9")
        assert await said(await caller.listen(3), "menu-invalid") > 0.7
        # No `#`: within two seconds of another key it would only close that one.
        for key in "*8":
            caller.press(key)
            # What is typed behind a wrong key counts for nothing, so the next must wait for the answer.
            await office.until_call(caller, partial(has_pressed, key), what=f"told that {key} is wrong")
        call = await rings(workspace, office["1001"])
        assert call["queue"] == "public"
        assert keys(call) == ["9 * 8"]


async def test_by_keys_typed_ahead_during_the_welcome(office: Office) -> None:
    async with office.on_duty() as workspace, office.caller() as caller:
        caller.press("41")
        call = await rings(workspace, office["1001"])
        assert call["queue"] == "enterprise"
        assert keys(call) == ["4", "1"]


async def test_a_known_enterprise_skips_the_menu_and_goes_first(office: Office) -> None:
    phone = office["1001"]
    async with office.caller() as stranger:
        stranger.press("11")
        await office.comes_to(stranger, "enterprise-queue")
        async with office.caller(KNOWN) as caller:
            await office.comes_to(caller, "enterprise-queue")
            async with office.on_duty() as workspace:
                call = await rings(workspace, phone)
                assert call["enterprise"]["name"] == "乌海市黄河湾葡萄酒业有限公司"
                assert call["contact"]["name"] == "李娜"
                assert keys(call) == []
                assert "menu" not in nodes(call)
                await workspace.wait(lambda w: w.pop and w.pop["call_id"] == call["call_id"], what="the screen pop")
                pop = workspace.pop
                assert pop is not None
                assert pop["enterprise"]["name"] == call["enterprise"]["name"]
                assert [case["title"] for case in pop["open_cases"]] == ["经营范围变更材料被退回"]
                assert [case["title"] for case in pop["past_cases"]] == ["葡萄酒小微企业税收优惠咨询"]
                assert await said(await caller.heard(), "enterprise-known") > 0.7
